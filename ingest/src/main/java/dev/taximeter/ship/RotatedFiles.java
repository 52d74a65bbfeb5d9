package dev.taximeter.ship;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds a log file and what rotation has renamed or copied it to. */
final class RotatedFiles {
  /** {@code access.log.1}, {@code access.log-20261103}: what stands behind the live file's name. */
  private static final Pattern SUFFIX = Pattern.compile("[.-]([0-9]{1,18})[0-9A-Za-z._:-]*");

  /** Numbers from here on are dates such as 20261103. */
  private static final long LEAST_DATE = 1_000_000;

  private static final Pattern COMPRESSED = Pattern.compile(".*\\.(gz|zst|bz2|xz|lz4|zip)");

  private RotatedFiles() {}

  /**
   * A file as it was found.
   *
   * @param fileKey identity that outlives renaming
   * @param live whether it bears the name that the writer writes to
   */
  record Found(Path path, String fileKey, long size, FileTime modified, boolean live) {}

  /**
   * @return the file's identity, or null if there is no such file
   */
  static @Nullable Found find(Path path, boolean live) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        return null;
      }
      Object key = attributes.fileKey();
      return new Found(
          path,
          key == null ? "path=" + path : key.toString(),
          attributes.size(),
          attributes.lastModifiedTime(),
          live);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * @return what rotation has made of the live file, oldest first, and last the live file
   */
  static List<Found> family(Path live) throws IOException {
    // Siblings stand beside the file itself, not beside a link to it.
    Path real = Files.exists(live) ? live.toRealPath() : live;
    Path directory = real.getParent();
    Path name = real.getFileName();
    List<Found> family = new ArrayList<>();
    if (directory == null || name == null) {
      return family;
    }
    for (Path path : list(directory)) {
      if (isRotated(path, name.toString())) {
        Found found = find(path, false);
        if (found != null) {
          family.add(found);
        }
      }
    }
    family.sort(
        Comparator.comparing(Found::modified)
            .thenComparing(f -> age(f.path, name.toString()), Comparator.reverseOrder()));
    Found found = find(live, true);
    if (found != null) {
      family.removeIf(f -> f.fileKey.equals(found.fileKey));
      family.add(found);
    }
    return family;
  }

  static boolean isRotated(Path path, String liveName) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(liveName)
        && SUFFIX.matcher(name.substring(liveName.length())).matches()
        && !isCompressed(path);
  }

  static boolean isCompressed(Path path) {
    return COMPRESSED.matcher(String.valueOf(path.getFileName())).matches();
  }

  static List<Path> list(Path directory) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(paths::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return paths;
  }

  /** By the file's name: rotation counts up, so that higher is older; dates are the other way. */
  private static long age(Path path, String liveName) {
    String name = String.valueOf(path.getFileName());
    Matcher suffix = SUFFIX.matcher(name.substring(liveName.length()));
    if (!suffix.matches()) {
      return 0;
    }
    long number = Long.parseLong(suffix.group(1));
    return number < LEAST_DATE ? number : -number;
  }
}
