package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveGatewayTest {
  private static final long NEVER = Long.MAX_VALUE;

  @TempDir Path directory;

  @Test
  void rotatesByRenamingAndLosesNoLine() throws IOException {
    Path log = directory.resolve("access.log");
    List<String> written = new ArrayList<>();
    try (LiveGateway gateway = new LiveGateway(log, 4_000, new GatewaySimulator(1))) {
      for (int i = 0; i < 18; i++) {
        written.add(gateway.writeBilledLine(DemoKey.ALL.get(0)).line().text());
      }
    }

    List<String> found = new ArrayList<>();
    for (int age = LiveGateway.KEPT_FILES; age >= 1; age--) {
      Path rotated = directory.resolve("access.log." + age);
      if (Files.exists(rotated)) {
        assertThat(Files.size(rotated)).isGreaterThanOrEqualTo(4_000);
        found.addAll(Files.readAllLines(rotated));
      }
    }
    found.addAll(Files.readAllLines(log));
    assertThat(found).isEqualTo(written);
    assertThat(directory.resolve("access.log.2")).exists();
  }

  @Test
  void continuesAnExistingLog() throws IOException {
    Path log = directory.resolve("demo/access.log");
    try (LiveGateway gateway = new LiveGateway(log, NEVER, new GatewaySimulator(1))) {
      gateway.writeBilledLine(DemoKey.ALL.get(0));
    }
    try (LiveGateway gateway = new LiveGateway(log, NEVER, new GatewaySimulator(2))) {
      gateway.writeBilledLine(DemoKey.ALL.get(0));
    }

    assertThat(Files.readAllLines(log)).hasSize(2);
  }

  @Test
  void endsWithAWholeLineWheneverItIsStopped() throws IOException, InterruptedException {
    Path log = directory.resolve("access.log");
    try (LiveGateway gateway = new LiveGateway(log, NEVER, new GatewaySimulator(3))) {
      gateway.start();
      while (Files.size(log) == 0) {
        Thread.sleep(10);
      }
    }
    String content = Files.readString(log);
    assertThat(content).endsWith("\n");
  }
}
