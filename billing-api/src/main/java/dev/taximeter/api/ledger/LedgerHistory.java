package dev.taximeter.api.ledger;

import dev.taximeter.contract.event.LedgerPosting;
import java.util.List;

/** What has been posted to ledgers. */
public interface LedgerHistory {
  /**
   * @param most how many at most
   * @return by number, as the query says
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  List<LedgerPosting> postings(LedgerQuery query, int most);
}
