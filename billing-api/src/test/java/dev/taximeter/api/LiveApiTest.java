package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LiveApiTest extends ApiTest {
  @Test
  void tellsWhatHappens() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    var response =
        client.send(
            withToken(request("/v1/live")).header("Last-Event-ID", "nonsense").GET().build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      JsonNode first = next(lines);
      assertThat(first.has("earlier")).isTrue();
      assertThat(first.path("accounts").size()).isEqualTo(3);

      // Seen when it arrived, long before it was claimed.
      UsageEvent event = event();
      tail.listener.usage(
          new UsageEvent(
              "acme",
              2,
              event.usage().billedTo("acme-claimed", null, null, Usage.CLAIMED),
              "USD",
              BigDecimal.ONE,
              false,
              List.of()));
      tail.listener.usage(event);
      tail.listener.fate(fate());
      List<JsonNode> seen = new ArrayList<>();
      long requests = 0;
      long others = 0;
      while (requests + others < 2) {
        JsonNode second = next(lines);
        requests += second.path("requests").asLong();
        others += second.path("others").asLong();
        second.path("lines").forEach(seen::add);
      }

      assertThat(requests).isEqualTo(1);
      assertThat(others).isEqualTo(1);
      JsonNode billed =
          seen.stream()
              .filter(line -> line.path("key").asString().startsWith("acme-prod"))
              .findAny()
              .orElseThrow();
      assertThat(seen).anyMatch(line -> line.path("key").asString().equals("acme-claimed"));
      assertThat(billed.path("key").asString()).isEqualTo("acme-prod …0001");
      assertThat(billed.path("tokens").asLong()).isEqualTo(15);
      assertThat(billed.path("cost").asString()).isEqualTo("0.25");
      assertThat(billed.path("source").asString()).isEqualTo("gateway:/var/log/access.log@128");
      JsonNode other =
          seen.stream()
              .filter(line -> !line.path("fate").asString().equals("billed"))
              .findAny()
              .orElseThrow();
      assertThat(other.path("reason").asString()).isEqualTo("foreign-line");
      assertThat(other.path("key").asString()).isEqualTo("abababab…");
    }
  }

  private static JsonNode next(BufferedReader lines) throws Exception {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data:")) {
        return Json.MAPPER.readTree(line.substring("data:".length()));
      }
    }
    throw new AssertionError("the stream ended");
  }

  private UsageEvent event() {
    return new UsageEvent(
        "acme",
        1,
        new Usage(
            "00".repeat(16),
            Fate.BILLED,
            "acme-prod",
            "ab".repeat(32),
            "0001",
            "qwen-max",
            new TokenCounts(10, 0, 0, 5, 0),
            Instant.parse("2026-11-24T09:29:59Z"),
            Instant.parse("2026-11-24T09:29:58Z"),
            Instant.parse("2026-11-24T09:29:59Z"),
            new LineSource("gateway", "/var/log/access.log"),
            128,
            "s1",
            List.of(),
            null),
        "USD",
        new BigDecimal("0.25"),
        false,
        List.of());
  }

  private LineFate fate() {
    return new LineFate(
        "11".repeat(16),
        Fate.QUARANTINED,
        Reason.FOREIGN_LINE,
        false,
        "ab".repeat(32),
        null,
        null,
        Instant.parse("2026-11-24T09:29:59Z"),
        new LineSource("gateway", "/var/log/access.log"),
        -1,
        "s1",
        null);
  }
}
