package dev.taximeter.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.doctor.Finding.Status;
import dev.taximeter.standalone.instance.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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
                List.of(
                        "kafka",
                        "clickhouse",
                        "api",
                        "metering",
                        "lag",
                        "gaps",
                        "sources",
                        "lines",
                        "audit")
                    .contains(finding.check()))
        .hasSize(9)
        .allMatch(finding -> finding.status() == Status.NOT_RUNNING);
  }

  @Test
  void showsWhatMeteringWaitsFor(@TempDir Path directory) throws IOException {
    AtomicReference<String> problems = new AtomicReference<>("");
    HttpServer metering =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metering.createContext(
        "/problems",
        exchange -> {
          byte[] body = problems.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(body.length == 0 ? 200 : 503, Math.max(1, body.length));
          exchange.getResponseBody().write(body.length == 0 ? new byte[1] : body);
          exchange.close();
        });
    metering.start();
    URI address =
        URI.create("http://127.0.0.1:%d/problems".formatted(metering.getAddress().getPort()));
    Path log = directory.resolve("metering.log");
    try {
      assertThat(MeteringCheck.of(address, log).status()).isEqualTo(Status.OK);

      problems.set("late lines wait: ClickHouse is away\na gap\n");
      Finding waits = MeteringCheck.of(address, log);
      assertThat(waits.status()).isEqualTo(Status.WARNING);
      assertThat(waits.finding()).contains("late lines wait: ClickHouse is away; a gap");
      assertThat(waits.fix()).contains(log.toString());

      problems.set("one more\n".repeat(8));
      assertThat(MeteringCheck.of(address, log).finding()).endsWith("and 3 more.");
    } finally {
      metering.stop(0);
    }
    assertThat(MeteringCheck.of(address, log).status()).isEqualTo(Status.FAILURE);
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
