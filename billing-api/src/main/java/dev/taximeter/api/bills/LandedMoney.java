package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/** Credits and charges of accounts as they were at earlier instants, from landed history. */
public interface LandedMoney {
  /**
   * What no final bill had.
   *
   * @param uses what would have paid for it, by month of the usage
   * @param charges by month
   */
  record Known(Map<YearMonth, List<CreditUse>> uses, Map<YearMonth, List<Charge>> charges) {
    public Known {
      uses = Map.copyOf(uses);
      charges = Map.copyOf(charges);
    }
  }

  /**
   * @return whether every posting of the account up to the number has landed
   */
  boolean isComplete(String account, long postings);

  /**
   * @param zone of the account's months
   * @param sequence the account's sequence number at the instant
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  Known known(String account, ZoneId zone, long sequence, Instant at);
}
