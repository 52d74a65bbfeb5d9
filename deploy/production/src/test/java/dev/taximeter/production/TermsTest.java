package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The same number has the same name in Grafana and on the product's own dashboard. */
class TermsTest {
  private static final Pattern MESSAGE =
      Pattern.compile("\"([^\"]+)\": \"((?:[^\"\\\\]|\\\\.)*)\",");

  private static final Map<String, String> ENGLISH = english();

  /** What Grafana shows of a metric, as the dashboard calls it. */
  private static final Map<String, String> METRICS =
      Map.of(
          "taximeter_lines_read_total", "fate.read",
          "taximeter_lines_residual", "fate.residual",
          "taximeter_lines_in_flight", "fate.inFlight",
          "taximeter_lines_in_suspense", "operations.suspense",
          "taximeter_audit_drift", "audit.drift");

  /** Metrics of which a label makes the name. */
  private static final Map<String, String> LABELLED =
      Map.of("taximeter_lines_total", "fate.", "taximeter_leakage_lines_total", "reason.");

  /** Of these the dashboard shows nothing, or in another form. */
  private static final Set<String> GRAFANAS_OWN =
      Set.of(
          "taximeter_lines_unsettled",
          "taximeter_metering_lag_records",
          "taximeter_landing_lag_records",
          "taximeter_landing_freshness_seconds",
          "taximeter_metering_ready",
          "taximeter_landing_healthy",
          "taximeter_views_ready",
          "taximeter_history_reachable",
          "taximeter_audit_completed_timestamp_seconds",
          "taximeter_audit_stalled",
          "taximeter_delivery_alive",
          "taximeter_delivery_waiting",
          "taximeter_delivery_failed_total",
          "taximeter_delivery_defects_total",
          "taximeter_gate_checks_total",
          "taximeter_gate_check_seconds_bucket",
          "taximeter_gate_check_seconds_max",
          "taximeter_gate_check_seconds_sum",
          "taximeter_stream_thread_replacements_total");

  /** Columns of ClickHouse, with the words that the dashboard has for them. */
  private static final Map<String, Set<String>> COLUMNS =
      Map.ofEntries(
          Map.entry("cost", Set.of("measure.cost", "table.cost")),
          Map.entry("requests", Set.of("table.requests")),
          Map.entry("input", Set.of("class.input")),
          Map.entry("cached_input", Set.of("class.cachedInput")),
          Map.entry("output", Set.of("class.output")),
          Map.entry("reasoning", Set.of("class.reasoning")),
          Map.entry("model", Set.of("by.model")),
          Map.entry("account", Set.of("by.account")),
          Map.entry("currency", Set.of("overview.currency")),
          Map.entry("crossed_at", Set.of("table.time")),
          Map.entry("quota", Set.of("quota.quota")),
          Map.entry("threshold", Set.of("alerts.threshold")),
          Map.entry("late", Set.of("alerts.late")));

  /** Titles that the dashboard has; what it does not show has titles of its own. */
  private static final Map<String, String> TITLES =
      Map.of(
          "taximeter-business 1", "measure.cost",
          "taximeter-business 2", "measure.requests",
          "taximeter-business 3", "measure.tokens",
          "taximeter-business 4", "overview.groups/by.model",
          "taximeter-business 5", "overview.groups/by.account",
          "taximeter-business 6", "alerts.quotas",
          "taximeter-operations 1", "operations.lines",
          "taximeter-operations 6", "operations.leakage",
          "taximeter-operations 8", "operations.audit");

  private static Map<String, String> english() {
    Map<String, String> messages = new HashMap<>();
    Matcher message =
        MESSAGE.matcher(
            DeployFiles.text(
                DeployFiles.deploy()
                    .resolveSibling("billing-api/src/main/resources/static/assets/app/en.js")));
    while (message.find()) {
      messages.put(message.group(1), message.group(2));
    }
    assertThat(messages).hasSizeGreaterThan(500);
    return messages;
  }

  private static String word(String key) {
    if (key.contains("/")) {
      String[] keys = key.split("/", 2);
      return word(keys[0]).replace("{by}", word(keys[1]));
    }
    assertThat(ENGLISH).containsKey(key);
    return ENGLISH.get(key);
  }

  private static JsonNode dashboard(String name) {
    return MonitoringTest.json(DeployFiles.deploy("grafana/dashboards/" + name + ".json"));
  }

  @Test
  void panelsHaveTheTitlesOfTheDashboard() {
    Map<String, String> titles = new HashMap<>();
    for (String name : List.of("business", "operations")) {
      JsonNode dashboard = dashboard(name);
      for (JsonNode panel : dashboard.get("panels")) {
        titles.put(
            dashboard.get("uid").asText() + " " + panel.get("id").asInt(),
            panel.get("title").asText());
      }
    }
    TITLES.forEach((panel, key) -> assertThat(titles).containsEntry(panel, word(key)));
    titles.forEach(
        (panel, title) -> {
          if (!TITLES.containsKey(panel)) {
            assertThat(ENGLISH.values()).as("%s: %s", panel, title).doesNotContain(title);
          }
        });
  }

  @Test
  void seriesHaveTheNamesOfTheDashboard() {
    Pattern metric = Pattern.compile("\\btaximeter_[a-z_]+");
    for (JsonNode panel : dashboard("operations").get("panels")) {
      for (JsonNode target : panel.get("targets")) {
        Matcher found = metric.matcher(target.get("expr").asText());
        if (!found.find()) {
          continue; // Of Fluent Bit.
        }
        String legend = target.get("legendFormat").asText();
        String name = found.group();
        if (LABELLED.containsKey(name)) {
          assertThat(legend).matches("\\{\\{(fate|reason)}}");
          assertRenamed(panel, LABELLED.get(name));
        } else if (METRICS.containsKey(name)) {
          assertThat(legend).as(name).isEqualTo(word(METRICS.get(name)));
        } else {
          assertThat(GRAFANAS_OWN).contains(name);
          assertThat(ENGLISH.values()).as(name).doesNotContain(legend);
        }
      }
    }
  }

  /** What a label says is shown in the dashboard's words, for each value that it can have. */
  private static void assertRenamed(JsonNode panel, String prefix) {
    Map<String, String> shown = new HashMap<>();
    for (JsonNode override : panel.at("/fieldConfig/overrides")) {
      assertThat(override.at("/matcher/id").asText()).isEqualTo("byName");
      assertThat(override.at("/properties/0/id").asText()).isEqualTo("displayName");
      shown.put(
          override.at("/matcher/options").asText(), override.at("/properties/0/value").asText());
    }
    List<String> codes =
        prefix.equals("fate.")
            ? List.of(Fate.values()).stream().map(Fate::code).toList()
            : List.of(Reason.CLIENT_LEFT, Reason.SUCCESS_WITHOUT_USAGE, Reason.LINE_TOO_LONG)
                .stream()
                .map(Reason::code)
                .toList();
    for (String code : codes) {
      assertThat(shown.getOrDefault(code, code)).as(code).isEqualTo(word(prefix + code));
    }
    assertThat(codes).containsAll(shown.keySet());
  }

  @Test
  void columnsHaveTheNamesOfTheDashboard() {
    Pattern column = Pattern.compile("(?:usage_windows\\.)?([a-z_]+)\\)* AS `([^`]+)`");
    for (JsonNode panel : dashboard("business").get("panels")) {
      String sql = panel.at("/targets/0/rawSql").asText();
      int named = 0;
      Matcher found = column.matcher(sql);
      while (found.find()) {
        named++;
        assertThat(COLUMNS).as(sql).containsKey(found.group(1));
        assertThat(COLUMNS.get(found.group(1)).stream().map(TermsTest::word))
            .as(sql)
            .contains(found.group(2));
      }
      // Grafana itself wants one called time, and makes series of the words in another.
      String selected = sql.substring("SELECT ".length(), sql.indexOf(" FROM "));
      List<String> others =
          List.of(selected.split(", ", -1)).stream().filter(one -> !one.contains("AS `")).toList();
      assertThat(named).as(sql).isPositive();
      assertThat(List.of("start AS time", "currency")).as(sql).containsAll(others);
    }
  }
}
