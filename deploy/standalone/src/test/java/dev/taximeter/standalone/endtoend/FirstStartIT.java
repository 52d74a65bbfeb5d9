package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.demo.DemoTraffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A log that has lines already, a catalogue, and nothing else: what newcomers start with. */
class FirstStartIT {
  private static final int LINES = 200;
  private static final long PATIENCE_SECONDS = 60;

  @Test
  void usageOfTheCataloguesKeysIsTheirs(@TempDir Path directory) throws Exception {
    Path yaml = directory.resolve("demo.yaml");
    DemoTraffic.writeCatalog(yaml, LocalDate.now(ZoneOffset.UTC));
    DemoTraffic traffic = new DemoTraffic(5);
    Path log =
        Files.write(
            directory.resolve("access.log"),
            Stream.generate(() -> traffic.billed(Instant.now()).text()).limit(LINES).toList());
    try (RunningInstallation installation =
        RunningInstallation.start(directory, Files.readString(yaml), List.of(log), "first-start")) {
      long decided = 0;
      long billed = 0;
      for (int i = 0; i < PATIENCE_SECONDS && decided < LINES; i++) {
        Thread.sleep(1_000);
        JsonNode totals = installation.api().get("/v1/accounting").path("total");
        billed = totals.path("billed").asLong();
        decided = billed + totals.path("unattributed").asLong();
      }
      assertThat(billed).isEqualTo(decided).isEqualTo(LINES);
    }
  }
}
