package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Quota.Metric;
import dev.taximeter.contract.catalog.Quota.Window;
import dev.taximeter.contract.event.Alert;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Thresholds that were reached, as the API shows them. */
class AlertsApiTest extends ApiTest {
  static Alert alert(String account, int threshold, Metric metric, String line) {
    Instant at = Instant.parse("2026-11-24T09:00:00Z").plusSeconds(threshold);
    return new Alert(
        account,
        account + "-month",
        metric,
        Window.MONTH,
        null,
        null,
        "2026-11",
        Instant.parse("2026-11-01T00:00:00Z"),
        Instant.parse("2026-12-01T00:00:00Z"),
        threshold,
        new BigDecimal("100"),
        new BigDecimal("100.5"),
        "USD",
        at,
        line,
        line == null ? null : at.plusMillis(10),
        false,
        7,
        at.plusMillis(210));
  }

  private static List<String> thresholds(String query) {
    List<String> found = new ArrayList<>();
    get("/v1/alerts" + query)
        .json()
        .path("items")
        .forEach(i -> found.add(i.path("threshold").asString()));
    return found;
  }

  @Test
  void anAlertTellsWhatWasReachedByWhat() {
    alerts.landed.add(alert("acme", 80, Metric.COST, "00ff"));

    JsonNode item = get("/v1/alerts?account=acme").json().path("items").get(0);
    assertThat(item.path("quota").asString()).isEqualTo("acme-month");
    assertThat(item.path("threshold").isInt()).isTrue();
    assertThat(item.path("threshold").asInt()).isEqualTo(80);
    assertThat(item.path("period").asString()).isEqualTo("2026-11");
    assertThat(item.path("crossedAt").asString()).isEqualTo("2026-11-24T09:01:20Z");
    assertThat(item.path("limit").asString()).isEqualTo("100");
    assertThat(item.path("value").asString()).isEqualTo("100.5");
    assertThat(item.path("currency").asString()).isEqualTo("USD");
    assertThat(item.path("delayMillis").asLong()).isEqualTo(200);
    assertThat(item.path("late").asBoolean()).isFalse();
  }

  @Test
  void whatAChangeOfTheQuotaReachedHasNoLine() {
    alerts.landed.add(alert("acme", 80, Metric.REQUESTS, null));

    JsonNode item = get("/v1/alerts").json().path("items").get(0);
    assertThat(item.has("line")).isFalse();
    assertThat(item.has("delayMillis")).isFalse();
    assertThat(item.has("currency")).isFalse();
  }

  @Test
  void theyComeInPagesNewestFirst() {
    for (int threshold : new int[] {50, 80, 100}) {
      alerts.landed.add(alert("acme", threshold, Metric.COST, "00ff"));
    }
    alerts.landed.add(alert("globex", 90, Metric.COST, "00ff"));

    assertThat(thresholds("")).containsExactly("100", "90", "80", "50");
    assertThat(thresholds("?account=acme&order=asc")).containsExactly("50", "80", "100");
    assertThat(thresholds("?quota=globex-month")).containsExactly("90");
    assertThat(thresholds("?from=2026-11-24T09:01:20Z&to=2026-11-24T09:01:40Z"))
        .containsExactly("90", "80");
    String next = get("/v1/alerts?limit=3").json().path("next").asString();
    assertThat(thresholds("?limit=3&cursor=" + next)).containsExactly("50");
  }

  @Test
  void whatCannotBeAskedIsSaid() {
    assertThat(get("/v1/alerts?account=nowhere").status()).isEqualTo(404);
    for (String query : List.of("order=up", "limit=0", "cursor=x", "from=yesterday")) {
      Answer answer = get("/v1/alerts?" + query);
      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().path("detail").asString()).contains(query.replaceAll("=.*", ""));
    }
  }
}
