package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An account's money at an earlier moment, derived once more from what has landed: which bills
 * counted, what no bill had, and what would have paid for it.
 *
 * @param uses by month and credit, in the order of their use; below 0 where a credit gets something
 *     back
 * @param charges that no bill had, by month
 * @param bills how many credit notes each bill had that counted, by number
 * @param credits what those in {@code uses} are, by id: the account's state does not have every
 *     credit for ever
 */
public record MoneyThen(
    Map<String, Map<String, BigDecimal>> uses,
    List<Charge> charges,
    Map<Long, Integer> bills,
    Map<String, Credit> credits) {
  public MoneyThen {
    charges = List.copyOf(charges);
    bills = Map.copyOf(bills);
    credits = Map.copyOf(credits);
  }

  /**
   * What a credit is.
   *
   * @param kind grant, top-up or adjustment
   * @param reason why it was given, as far as there is room on a bill; may be empty
   */
  public record Credit(String kind, String reason) {}

  /**
   * A charge of a month.
   *
   * @param kind debit, adjustment or re-rating
   * @param period the month that was re-rated; empty of others
   */
  public record Charge(
      String id, String kind, Instant at, BigDecimal amount, String reason, String period) {
    Charge withAmount(BigDecimal changed) {
      return new Charge(id, kind, at, changed, reason, period);
    }
  }

  /**
   * @param sequence the account's sequence number at that moment
   * @param posting number of the ledger's last posting at that moment
   * @throws SQLException if ClickHouse does not answer
   */
  public static MoneyThen of(Connection connection, String account, long sequence, long posting)
      throws SQLException {
    return new MoneyRows(connection).upTo(account, sequence, posting).then();
  }
}
