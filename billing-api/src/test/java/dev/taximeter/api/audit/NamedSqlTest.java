package dev.taximeter.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedSqlTest {
  @Test
  void parametersAreBoundInOrderAndCommentsAreDropped() {
    NamedSql query =
        NamedSql.parse(
            """
            -- The account's :comment isn't bound.
            SELECT ':', :account, concat(host, ':', path)
            WHERE :from <= x AND x < :until AND :account != ''
            """);
    assertThat(query.parameters()).containsExactly("account", "from", "until", "account");
    assertThat(query.sql())
        .isEqualTo("SELECT ':', ?, concat(host, ':', path)\nWHERE ? <= x AND x < ? AND ? != ''");
  }

  @Test
  void aMonthIsThatOfTheZone() {
    Map<String, String> values =
        new Scope("acme", YearMonth.of(2026, 11)).parameters(ZoneId.of("Asia/Kolkata"));
    assertThat(values)
        .containsEntry("account", "acme")
        .containsEntry("month", "2026-11")
        .containsEntry("zone", "Asia/Kolkata")
        .containsEntry("from", "2026-10-31 18:30:00.000")
        .containsEntry("until", "2026-11-30 18:30:00.000")
        .containsEntry("window_from", "2026-10-31 18:00:00.000")
        .containsEntry("window_until", "2026-11-30 19:00:00.000");
    assertThat(new Scope(null, YearMonth.of(2026, 11)).parameters(ZoneId.of("UTC")))
        .containsEntry("account", "")
        .containsEntry("window_from", "2026-11-01 00:00:00.000")
        .containsEntry("window_until", "2026-12-01 00:00:00.000");
  }

  @Test
  void aDifferenceKeepsItsIdentityWhileTotalsMove() {
    Difference before = new Difference("balances", "acme", "spent", "10.5", "11.5");
    Difference later = new Difference("balances", "acme", "spent", "20", "21.00");
    Difference other = new Difference("balances", "acme", "spent", "20", "22");
    assertThat(before.identity()).isEqualTo(later.identity());
    assertThat(before.identity()).isNotEqualTo(other.identity());
    assertThat(new Difference("prices", "acme", "x", "[]", "['a']").identity())
        .isNotEqualTo(new Difference("prices", "acme", "x", "[]", "['b']").identity());
  }
}
