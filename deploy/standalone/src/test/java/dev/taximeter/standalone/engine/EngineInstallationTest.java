package dev.taximeter.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class EngineInstallationTest {
  private static final Path FOLDER = Path.of("engine");

  @Test
  void everyPackageIsPinnedByVersionAndHashAndNamesNoAddress() throws IOException {
    JsonNode wanted = read("package.json").path("optionalDependencies");
    JsonNode locked = read("package-lock.json").path("packages");

    assertThat(wanted.propertyNames()).isNotEmpty();
    for (String name : wanted.propertyNames()) {
      JsonNode entry = locked.path("node_modules/" + name);
      assertThat(wanted.path(name).asString()).isEqualTo(EngineInstallation.VERSION);
      assertThat(entry.path("version").asString("")).isEqualTo(EngineInstallation.VERSION);
      assertThat(entry.path("integrity").asString("")).startsWith("sha512-");
      assertThat(entry.has("resolved")).isFalse();
    }
  }

  private static JsonNode read(String file) throws IOException {
    return Json.MAPPER.readTree(Files.readAllBytes(FOLDER.resolve(file)));
  }
}
