package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseSettingsTest {
  private static final String URL = "jdbc:clickhouse:http://127.0.0.1:8123/";

  @Test
  void defaults() {
    LandingSettings settings =
        LandingSettings.from(new Environment(Map.of("TAXIMETER_CLICKHOUSE_URL", URL)));
    assertThat(settings.clickHouse())
        .isEqualTo(new ClickHouseSettings(URL, "taximeter", "default", ""));
    assertThat(settings.flushInterval()).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void everythingSet(@TempDir Path directory) throws IOException {
    Path password = Files.writeString(directory.resolve("password"), "hunter2\n");
    LandingSettings settings =
        LandingSettings.from(
            new Environment(
                Map.of(
                    "TAXIMETER_CLICKHOUSE_URL", URL,
                    "TAXIMETER_CLICKHOUSE_DATABASE", "meter",
                    "TAXIMETER_CLICKHOUSE_USER", "ann",
                    "TAXIMETER_CLICKHOUSE_PASSWORD_FILE", password.toString(),
                    "TAXIMETER_LANDING_FLUSH_INTERVAL", "PT1S")));
    assertThat(settings.clickHouse())
        .isEqualTo(new ClickHouseSettings(URL, "meter", "ann", "hunter2"));
    assertThat(settings.flushInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.toString()).doesNotContain("hunter2");
  }

  @Test
  void wrongValuesAreNamed() {
    assertThatThrownBy(() -> ClickHouseSettings.from(new Environment(Map.of())))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("TAXIMETER_CLICKHOUSE_URL");
    assertThatThrownBy(() -> new ClickHouseSettings("http://127.0.0.1", "a", "b", ""))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("JDBC URL");
    assertThatThrownBy(() -> new ClickHouseSettings(URL, "a`; DROP", "b", ""))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("TAXIMETER_CLICKHOUSE_DATABASE");
  }
}
