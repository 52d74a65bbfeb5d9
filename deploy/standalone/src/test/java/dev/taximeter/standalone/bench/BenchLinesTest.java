package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchLinesTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir private Path directory;

  @Test
  void noLineComesTwiceAndAllAreCounted() throws IOException {
    BenchLines one = BenchLines.write(directory.resolve("one"), 2_000, 1, NOW);
    BenchLines other = BenchLines.write(directory.resolve("other"), 2_000, 2, NOW);
    List<String> lines = Files.readAllLines(one.file());
    lines.addAll(Files.readAllLines(other.file()));
    assertThat(lines).hasSize(4_000);
    assertThat(new HashSet<>(lines)).hasSize(4_000);
    assertThat(one.bytes()).isEqualTo(Files.size(one.file()));
    assertThat(one.expected().values().stream().mapToLong(BenchLines.Totals::requests).sum())
        .isEqualTo(2_000);
    assertThat(one.expected().values())
        .allMatch(totals -> totals.inputTokens() > 0 && totals.requests() > 0);
  }

  @Test
  void theSameSeedGivesTheSameFile() throws IOException {
    BenchLines one = BenchLines.write(directory.resolve("one"), 100, 7, NOW);
    BenchLines again = BenchLines.write(directory.resolve("again"), 100, 7, NOW);
    assertThat(again.file()).hasSameBinaryContentAs(one.file());
    assertThat(again.expected()).isEqualTo(one.expected());
  }
}
