package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.ledger.LedgerQuery;
import dev.taximeter.contract.event.LedgerPosting;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LedgerStatementTest {
  @Test
  void everythingThatPeopleSendIsBound() {
    Sql sql =
        ClickHouseLedgerHistory.statement(
            new LedgerQuery(
                "acme' OR 1",
                7,
                Instant.ofEpochMilli(1),
                Instant.ofEpochMilli(2),
                LedgerPosting.Kind.TOP_UP),
            101);
    assertThat(sql.values())
        .containsExactly("acme' OR 1", "acme' OR 1", 7L, 1L, 2L, "top-up", 101L);
    assertThat(sql.text()).doesNotContain("acme").doesNotContain("top-up");
    assertThat(sql.text().chars().filter(c -> c == '?').count()).isEqualTo(7);
  }

  @Test
  void whatIsNotAskedForIsNotInIt() {
    Sql sql = ClickHouseLedgerHistory.statement(new LedgerQuery("acme", 0, null, null, null), 2);
    assertThat(sql.values()).containsExactly("acme", "acme", 0L, 2L);
    assertThat(sql.text()).endsWith(" ORDER BY posting LIMIT ?) ORDER BY posting, entry");
  }
}
