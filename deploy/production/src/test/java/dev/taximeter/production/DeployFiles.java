package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files that are tested, and how generated ones are kept. */
final class DeployFiles {
  /** Refuses a key that stands twice in one place: the second would win without a word. */
  static final ObjectMapper YAML =
      new ObjectMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static final ObjectMapper JSON = new ObjectMapper();

  /** Set to true, generated files are written instead of compared. */
  private static final String WRITE = "taximeter.deploy.write";

  private DeployFiles() {}

  static Path deploy() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("deploy/standalone"))) {
      folder = folder.getParent();
    }
    return folder.resolve("deploy");
  }

  static Path deploy(String name) {
    return deploy().resolve(name);
  }

  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String name) {
    return text(deploy(name));
  }

  static List<JsonNode> documents(Path file) {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(text(file))) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  static JsonNode yaml(String name) {
    List<JsonNode> documents = documents(deploy(name));
    assertThat(documents).as(name).hasSize(1);
    return documents.get(0);
  }

  /** All files below a folder of {@code deploy/} whose names end so. */
  static List<Path> below(String folder, String ending) {
    try (Stream<Path> files = Files.walk(deploy(folder))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of that name below a folder, the last by path; null if there is none. */
  static Path newest(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.getFileName().toString().equals(name))
          .max(java.util.Comparator.naturalOrder())
          .orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A list in the resources of these tests: lines by the section in brackets that they are in. */
  static Map<String, List<String>> sections(String resource) {
    Map<String, List<String>> sections = new TreeMap<>();
    String section = "";
    try (var in = DeployFiles.class.getResourceAsStream(resource)) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith("[")) {
          section = line.substring(1, line.length() - 1);
          sections.put(section, new java.util.ArrayList<>());
        } else if (!line.startsWith("#") && !line.isBlank()) {
          sections.get(section).add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sections;
  }

  /** A generated file is what the code says. */
  static void generated(String name, String content) {
    Path file = deploy(name);
    if (Boolean.getBoolean(WRITE)) {
      try {
        Files.writeString(file, content);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(Files.exists(file) ? text(file) : "")
        .as("%s is generated; make it anew with -D%s=true", name, WRITE)
        .isEqualTo(content);
  }
}
