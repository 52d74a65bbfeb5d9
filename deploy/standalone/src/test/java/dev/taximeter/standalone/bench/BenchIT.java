package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** A small run on the real processes, so that the benchmark never rots. Nothing timed is judged. */
class BenchIT {
  @Test
  void aSmallRunMeasuresAndIsRight(@TempDir Path directory) throws Exception {
    StringWriter output = new StringWriter();
    CommandLine command = new CommandLine(new BenchCommand()).setOut(new PrintWriter(output, true));
    int exit =
        command.execute(
            "--lines", "2000", "--latency-seconds", "1", "--keep", directory.toString());
    JsonNode report = Json.MAPPER.readTree(output.toString());
    assertThat(exit).isZero();
    assertThat(report.path("checks").path("billed").asLong()).isEqualTo(2_000);
    assertThat(report.path("checks").path("residual").asLong()).isZero();
    assertThat(report.path("checks").path("wrongAccounts").asLong()).isZero();
    assertThat(report.path("checks").path("auditDifferences").asLong()).isZero();
    assertThat(report.path("endToEndLinesPerSecond").asLong()).isPositive();
    assertThat(report.path("pipeLinesPerSecond").asLong()).isPositive();
    assertThat(report.path("latencyMillis").path("count").asLong()).isEqualTo(1_000);
    assertThat(report.path("processes").propertyNames())
        .contains("api", "bench", "broker", "clickhouse", "metering");
    assertThat(Files.exists(directory.resolve("bench"))).isTrue();
  }

  @Test
  void aSmallYearIsReadExactly(@TempDir Path directory) throws Exception {
    StringWriter output = new StringWriter();
    CommandLine command = new CommandLine(new BenchCommand()).setOut(new PrintWriter(output, true));
    command.execute(
        "reads",
        "--events",
        "100000",
        "--accounts",
        "40",
        "--seconds",
        "1",
        "--rate",
        "40",
        "--keep",
        directory.toString());
    JsonNode report = Json.MAPPER.readTree(output.toString());
    assertThat(report.path("exact").asBoolean()).isTrue();
    assertThat(report.path("events").asLong()).isEqualTo(100_000);
    assertThat(report.path("windowRows").asLong()).isGreaterThan(100_000);
    assertThat(report.path("reads").size()).isEqualTo(9);
    assertThat(report.path("reads").get(1).path("latency").path("count").asLong()).isEqualTo(40);
  }

  @Test
  void aBreachIsRefused() throws Exception {
    StringWriter output = new StringWriter();
    CommandLine command = new CommandLine(new BenchCommand()).setOut(new PrintWriter(output, true));
    int exit = command.execute("gate", "--rate", "20", "--seconds", "1");
    JsonNode report = Json.MAPPER.readTree(output.toString());
    assertThat(exit).isZero();
    assertThat(report.path("latencyMillis").path("count").asLong()).isEqualTo(20);
    assertThat(report.path("breachToRefusalMillis").path("count").asLong())
        .isEqualTo(Breach.LINES_PER_SECOND / Breach.LINES_PER_BREACH);
  }
}
