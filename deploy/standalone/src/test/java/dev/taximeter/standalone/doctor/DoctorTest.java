package dev.taximeter.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.doctor.Finding.Status;
import dev.taximeter.standalone.instance.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DoctorTest {
  private static final Finding FINE = Finding.ok("jdk", "Java 17.");
  private static final Finding SO_SO = Finding.warning("disk", "5 GiB free.", "Free 10 GiB.");
  private static final Finding BROKEN = Finding.failure("kafka", "Silent.", "Look into its log.");

  @Test
  void whatDoesNotRunIsNoFailure(@TempDir Path directory) throws InterruptedException {
    List<Finding> findings = Doctor.examine(new DataDirectory(directory.resolve("none")));

    assertThat(findings)
        .filteredOn(
            finding ->
                List.of("kafka", "clickhouse", "api", "lag", "gaps").contains(finding.check()))
        .hasSize(5)
        .allMatch(finding -> finding.status() == Status.NOT_RUNNING);
  }

  @Test
  void theWorstFindingDecides() {
    assertThat(Doctor.worst(List.of(FINE, Finding.notRunning("api")))).isEqualTo(Status.OK);
    assertThat(Doctor.worst(List.of(FINE, SO_SO, FINE))).isEqualTo(Status.WARNING);
    assertThat(Doctor.worst(List.of(BROKEN, SO_SO))).isEqualTo(Status.FAILURE);
  }

  @Test
  void speaksJson() {
    JsonNode json = Json.MAPPER.readTree(Doctor.json(List.of(FINE, BROKEN)));

    assertThat(json.path("status").asString()).isEqualTo("failure");
    assertThat(json.path("checks").get(0).has("fix")).isFalse();
    assertThat(json.path("checks").get(1).path("fix").asString()).isEqualTo("Look into its log.");
  }

  @Test
  void printsTheFixBelowTheFinding() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Doctor.print(List.of(BROKEN), new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "FAILURE      kafka        Silent.", "                          -> Look into its log.");
  }
}
