package dev.taximeter.contract.event;

import dev.taximeter.contract.event.AccountRecord.Month;
import dev.taximeter.contract.event.AccountRecord.MonthTotals;
import dev.taximeter.contract.event.AccountRecord.Summary;
import dev.taximeter.contract.event.AccountState.Period;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts accounts together from the records of {@code account.states.v1}, read in their order. A
 * state appears only when its summary has come and every month is the one that the summary names:
 * between the records of one emission, and between those that compaction has left of an old one,
 * the account stays at its last whole state. Not thread-safe.
 */
public final class AccountAssembly {
  private final Map<String, Parts> accounts = new HashMap<>();

  /** Months as they stand in the last whole state, and those that came after it. */
  private static final class Parts {
    private final Map<YearMonth, Month> whole = new HashMap<>();
    private final Map<YearMonth, Month> coming = new HashMap<>();
  }

  /**
   * @return the account's new state; null as long as it is not whole
   */
  public @Nullable AccountState accept(AccountRecord record) {
    Parts parts = accounts.computeIfAbsent(record.account(), account -> new Parts());
    if (record instanceof Month month) {
      parts.coming.put(month.period(), month);
      return null;
    }
    return record instanceof Summary summary ? assemble(parts, summary) : null;
  }

  private static @Nullable AccountState assemble(Parts parts, Summary summary) {
    List<Period> periods = new ArrayList<>();
    Map<YearMonth, Month> months = new HashMap<>();
    for (MonthTotals totals : summary.periods()) {
      Month month = find(parts, totals);
      if (month == null) {
        return null;
      }
      months.put(totals.period(), month);
      periods.add(
          new Period(
              totals.period(),
              totals.requests(),
              totals.unpriced(),
              month.lines(),
              totals.billing(),
              month.late(),
              totals.merged()));
    }
    parts.coming.clear();
    parts.whole.putAll(months);
    return new AccountState(
        summary.account(),
        summary.sequence(),
        summary.termsVersion(),
        summary.currency(),
        summary.zone(),
        summary.spent(),
        summary.requests(),
        summary.credits(),
        periods,
        summary.lastCompletion(),
        summary.books());
  }

  private static @Nullable Month find(Parts parts, MonthTotals totals) {
    Month coming = parts.coming.get(totals.period());
    if (coming != null && isNamedBy(totals, coming)) {
      return coming;
    }
    Month whole = parts.whole.get(totals.period());
    return whole != null && isNamedBy(totals, whole) ? whole : null;
  }

  private static boolean isNamedBy(MonthTotals totals, Month month) {
    return month.sequence() == totals.sequence() && month.revision() == totals.billing().revision();
  }
}
