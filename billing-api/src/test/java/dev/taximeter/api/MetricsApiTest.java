package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.api.metrics.ApiMetrics;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsApiTest extends ApiTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+(?:\\{[a-z]+=\"[a-z]+\"\\})?) (-?[0-9.]+(?:E[0-9]+)?)");

  /** Every line is a comment or a sample, every metric is described and named as ours. */
  private static Map<String, Double> parsed(String text) {
    Map<String, Double> samples = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# HELP taximeter_") || line.startsWith("# TYPE taximeter_")) {
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      samples.put(sample.group(1), Double.valueOf(sample.group(2)));
    }
    return samples;
  }

  private void hold(long read, String changed) {
    counts.held.add(
        new Tally(
            "s1",
            new LineSource("h", "/a.log"),
            Instant.parse("2026-11-24T08:00:00Z"),
            true,
            read,
            91,
            Map.of(Fate.BILLED, 90L, Fate.UNATTRIBUTED, 2L, Fate.SUSPENSE, 1L),
            Instant.parse(changed)));
    counts.totals =
        new LineTotals(
            read,
            Map.of(Fate.BILLED, 90L, Fate.UNATTRIBUTED, 2L, Fate.SUSPENSE, 3L),
            Map.of(Fate.BILLED, 90L, Fate.UNATTRIBUTED, 2L, Fate.SUSPENSE, 1L),
            92);
  }

  @Test
  void tellTheStateOfTheLines() {
    hold(95, "2026-11-24T08:30:00Z");

    Answer answer = get("/metrics");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("text/plain").contains("version=0.0.4");
    assertThat(parsed(answer.body()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("taximeter_lines_read_total", 95.0),
                Map.entry("taximeter_lines_total{fate=\"billed\"}", 90.0),
                Map.entry("taximeter_lines_total{fate=\"unattributed\"}", 2.0),
                Map.entry("taximeter_lines_total{fate=\"unbillable\"}", 0.0),
                Map.entry("taximeter_lines_total{fate=\"duplicate\"}", 0.0),
                Map.entry("taximeter_lines_total{fate=\"suspense\"}", 3.0),
                Map.entry("taximeter_lines_total{fate=\"quarantined\"}", 0.0),
                Map.entry("taximeter_lines_in_flight", 0.0),
                Map.entry("taximeter_lines_residual", 2.0),
                Map.entry("taximeter_lines_unsettled", 1.0),
                Map.entry("taximeter_lines_in_suspense", 1.0),
                Map.entry("taximeter_views_ready", 1.0),
                Map.entry("taximeter_history_reachable", 1.0),
                Map.entry("taximeter_audit_drift", 0.0),
                Map.entry("taximeter_audit_completed_timestamp_seconds", 0.0),
                Map.entry("taximeter_audit_stalled", 0.0),
                Map.entry("taximeter_delivery_alive", 1.0),
                Map.entry("taximeter_delivery_waiting", 0.0),
                Map.entry("taximeter_delivery_failed_total", 0.0),
                Map.entry("taximeter_delivery_defects_total", 0.0)));
  }

  @Test
  void whatIsOnItsWayIsNotMissing() {
    hold(95, "2026-11-24T08:30:00Z");
    counts.pending = true;
    Map<String, Double> samples = parsed(get("/metrics").body());
    assertThat(samples)
        .containsEntry("taximeter_lines_in_flight", 2.0)
        .containsEntry("taximeter_lines_residual", 0.0);
  }

  @Test
  void troubleIsSeen() {
    positions.waiting.put("catalog.v1", "still reading what is there");
    positions.reachable = false;
    assertThat(parsed(get("/metrics").body()))
        .containsEntry("taximeter_views_ready", 0.0)
        .containsEntry("taximeter_history_reachable", 0.0);
  }

  @Test
  void linesAreLeftOutUntilTheyAreKnown() throws Exception {
    counts.caughtUp = false;
    hold(95, "2026-11-24T08:30:00Z");
    ApiMetrics fresh = new ApiMetrics(counts, counts, positions, positions, audited, health, clock);
    assertThat(parsed(fresh.scrape()))
        .containsOnlyKeys(
            "taximeter_views_ready",
            "taximeter_history_reachable",
            "taximeter_audit_drift",
            "taximeter_audit_completed_timestamp_seconds",
            "taximeter_audit_stalled",
            "taximeter_delivery_alive",
            "taximeter_delivery_waiting",
            "taximeter_delivery_failed_total",
            "taximeter_delivery_defects_total");
    counts.caughtUp = true;
    assertThat(parsed(fresh.scrape())).containsEntry("taximeter_lines_read_total", 95.0);
  }

  @Test
  void deliveryIsSeen() {
    health.waiting = 7;
    health.failed = 2;
    assertThat(parsed(get("/metrics").body()))
        .containsEntry("taximeter_delivery_alive", 1.0)
        .containsEntry("taximeter_delivery_waiting", 7.0)
        .containsEntry("taximeter_delivery_failed_total", 2.0)
        .containsEntry("taximeter_delivery_defects_total", 0.0);
  }

  @Test
  void parametersAreRefused() {
    assertThat(get("/metrics?name=x").status()).isEqualTo(400);
  }
}
