package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/** Credits, charges and bills of accounts as they were at earlier moments, from landed history. */
public interface LandedMoney {
  /**
   * A moment in the history of an account, between two things that its writer did.
   *
   * @param sequence the account's sequence number
   * @param posting number of the ledger's last posting
   */
  record Moment(long sequence, long posting) {}

  /**
   * What was known.
   *
   * @param uses what would have paid for what no final bill had, by month of the usage
   * @param charges that no final bill had, by month
   * @param bills how many credit notes each bill had that counted, by number
   */
  record Known(
      Map<YearMonth, List<CreditUse>> uses,
      Map<YearMonth, List<Charge>> charges,
      Map<Long, Integer> bills) {
    public Known {
      uses = Map.copyOf(uses);
      charges = Map.copyOf(charges);
      bills = Map.copyOf(bills);
    }
  }

  /**
   * @return whether every posting and every bill of the account up to there has landed
   */
  boolean isComplete(String account, Books books);

  /**
   * The last moment at which the clock of the account's writer showed no more than the instant.
   *
   * @param settled the sequence number of the last event that was settled by then
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  Moment moment(String account, long settled, Instant at);

  /**
   * @param zone of the account's months
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  Known known(String account, ZoneId zone, Moment moment);
}
