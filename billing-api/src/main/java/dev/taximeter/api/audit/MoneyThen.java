package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What of an account's money no final bill had at an earlier instant, and what would have paid for
 * it, derived once more from what has landed.
 *
 * @param uses by month and credit, in the order of their use; below 0 where a credit gets something
 *     back
 * @param charges that no bill had, in the order of the ledger
 */
public record MoneyThen(Map<String, Map<String, BigDecimal>> uses, List<Charge> charges) {
  public MoneyThen {
    charges = List.copyOf(charges);
  }

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
   * @param sequence the account's sequence number at the instant
   * @param posting number of the ledger's last posting at the instant
   */
  public static MoneyThen of(
      Connection connection, String account, long sequence, long posting, Instant at)
      throws SQLException {
    return BillReplay.at(connection, account, sequence, posting, at);
  }
}
