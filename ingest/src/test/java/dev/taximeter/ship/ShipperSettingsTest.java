package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShipperSettingsTest {
  @Test
  void readsFilesHostAndId() {
    ShipperSettings settings =
        ShipperSettings.read(
            new Environment(
                Map.of(
                    "TAXIMETER_LOG_FILES",
                    " /var/log/a.log " + File.pathSeparator + File.pathSeparator + "b/../c*.log",
                    "TAXIMETER_HOST_NAME",
                    "gw-1",
                    "TAXIMETER_SHIPPER_ID",
                    "two")));

    assertThat(settings)
        .isEqualTo(
            new ShipperSettings(
                "gw-1",
                "two",
                List.of("/var/log/a.log", Path.of("c*.log").toAbsolutePath().toString()),
                Duration.ofMillis(100),
                Duration.ofSeconds(60)));
  }

  @Test
  void hasDefaults() {
    assertThat(ShipperSettings.read(new Environment(Map.of()))).isNull();
    ShipperSettings settings =
        ShipperSettings.read(new Environment(Map.of("TAXIMETER_LOG_FILES", "/a")));
    assertThat(settings.shipperId()).isEqualTo("default");
    assertThat(settings.host()).isNotBlank();
  }

  @Test
  void refusesWhatCannotWork() {
    refuses("TAXIMETER_LOG_FILES names /, which", "gw", "id", "/", 100, 60);
    refuses("TAXIMETER_LOG_FILES names a\tb, which is no file path", "gw", "id", "a\tb", 100, 60);
    refuses("TAXIMETER_HOST_NAME must be 1 to 255 characters", "g\tw", "id", "/a", 100, 60);
    refuses("TAXIMETER_SHIPPER_ID must be 1 to 64 characters", "gw", " ", "/a", 100, 60);
    refuses("the shipper's poll interval must be from PT0.001S to PT1M", "gw", "id", "/a", 0, 60);
    refuses("the shipper's grace must be from PT1S to PT1H, not PT0S", "gw", "id", "/a", 100, 0);
    assertThatThrownBy(() -> ShipperSettings.of("gw", "id", List.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessage("TAXIMETER_LOG_FILES must name at least one file");
  }

  private static void refuses(
      String sentence, String host, String id, String file, int pollMillis, int graceSeconds) {
    assertThatThrownBy(
            () ->
                new ShipperSettings(
                    host,
                    id,
                    List.of(file),
                    Duration.ofMillis(pollMillis),
                    Duration.ofSeconds(graceSeconds)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void theProcessNeedsFilesAndKafka(@TempDir Path directory) throws Exception {
    Path config =
        Files.writeString(directory.resolve("k.properties"), "bootstrap.servers=127.0.0.1:9\n");
    Environment nothing = new Environment(Map.of());
    Environment kafkaOnly = new Environment(Map.of("TAXIMETER_KAFKA_CONFIG", config.toString()));

    assertThatThrownBy(() -> ShipperProcess.shipper(nothing))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("TAXIMETER_KAFKA_CONFIG is not set");
    assertThatThrownBy(() -> ShipperProcess.shipper(kafkaOnly))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("TAXIMETER_LOG_FILES is not set");
  }
}
