package dev.taximeter.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLockTest {
  @TempDir private Path folder;
  private DataDirectory directory;

  @BeforeEach
  void create() throws IOException {
    directory = new DataDirectory(folder);
    directory.create();
  }

  @Test
  void secondLauncherIsToldWhoHoldsTheDirectory() throws Exception {
    try (InstanceLock lock = InstanceLock.acquire(directory)) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> InstanceLock.acquire(directory))
          .isInstanceOf(InstanceLock.HeldException.class)
          .hasMessage(
              "%s is in use by process %d; stop that Taximeter first, or choose another --data-dir",
              directory.root(), ProcessHandle.current().pid());
    }
    InstanceLock.acquire(directory).close();
  }

  @Test
  void whatRunsIsReadBackAndToldFromALaterProcessOfTheSameNumber() throws IOException {
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current());
    Instance instance = instance(self);
    directory.record(instance);

    assertThat(directory.instance()).contains(instance);
    assertThat(instance.isRunning()).isTrue();
    assertThat(instance(new ProcessIdentity(self.pid(), Instant.EPOCH)).isRunning()).isFalse();
  }

  private static Instance instance(ProcessIdentity supervisor) {
    return new Instance(
        supervisor,
        Map.of("broker", supervisor),
        "http://127.0.0.1:8080",
        Map.of("metering", 4711),
        "kafka-client.properties",
        new ClickHouseTarget("jdbc:clickhouse:http://127.0.0.1:1/", "a", "b", "c", "d"),
        "/etc/taximeter/gateway.yaml");
  }
}
