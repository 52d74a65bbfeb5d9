package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.settings.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends it early; that it ships is seen with a real broker, in deploy/production. */
class BackfillProcessTest {
  @Test
  void whatIsWrongIsToldByTheExitCode(@TempDir Path folder) throws Exception {
    Path log = Files.writeString(folder.resolve("access.log"), "line\n");
    Path config =
        Files.writeString(folder.resolve("k.properties"), "bootstrap.servers=127.0.0.1:9\n");
    Map<String, String> complete = Map.of("TAXIMETER_KAFKA_CONFIG", config.toString());

    assertThat(BackfillProcess.run(new Environment(Map.of()), List.of(log))).isEqualTo(2);
    assertThat(BackfillProcess.run(new Environment(complete), List.of())).isEqualTo(2);
    assertThat(BackfillProcess.run(new Environment(complete), List.of(folder.resolve("away.log"))))
        .isEqualTo(1);
  }
}
