package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.UsageQuery;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageStatementTest {
  private static final long FROM = Instant.parse("2026-11-01T00:00:00Z").toEpochMilli();
  private static final long TO = Instant.parse("2026-12-01T00:00:00Z").toEpochMilli();

  @Test
  void nothingFromARequestBecomesText() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of("a'); DROP TABLE x --", "b"),
                    "key' OR 1=1",
                    "model\\'",
                    new Buckets(FROM, TO - 1, 0, List.of(FROM, FROM + 86_400_000)),
                    null,
                    true,
                    true,
                    10)));

    assertThat(sql.text()).doesNotContain("DROP").doesNotContain("1=1").doesNotContain("model\\");
    assertThat(sql.text().chars().filter(c -> c == '?').count()).isEqualTo(sql.values().size());
    assertThat(sql.values()).contains("a'); DROP TABLE x --", "b", "key' OR 1=1", "model\\'");
  }

  @Test
  void wholeHoursReadHoursOnly() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of("acme"),
                    null,
                    null,
                    new Buckets(FROM, TO, 0, List.of(FROM)),
                    null,
                    false,
                    false,
                    10)));

    assertThat(sql.text()).contains("usage_windows FINAL").doesNotContain("usage_events");
    assertThat(sql.values()).contains("hour").doesNotContain("minute");
  }

  /** Rows of an hour lie together, so that all accounts' are found where an edge cuts one. */
  @Test
  void aCutHourIsLookedForInItsSlice() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of(),
                    null,
                    null,
                    new Buckets(FROM, TO + 61 * 60_000, 0, List.of(FROM)),
                    ZoneId.of("UTC"),
                    false,
                    false,
                    10)));

    long end = TO / 1000;
    assertThat(sql.text())
        .contains("(granularity = ? AND ((start >= toDateTime(?, 'UTC')")
        .contains("AND slice >= toDateTime(?, 'UTC') AND slice <= toDateTime(?, 'UTC')");
    // From, to, first and last slice: the hour that is whole, then the minutes of the next one.
    assertThat(sql.values())
        .containsSequence(end, end + 3_600, end, end)
        .containsSequence(end + 3_600, end + 7_200, end + 3_600, end + 3_600);
  }

  @Test
  void withoutAccountsUnattributedOnesStayOut() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of(),
                    null,
                    null,
                    new Buckets(FROM, TO, 0, List.of(FROM)),
                    null,
                    false,
                    false,
                    10)));

    assertThat(sql.text()).contains("NOT startsWith(account, ?)");
    assertThat(sql.values()).contains("unattributed:");
  }

  @Test
  void windowsOfAllLengthsAreReadInOnePass() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of("acme"),
                    "k",
                    null,
                    new Buckets(FROM + 7 * 60_000, TO, 0, List.of(FROM + 7 * 60_000)),
                    ZoneId.of("Europe/Berlin"),
                    false,
                    false,
                    10)));

    assertThat(sql.values()).contains("month", "day", "hour", "minute", "k");
    assertThat(sql.text()).containsOnlyOnce(" FINAL ").doesNotContain("UNION ALL");
  }

  @Test
  void aCutMinuteIsReadFromEvents() {
    Sql sql =
        UsageStatement.of(
            List.of(
                new UsageQuery(
                    List.of("acme"),
                    null,
                    null,
                    new Buckets(FROM + 1, TO, 0, List.of(FROM + 1)),
                    null,
                    false,
                    false,
                    10)));

    assertThat(sql.text().split("UNION ALL", -1))
        .hasSize(2)
        .anySatisfy(part -> assertThat(part).contains("usage_windows FINAL"))
        .anySatisfy(part -> assertThat(part).contains("usage_events FINAL"));
  }
}
