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
                false,
                7L,
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
    Sql sql =
        ClickHouseLedgerHistory.statement(
            new LedgerQuery("acme", false, null, null, null, null), 2);
    assertThat(sql.values()).containsExactly("acme", "acme", 2L);
    assertThat(sql.text()).endsWith(" ORDER BY posting ASC LIMIT ?) ORDER BY posting ASC, entry");
  }

  @Test
  void theLatestMayComeFirst() {
    Sql sql =
        ClickHouseLedgerHistory.statement(new LedgerQuery("acme", true, 7L, null, null, null), 2);
    assertThat(sql.values()).containsExactly("acme", "acme", 7L, 2L);
    assertThat(sql.text())
        .contains(" AND posting < ?")
        .endsWith(" ORDER BY posting DESC LIMIT ?) ORDER BY posting DESC, entry");
  }
}
