package dev.taximeter.production;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the compiled services say of themselves, without starting them. */
final class ClassFiles {
  private static final Pattern VARIABLE = Pattern.compile("TAXIMETER_[A-Z_]+[A-Z]");

  private ClassFiles() {}

  /**
   * @param folder such as {@code dev/taximeter/api/}
   * @return class files below it
   */
  static List<byte[]> of(String folder) throws IOException {
    Path origin = origin(folder);
    if (Files.isDirectory(origin)) {
      return read(origin.resolve(folder));
    }
    try (FileSystem jar = FileSystems.newFileSystem(origin)) {
      return read(jar.getPath(folder));
    }
  }

  /** The folder or jar that holds it. */
  private static Path origin(String folder) {
    String witness =
        switch (folder) {
          case "dev/taximeter/api/" -> "dev/taximeter/api/settings/ApiSettings.class";
          case "dev/taximeter/streams/" -> "dev/taximeter/streams/Metering.class";
          default -> "dev/taximeter/contract/topic/Topics.class";
        };
    String url = ClassFiles.class.getClassLoader().getResource(witness).toString();
    try {
      return url.startsWith("jar:")
          ? Path.of(new java.net.URI(url.substring("jar:".length(), url.indexOf('!'))))
          : Path.of(new java.net.URI(url.substring(0, url.length() - witness.length())));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<byte[]> read(Path folder) throws IOException {
    List<byte[]> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".class")).toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          found.add(in.readAllBytes());
        }
      }
    }
    return found;
  }

  /** Environment variables that classes below these folders name. */
  static Set<String> variables(String... folders) {
    Set<String> found = new TreeSet<>();
    for (String folder : folders) {
      try {
        for (byte[] type : of(folder)) {
          Matcher matcher = VARIABLE.matcher(new String(type, StandardCharsets.ISO_8859_1));
          while (matcher.find()) {
            found.add(matcher.group());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found;
  }

  /** Texts of the resources of metering below a folder, in the order of their names. */
  static List<String> texts(String folder, String ending) throws IOException {
    Path origin = origin("dev/taximeter/streams/");
    if (Files.isDirectory(origin)) {
      return texts(origin.resolve(folder), ending);
    }
    try (FileSystem jar = FileSystems.newFileSystem(origin)) {
      return texts(jar.getPath(folder), ending);
    }
  }

  private static List<String> texts(Path folder, String ending) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(it -> it.toString().endsWith(ending)).sorted().toList()) {
        texts.add(Files.readString(file));
      }
    }
    return texts;
  }

  /** Whether the constant pool holds exactly this text. */
  static boolean namesConstant(String content, String name) {
    // A text constant: tag 1, two bytes of length, the bytes.
    return content.contains(
        "\u0001" + (char) (name.length() >> 8) + (char) (name.length() & 0xff) + name);
  }
}
