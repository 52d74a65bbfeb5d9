package dev.taximeter.ship;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Directories that hold a file which had been read before, by whatever device and inode they had
 * then: mounted anew, or made anew with what was in them. What else was in there and is not there
 * now is gone; in any other directory it may only be out of sight.
 */
final class KnownDirectories {
  /** Identities by directory: the last one of each. */
  private final Map<Path, String> keys = new HashMap<>();

  /** A file of this path was recognised by its content. */
  void recognised(Path file) throws IOException {
    Path directory = file.getParent();
    String key = RotatedFiles.directoryKey(file);
    if (directory != null && key != null) {
      keys.put(directory, key);
    }
  }

  /** Whether a file of this path would be seen if it was there. */
  boolean isKnown(Path file, @Nullable String key) {
    return key != null && key.equals(keys.get(file.getParent()));
  }
}
