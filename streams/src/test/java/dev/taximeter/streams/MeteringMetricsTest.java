package dev.taximeter.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.landing.LandingFigures;
import dev.taximeter.streams.landing.LandingFiguresProbe;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MeteringMetricsTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+(?:\\{[a-z]+=\"[a-z0-9.-]+\"\\})?) (-?[0-9.]+(?:E[0-9]+)?|NaN)");

  private static Map<String, String> parsed(String text) {
    Map<String, String> samples = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# HELP taximeter_") || line.startsWith("# TYPE taximeter_")) {
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      samples.put(sample.group(1), sample.group(2));
    }
    return samples;
  }

  private static byte[] fate(Reason reason, boolean leakage) {
    return Json.MAPPER.writeValueAsBytes(
        new LineFate(
            "f".repeat(32),
            Fate.UNBILLABLE,
            reason,
            leakage,
            null,
            null,
            null,
            Instant.EPOCH,
            new LineSource("h", "/p"),
            1,
            "",
            null));
  }

  @Test
  void figuresAreScrapedOverHttp() throws Exception {
    LandingFigures figures = new LandingFigures();
    MeteringMetrics metrics = new MeteringMetrics(() -> true);
    metrics.add(figures);
    try (HealthEndpoint endpoint =
        new HealthEndpoint("127.0.0.1", 0, Optional::empty, List::of, metrics::scrape)) {
      assertThat(parsed(scrape(endpoint)))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "taximeter_metering_ready", "1.0",
                  "taximeter_landing_freshness_seconds", "NaN",
                  "taximeter_leakage_lines_total{reason=\"client-left\"}", "0.0",
                  "taximeter_leakage_lines_total{reason=\"success-without-usage\"}", "0.0",
                  "taximeter_leakage_lines_total{reason=\"line-too-long\"}", "0.0"));

      LandingFiguresProbe probe = new LandingFiguresProbe(figures);
      probe.read(Topics.LINE_FATES, fate(Reason.CLIENT_LEFT, true));
      probe.read(Topics.LINE_FATES, fate(Reason.CLIENT_LEFT, true));
      probe.read(Topics.LINE_FATES, fate(Reason.FAILED_REQUEST, false));
      probe.landed(Duration.ofMillis(340));

      assertThat(parsed(scrape(endpoint)))
          .containsEntry("taximeter_landing_freshness_seconds", "0.34")
          .containsEntry("taximeter_leakage_lines_total{reason=\"client-left\"}", "2.0")
          .containsEntry("taximeter_leakage_lines_total{reason=\"success-without-usage\"}", "0.0");
    }
  }

  private static String scrape(HealthEndpoint endpoint) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    return answer.body();
  }
}
