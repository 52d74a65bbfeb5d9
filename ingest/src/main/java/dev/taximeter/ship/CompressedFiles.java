package dev.taximeter.ship;

import dev.taximeter.ship.RotatedFiles.Found;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds files of a path that rotation compressed before anybody read them: while Kafka or the
 * shipper was away, a file can appear, be rotated and be compressed. They are not read, since only
 * a person can say that they are whole, but they are missed. A compressed file is told from others
 * by its first line, as everywhere.
 */
final class CompressedFiles {
  /** Contents and files that are remembered: far more than rotation keeps. */
  private static final int MOST_KNOWN = 1_000;

  private final Path live;
  private final String host;

  /** Contents of files that were read, or are being read, the last ones last. */
  private final Set<String> read = remembering();

  /** Keys of compressed files that were looked at and are still there. */
  private final Set<String> known = new HashSet<>();

  /** What was compressed since came while nobody looked; null if nobody ever had. */
  private final @Nullable Instant lastLook;

  private boolean begun;

  /**
   * @param lastLook when an earlier follower last looked here; null if none did
   */
  CompressedFiles(Path live, String host, @Nullable Instant lastLook) {
    this.live = live;
    this.host = host;
    this.lastLook = lastLook;
  }

  private static Set<String> remembering() {
    return Collections.newSetFromMap(
        new LinkedHashMap<String, Boolean>() {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_KNOWN;
          }
        });
  }

  /** The file is read from its first line on. */
  void reads(@Nullable String identity) {
    String content = identity == null ? "" : FileIdentity.content(identity);
    if (!content.isEmpty()) {
      read.add(content);
    }
  }

  /**
   * Looks at compressed files that were not there before.
   *
   * @param missed identities of files that are looked for. When this looks first, whatever was
   *     compressed after one of them came while nobody looked, and so did what is younger than the
   *     last look; all else is from before
   * @return identities of those that nobody has read, oldest first
   */
  List<String> unread(Collection<String> missed) throws IOException {
    Map<Found, String> found = new LinkedHashMap<>();
    List<Found> present = RotatedFiles.compressed(live);
    Set<String> keys = new HashSet<>();
    present.forEach(file -> keys.add(file.fileKey()));
    known.retainAll(keys);
    for (Found file : present) {
      String identity = known.contains(file.fileKey()) ? null : identity(file);
      if (identity != null) {
        found.put(file, identity);
      }
    }
    Set<String> contents = new LinkedHashSet<>();
    missed.forEach(identity -> contents.add(FileIdentity.content(identity)));
    boolean since = begun;
    List<String> unread = new ArrayList<>();
    for (Map.Entry<Found, String> file : found.entrySet()) {
      String content = FileIdentity.content(file.getValue());
      known.add(file.getKey().fileKey());
      // Of one that is empty nothing is missing.
      if ((since || isSinceLastLook(file.getKey()))
          && !content.isEmpty()
          && !read.contains(content)) {
        unread.add(file.getValue());
      }
      since |= contents.contains(content);
      if (!begun && !content.isEmpty()) {
        // From before; a copy of it is, too.
        read.add(content);
      }
    }
    begun = true;
    return unread;
  }

  private boolean isSinceLastLook(Found file) {
    return lastLook != null && file.isSince(lastLook);
  }

  /** Null as long as it cannot be told: it may just be written. */
  private @Nullable String identity(Found file) {
    byte[] head = new byte[FileContent.WITNESS_BYTES];
    int length = 0;
    boolean ended = false;
    InputFile input = InputFile.unchecked(file.path(), InputStream.nullInputStream());
    try (InputFile.Opened opened = input.open()) {
      while (length < head.length && !ended) {
        int count = opened.read(head, length, head.length - length);
        ended = count < 0;
        length += Math.max(0, count);
      }
    } catch (IOException | UnreadableFileException e) {
      return null;
    }
    return FileIdentity.of(host, file.fileKey(), head, length);
  }
}
