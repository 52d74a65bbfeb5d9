package dev.taximeter.standalone.supervisor;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * The classes of a process in a form that the Java machine maps into memory, which nearly halves
 * the work of a start. The first start of a build lists the classes; a separate process of the
 * lowest priority makes the archive later, so that nothing that serves ever waits for it. Whatever
 * goes wrong with an archive only makes starts slower.
 */
final class ClassArchive {
  private static final String ARCHIVE = ".jsa";
  private static final String LIST = ".classes";

  /** A list, or what is made from it, with the number of the launcher that works on it. */
  private static final Pattern LEFTOVER = Pattern.compile("\\.(\\d{1,18})\\" + LIST);

  private final Path folder;
  private final String process;
  private final String classPath;
  private final Path archive;
  private final Path list;

  private ClassArchive(Path folder, String process, List<Path> jars) {
    String name = process + "-" + fingerprint(jars);
    this.folder = folder;
    this.process = process;
    this.classPath = join(jars);
    this.archive = folder.resolve(name + ARCHIVE);
    // Two installations of one clone must not write to one file.
    this.list = folder.resolve(name + "." + ProcessHandle.current().pid() + LIST);
  }

  /**
   * @param folder of all archives
   * @param process name of the process
   * @param jars its class path; another build has other ones, and gets another archive
   */
  static ClassArchive of(Path folder, String process, List<Path> jars) {
    return new ClassArchive(folder, process, jars);
  }

  static String join(List<Path> jars) {
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static String fingerprint(List<Path> jars) {
    StringBuilder content = new StringBuilder(System.getProperty("java.vm.version"));
    for (Path jar : jars) {
      content.append('\n').append(jar);
      content.append(' ').append(jar.toFile().length());
      content.append(' ').append(jar.toFile().lastModified());
    }
    CRC32 checksum = new CRC32();
    checksum.update(content.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  boolean exists() {
    return Files.exists(archive);
  }

  /** For the start of the process: use the archive, or list the classes for one. */
  List<String> options() {
    if (exists()) {
      return List.of("-XX:SharedArchiveFile=" + archive);
    }
    try {
      Files.createDirectories(folder);
      deleteLeftovers();
      return List.of("-XX:DumpLoadedClassList=" + list);
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * Makes the archive from the list that a running process has written. Takes some seconds of a
   * processor that has nothing else to do; interruption ends it.
   *
   * @param java the Java machine
   * @param options of the process that decide whether an archive fits
   */
  void make(String java, List<String> options) throws InterruptedException {
    Path unfinished = list.resolveSibling(list.getFileName() + ARCHIVE);
    Path classes = list.resolveSibling(list.getFileName() + ".complete");
    Process maker = null;
    try {
      if (!Files.exists(list)) {
        return;
      }
      Files.writeString(classes, wholeLines(Files.readString(list)));
      List<String> command = new ArrayList<>(List.of("nice", "-n", "19", java, "-Xshare:dump"));
      command.addAll(options);
      command.addAll(
          List.of(
              "-XX:SharedClassListFile=" + classes,
              "-XX:SharedArchiveFile=" + unfinished,
              "-cp",
              classPath));
      maker =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (maker.waitFor() == 0) {
        deleteOlder();
        Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      // The next start is as slow as this one was.
    } finally {
      if (maker != null) {
        maker.destroyForcibly();
      }
      delete(unfinished);
      delete(classes);
    }
  }

  /** The process that writes the list still runs, so that its last line may be a part of one. */
  private static String wholeLines(String text) {
    return text.substring(0, text.lastIndexOf('\n') + 1);
  }

  /** Archives of earlier builds; a process that still uses one keeps its file open. */
  private void deleteOlder() throws IOException {
    try (DirectoryStream<Path> older = Files.newDirectoryStream(folder, process + "-*" + ARCHIVE)) {
      for (Path file : older) {
        if (!LEFTOVER.matcher(file.getFileName().toString()).find()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** What launchers that were killed left behind. */
  private void deleteLeftovers() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, process + "-*")) {
      for (Path file : files) {
        Matcher matcher = LEFTOVER.matcher(file.getFileName().toString());
        if (matcher.find() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** To be called when the process is not to be started again. */
  void discardList() {
    delete(list);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A small file stays behind until the next clean build.
    }
  }
}
