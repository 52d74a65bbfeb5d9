package dev.taximeter.standalone.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningSystemTest {
  private static final LineSource SOURCE = new LineSource("gateway-1", "/var/log/access.log");

  @TempDir private Path folder;

  @Test
  void linesAreReadByTheGatewayFileThatTheSystemRunsWith() throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, "sources:\n- path: \"/var/log/*\"\n  format: cri\n");

    assertThat(runningWith(file.toString()).gateway().formatOf(SOURCE)).isEqualTo(LineFormat.CRI);
    assertThat(runningWith(null).gateway().formatOf(SOURCE)).isEqualTo(LineFormat.PLAIN);
  }

  @Test
  void aGatewayFileThatIsGoneIsNamed() throws IOException {
    RunningSystem system = runningWith(folder.resolve("gone.yaml").toString());

    assertThatThrownBy(system::gateway)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("gone.yaml");
  }

  private RunningSystem runningWith(@Nullable String gateway) throws IOException {
    DataDirectory directory = new DataDirectory(folder);
    directory.create();
    directory.record(
        new Instance(
            ProcessIdentity.of(ProcessHandle.current()),
            Map.of(),
            "http://127.0.0.1:1",
            Map.of(),
            "kafka.properties",
            new ClickHouseTarget("jdbc:clickhouse:http://127.0.0.1:1/", "a", "b", "c", "d"),
            gateway));
    return RunningSystem.find(directory).orElseThrow();
  }
}
