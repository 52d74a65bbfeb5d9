package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GatewayHistoryTest {
  private static final LocalDate FIRST_DAY = LocalDate.parse("2026-09-24");
  private static final int DAYS = 20;

  @Test
  void theSameDayIsAlwaysTheSame() throws IOException {
    List<String> once = lines(FIRST_DAY);

    assertThat(lines(FIRST_DAY)).isEqualTo(once);
    assertThat(lines(FIRST_DAY.plusDays(1))).doesNotContainAnyElementsOf(once);
    // Changes only if the past of every existing demonstration changes too.
    assertThat(once.hashCode()).isEqualTo(1210069699);
  }

  @Test
  void everyDayHasSixHundredToAThousandLinesAndNoTwoAreAlike() throws IOException {
    HashSet<String> distinct = new HashSet<>();
    int total = 0;
    for (int day = 0; day < DAYS; day++) {
      List<String> lines = lines(FIRST_DAY.plusDays(day));
      assertThat(lines).hasSizeBetween(600, 1_000);
      distinct.addAll(lines);
      total += lines.size();
    }
    assertThat(distinct).hasSize(total);
  }

  @Test
  void showsEverythingThatHappensAtAGateway() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int day = 0; day < DAYS; day++) {
      lines.addAll(lines(FIRST_DAY.plusDays(day)));
    }

    for (DemoKey key : DemoKey.ALL) {
      assertThat(count(lines, "\"user_api_key\":\"" + key.secret() + "\"")).isGreaterThan(20);
    }
    for (DemoModel model : DemoModel.ALL) {
      assertThat(count(lines, "\\\"model\\\":\\\"" + model.name() + "\\\"")).isPositive();
    }
    for (String trait :
        List.of(
            "\\\"response_type\\\":\\\"stream\\\"",
            "\\\"response_type\\\":\\\"normal\\\"",
            "\\\"cached_tokens\\\":",
            "\\\"reasoning_tokens\\\":",
            "\\\"cache_read_input_tokens\\\":",
            "\"response_code\":\"429\"",
            "\"response_code\":\"503\"",
            "\"response_code\":\"401\"",
            "\"response_flags\":\"DC\"",
            "internal_redirect:",
            "ai-cache.hit",
            "ai-security-guard.deny",
            "\"user_api_key\":\"-\"",
            "\"user_api_key\":\"sk-demo-forgotten-0\"",
            "x\",\"response_code\":\"500\",\"ai_log\":\"{}\"",
            "\"client_version\":\"1.0\",\"user_api_key\":",
            "/healthz",
            "客户投诉")) {
      assertThat(count(lines, trait)).as(trait).isPositive();
    }
    assertThat(lines.stream().filter(line -> !line.endsWith("}"))).as("cut").isNotEmpty();
  }

  @Test
  void linesComeInTheOrderOfCompletionButForAFewLateOnes() throws IOException {
    Pattern start = Pattern.compile("\"duration\":\"(\\d+)\".*\"start_time\":\"([^\"]+)\"");
    long latest = Long.MIN_VALUE;
    int late = 0;
    List<String> lines = lines(FIRST_DAY);
    for (String line : lines) {
      var found = start.matcher(line);
      if (found.find()) {
        long completion =
            java.time.Instant.parse(found.group(2)).toEpochMilli() + Long.parseLong(found.group(1));
        late += completion < latest ? 1 : 0;
        latest = Math.max(latest, completion);
      }
    }
    assertThat(late).isPositive().isLessThan(lines.size() / 20);
  }

  private static long count(List<String> lines, String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  private static List<String> lines(LocalDate day) throws IOException {
    List<String> lines = new ArrayList<>();
    GatewayHistory.write(day, lines::add);
    return lines;
  }
}
