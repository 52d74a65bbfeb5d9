package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What tests say was known, at whatever instant. */
public final class InMemoryLandedMoney implements LandedMoney {
  public final Map<YearMonth, List<CreditUse>> uses = new HashMap<>();
  public final Map<YearMonth, List<Charge>> charges = new HashMap<>();

  /** How many notes the bills had that counted, by number. */
  public final Map<Long, Integer> bills = new HashMap<>();

  public boolean complete = true;

  @Override
  public boolean isComplete(String account, Books books) {
    return complete;
  }

  @Override
  public Moment moment(String account, long settled, Instant at) {
    return new Moment(settled, 0);
  }

  @Override
  public Known known(String account, ZoneId zone, Moment moment) {
    return new Known(uses, charges, bills);
  }
}
