package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.lines.LineHistory.LeakageQuery;
import dev.taximeter.api.lines.LineHistory.OperationQuery;
import dev.taximeter.api.lines.LineHistory.Payers;
import dev.taximeter.api.usage.Buckets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineStatementTest {
  private static final Instant FROM = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-12-01T00:00:00Z");

  @Test
  void nothingFromARequestBecomesText() {
    Payers payers = new Payers(List.of("x') OR 1=1 --"), "y' OR 1=1");
    Buckets buckets =
        new Buckets(
            FROM.toEpochMilli(),
            TO.toEpochMilli(),
            0,
            List.of(FROM.toEpochMilli(), FROM.toEpochMilli() + 86_400_000));
    for (Sql sql :
        List.of(
            ClickHouseLineHistory.leakageStatement(
                new LeakageQuery(payers, FROM, TO, true, true), 10),
            ClickHouseLineHistory.operationsStatement(
                new OperationQuery("a' OR 1=1", payers, buckets)))) {
      assertThat(sql.text()).doesNotContain("1=1");
      assertThat(sql.text().chars().filter(c -> c == '?').count()).isEqualTo(sql.values().size());
      assertThat(sql.values()).contains("x') OR 1=1 --", "y' OR 1=1");
    }
  }
}
