package dev.taximeter.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.doctor.Finding.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineChecksTest {
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");

  @Test
  void memoryAndDiskHaveAFloorAndAComfortableLevel() {
    assertThat(MachineChecks.memory(2 * GIB - 1).status()).isEqualTo(Status.FAILURE);
    assertThat(MachineChecks.memory(2 * GIB).status()).isEqualTo(Status.WARNING);
    assertThat(MachineChecks.memory(4 * GIB)).isEqualTo(Finding.ok("memory", "4.0 GiB of memory."));
    assertThat(MachineChecks.disk(Path.of("/d"), 2 * GIB - 1).status()).isEqualTo(Status.FAILURE);
    assertThat(MachineChecks.disk(Path.of("/d"), 3 * GIB).status()).isEqualTo(Status.WARNING);
    assertThat(MachineChecks.disk(Path.of("/d"), 10 * GIB).finding())
        .isEqualTo("10.0 GiB free for /d.");
  }

  @Test
  void aDiskIsJudgedByTheNearestDirectoryThatExists(@TempDir Path directory) {
    assertThat(MachineChecks.disk(directory.resolve("not/yet")).finding())
        .contains(directory.toString())
        .doesNotContain("not/yet");
  }

  @Test
  void aClockInThePastOrOneThatJumpsIsReported() {
    assertThat(MachineChecks.clock(NOW, Duration.ofMillis(1)).status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.clock(Instant.parse("1970-01-01T00:00:09Z"), Duration.ZERO).status())
        .isEqualTo(Status.FAILURE);
    assertThat(MachineChecks.clock(NOW, Duration.ofSeconds(-3)).status()).isEqualTo(Status.WARNING);
  }

  @Test
  void aFileSystemWithAnotherClockIsReported() {
    assertThat(MachineChecks.fileClock(Duration.ofMillis(-9)).status()).isEqualTo(Status.OK);
    assertThat(MachineChecks.fileClock(Duration.ofSeconds(5)).status()).isEqualTo(Status.WARNING);
    assertThat(MachineChecks.fileClock(Duration.ofMinutes(-11)).status()).isEqualTo(Status.FAILURE);
  }

  @Test
  void aMissingNpmIsAWarningSinceClickHouseMayBeElsewhere() throws InterruptedException {
    Finding finding = MachineChecks.npm(List.of("no-such-program-as-this"));

    assertThat(finding.status()).isEqualTo(Status.WARNING);
    assertThat(finding.fix()).contains("apt install npm");
  }
}
