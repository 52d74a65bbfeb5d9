package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  @TempDir private Path folder;

  @Test
  void firstStartListsClassesAndTheNextUsesTheArchive() throws Exception {
    Path jar = jar("one");
    Path archives = folder.resolve("archives");
    ClassArchive first = ClassArchive.of(archives, "api", List.of(jar));
    run(first.options(), jar);
    first.make(JAVA, Processes.ARCHIVE_OPTIONS);
    first.discardList();

    ClassArchive second = ClassArchive.of(archives, "api", List.of(jar));
    assertThat(second.exists()).isTrue();
    List<String> options = second.options();
    assertThat(options).hasSize(1);
    assertThat(options.get(0)).startsWith("-XX:SharedArchiveFile=" + archives);
    run(Stream.concat(options.stream(), Stream.of("-Xshare:on")).toList(), jar);
    assertThat(files(archives)).hasSize(1);
  }

  @Test
  void anotherBuildHasAnotherArchiveAndLeftoversGo() throws Exception {
    Path archives = Files.createDirectories(folder.resolve("archives"));
    Files.writeString(archives.resolve("api-00000000.999999999.classes"), "");
    Files.writeString(archives.resolve("api-00000000.999999999.classes.jsa"), "");
    Files.writeString(archives.resolve("broker-00000000.jsa"), "");
    ClassArchive one = ClassArchive.of(archives, "api", List.of(jar("one")));
    ClassArchive two = ClassArchive.of(archives, "api", List.of(jar("two")));

    assertThat(one.options()).isNotEqualTo(two.options());
    assertThat(files(archives)).containsExactly("broker-00000000.jsa");
  }

  private Path jar(String name) throws IOException {
    Path jar = folder.resolve(name + ".jar");
    try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(jar))) {
      output.putNextEntry(new JarEntry(name));
    }
    return jar;
  }

  private static void run(List<String> options, Path jar) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of(JAVA));
    command.addAll(options);
    command.addAll(Processes.ARCHIVE_OPTIONS);
    command.addAll(List.of("-cp", jar.toString(), "-version"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
