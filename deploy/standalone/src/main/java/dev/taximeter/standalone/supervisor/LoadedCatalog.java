package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.instance.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Which catalogue file was loaded last, and where.
 *
 * @param sha256 of the file's content, 64 hex digits
 * @param kafka which Kafka holds the catalogue
 * @param version of the catalogue with the file in it
 */
record LoadedCatalog(String sha256, String kafka, long version) {
  static LoadedCatalog of(String yaml, String kafka, long version) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String hash = HexFormat.of().formatHex(digest.digest(yaml.getBytes(StandardCharsets.UTF_8)));
      return new LoadedCatalog(hash, kafka, version);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return what the file tells; empty if it is not there, or is damaged} */
  static Optional<LoadedCatalog> read(Path file) {
    try {
      return Optional.ofNullable(
          Json.MAPPER.readValue(Files.readAllBytes(file), LoadedCatalog.class));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    PrivateFiles.write(file, Json.MAPPER.writeValueAsString(this) + "\n");
  }

  /**
   * Whether a file need not be loaded: it is in this catalogue, or what was written over it is. A
   * lower version is that of a Kafka that was wiped.
   *
   * @param now the file, and the version that the catalogue has
   */
  boolean holds(LoadedCatalog now) {
    return now.sha256.equals(sha256) && now.kafka.equals(kafka) && version <= now.version;
  }
}
