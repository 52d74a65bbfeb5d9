package dev.taximeter.ship;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds a log file and what rotation has renamed or copied it to. */
final class RotatedFiles {
  /** {@code access.log.1}, {@code access.log-20261103}: what stands behind the live file's name. */
  private static final Pattern SUFFIX = Pattern.compile("[.-]([0-9]{1,18})[0-9A-Za-z._:-]*");

  /** Numbers from here on are dates such as 20261103. */
  private static final long LEAST_DATE = 1_000_000;

  /** Some file systems keep even seconds only; the others lag some milliseconds behind. */
  private static final Duration COARSEST_TIME = Duration.ofSeconds(2);

  /** Links to links that Linux follows. */
  private static final int MOST_LINKS = 40;

  /** How often a directory is looked at again because it changed meanwhile. */
  private static final int MOST_LOOKS = 3;

  /** The kubelet compresses into a file that is called {@code .tmp} until it is whole. */
  private static final Pattern COMPRESSED =
      Pattern.compile(".*\\.(gz|zst|bz2|xz|lz4|zip)|.*" + SUFFIX + "\\.tmp");

  /** Those that a backfill reads. */
  private static final Pattern READABLE = Pattern.compile(".*\\.(gz|zst)");

  private RotatedFiles() {}

  /**
   * A file as it was found.
   *
   * @param fileKey identity that outlives renaming
   * @param live whether it bears the name that the writer writes to
   */
  record Found(Path path, String fileKey, long size, FileTime modified, boolean live) {
    /** Whether it may have been changed after an instant, as far as file systems tell the time. */
    boolean isSince(Instant instant) {
      return modified.toInstant().isAfter(instant.minus(COARSEST_TIME));
    }
  }

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
    } catch (FileSystemException e) {
      if (leadsNowhere(path)) {
        return null;
      }
      throw e;
    }
  }

  /** A link to itself, or to something within what is no directory: no file can ever be there. */
  private static boolean leadsNowhere(Path link) throws IOException {
    Path path = link;
    for (int links = 0; Files.isSymbolicLink(path); links++) {
      if (links == MOST_LINKS) {
        return true;
      }
      path = path.resolveSibling(Files.readSymbolicLink(path));
    }
    Path directory = path.getParent();
    return !path.equals(link) && directory != null && Files.isRegularFile(directory);
  }

  /**
   * Why no file can be read under a name.
   *
   * @param reason a sentence for people
   * @param hidden whether lines may be written where nobody can see them, rather than nowhere
   * @param mayBeRotation whether rotation looks like that for a moment
   */
  record Absence(String reason, boolean hidden, boolean mayBeRotation) {}

  /**
   * To be asked if {@link #find} finds nothing.
   *
   * @param directoryKey identity of the file's directory when the file was last there; null if any
   *     will do
   */
  static Absence absence(Path live, @Nullable String directoryKey) throws IOException {
    if (Files.isDirectory(live)) {
      return new Absence(live + " is a directory; name the file in it", true, false);
    }
    if (Files.exists(live)) {
      return new Absence(live + " is no ordinary file, which alone can be followed", true, false);
    }
    Path directory = live.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return new Absence(
          "%s cannot be read: there is no directory %s; mount or create it"
              .formatted(live, directory),
          true,
          false);
    }
    if (directoryKey != null && !directoryKey.equals(directoryKey(live))) {
      return new Absence(
          "%s cannot be read: %s is another directory than before; mount the right one, or create"
                  .formatted(live, directory)
              + " an empty file of that name, or retire the source (POST /v1/sources/retire),"
              + " if it is gone for good",
          true,
          false);
    }
    if (Files.isSymbolicLink(live)) {
      return new Absence(
          "%s links to %s, which is not there; mount or create it"
              .formatted(live, Files.readSymbolicLink(live)),
          true,
          true);
    }
    return new Absence(
        live
            + " is not there; it is read as soon as it appears; if it never will, do not name it"
            + " any longer, and retire its source (POST /v1/sources/retire)",
        false,
        true);
  }

  /**
   * @return identity of the directory that a file is named in; null if it is not there
   */
  static @Nullable String directoryKey(Path file) throws IOException {
    Path directory = file.getParent();
    try {
      return directory == null
          ? null
          : String.valueOf(Files.readAttributes(directory, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * @param unseen told of what nobody can look at
   * @return what rotation has made of the live file, oldest first, and last the live file
   */
  static List<Found> family(Path live, Unseen unseen) throws IOException {
    Found before = find(live, true);
    List<Found> family = look(live, unseen);
    // A rotation in between would hide the file that was live at first.
    for (int i = 1; i < MOST_LOOKS && !isLast(before, family); i++) {
      before = find(live, true);
      family = look(live, unseen);
    }
    return family;
  }

  /** Told of a file that cannot be looked at, and must not keep others from being read. */
  interface Unseen {
    void file(Path path, IOException reason);
  }

  private static @Nullable Found find(Path path, Unseen unseen) {
    try {
      return find(path, false);
    } catch (IOException e) {
      unseen.file(path, e);
      return null;
    }
  }

  private static boolean isLast(@Nullable Found live, List<Found> family) {
    Found last = family.isEmpty() ? null : family.get(family.size() - 1);
    String lastKey = last != null && last.live ? last.fileKey : "";
    return lastKey.equals(live == null ? "" : live.fileKey);
  }

  private static List<Found> look(Path live, Unseen unseen) throws IOException {
    Path real = withoutLinks(live);
    Path directory = real.getParent();
    Path name = real.getFileName();
    List<Found> family = new ArrayList<>();
    if (directory == null || name == null) {
      return family;
    }
    for (Path path : list(directory)) {
      Found found = isRotated(path, name.toString()) ? find(path, unseen) : null;
      if (found != null) {
        family.add(found);
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

  /**
   * @param unseen told of what nobody can look at
   * @return what rotation has made of the live file and compressed, oldest first, as far as a
   *     backfill can read it
   */
  static List<Found> compressed(Path live, Unseen unseen) throws IOException {
    Path real = withoutLinks(live);
    Path directory = real.getParent();
    String name = String.valueOf(real.getFileName());
    List<Found> compressed = new ArrayList<>();
    for (Path path : directory == null ? List.<Path>of() : list(directory)) {
      boolean ours = hasRotatedName(path, name) && READABLE.matcher(path.toString()).matches();
      Found found = ours ? find(path, unseen) : null;
      if (found != null) {
        compressed.add(found);
      }
    }
    compressed.sort(
        Comparator.comparing(Found::modified)
            .thenComparing(f -> age(f.path, name), Comparator.reverseOrder()));
    return compressed;
  }

  /**
   * What a file was called before rotation renamed it, and perhaps compressed it.
   *
   * @param names live files' names
   * @return the longest that fits; null if none does, if the file has such a name itself, or if no
   *     backfill could read it
   */
  static @Nullable Path liveNameOf(Path rotated, Predicate<Path> names) {
    String name = String.valueOf(rotated.getFileName());
    boolean readable = !isCompressed(rotated) || READABLE.matcher(name).matches();
    if (!readable || (!isCompressed(rotated) && names.test(rotated.getFileName()))) {
      return null;
    }
    for (int end = name.length() - 1; end > 0; end--) {
      Path live = rotated.resolveSibling(name.substring(0, end));
      if (SUFFIX.matcher(name.substring(end)).matches()
          && !isCompressed(live)
          && names.test(live.getFileName())) {
        return live;
      }
    }
    return null;
  }

  /** Siblings stand beside the file itself, not beside a link to it. */
  private static Path withoutLinks(Path live) throws IOException {
    try {
      return live.toRealPath();
    } catch (FileSystemException e) {
      if (e instanceof NoSuchFileException || leadsNowhere(live)) {
        return live;
      }
      throw e;
    }
  }

  static boolean isRotated(Path path, String liveName) {
    return hasRotatedName(path, liveName) && !isCompressed(path);
  }

  private static boolean hasRotatedName(Path path, String liveName) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(liveName) && SUFFIX.matcher(name.substring(liveName.length())).matches();
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
    Matcher suffix =
        SUFFIX.matcher(name.startsWith(liveName) ? name.substring(liveName.length()) : "");
    if (!suffix.matches()) {
      return 0; // A link that led to it may lead elsewhere by now.
    }
    long number = Long.parseLong(suffix.group(1));
    return number < LEAST_DATE ? number : -number;
  }
}
