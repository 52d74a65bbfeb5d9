package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Period;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.PeriodTotals;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The usage lines of all accounts' bills. One small entry per line, so that an event touches only
 * the lines it adds to, however long the account's history is.
 */
final class BillLines {
  private final KeyValueStore<String, PeriodLine> lines;
  private final KeyValueStore<String, PeriodTotalsOf> periods;

  BillLines(
      KeyValueStore<String, PeriodLine> lines, KeyValueStore<String, PeriodTotalsOf> periods) {
    this.lines = lines;
    this.periods = periods;
  }

  /** A bill line and the month it stands in. */
  record PeriodLine(YearMonth period, BillLine line) {}

  /** A month and its counts. */
  record PeriodTotalsOf(YearMonth period, PeriodTotals totals) {}

  long quantity(String account, LineKey key) {
    PeriodLine stored = lines.get(storeKey(account, key));
    return stored == null ? 0 : stored.line().quantity();
  }

  void add(String account, Rating rating) {
    for (UsageEvent.Charge charge : rating.charges()) {
      add(account, rating.period(), charge);
    }
    String periodKey = StoreKeys.of(account, rating.period().toString());
    PeriodTotalsOf stored = periods.get(periodKey);
    PeriodTotals totals = stored == null ? PeriodTotals.NONE : stored.totals();
    periods.put(periodKey, new PeriodTotalsOf(rating.period(), totals.after(rating)));
  }

  private void add(String account, YearMonth period, UsageEvent.Charge charge) {
    String version = charge.priceVersion() == null ? "" : charge.priceVersion();
    String key =
        storeKey(account, new LineKey(period, charge.model(), charge.tokenClass(), version));
    PeriodLine stored = lines.get(key);
    long quantity = stored == null ? 0 : stored.line().quantity();
    BigDecimal amount = stored == null ? BigDecimal.ZERO : stored.line().amount();
    lines.put(
        key,
        new PeriodLine(
            period,
            new BillLine(
                charge.model(),
                charge.tokenClass(),
                version,
                Math.addExact(quantity, charge.quantity()),
                amount.add(charge.amount()))));
  }

  /**
   * @return oldest first
   */
  List<Period> periodsOf(String account) {
    Map<YearMonth, List<BillLine>> linesByPeriod = new TreeMap<>();
    try (KeyValueIterator<String, PeriodLine> entries =
        lines.prefixScan(StoreKeys.of(account), new StringSerializer())) {
      entries.forEachRemaining(
          entry ->
              linesByPeriod
                  .computeIfAbsent(entry.value.period(), period -> new ArrayList<>())
                  .add(entry.value.line()));
    }
    Map<YearMonth, Period> found = new TreeMap<>();
    try (KeyValueIterator<String, PeriodTotalsOf> entries =
        periods.prefixScan(StoreKeys.of(account), new StringSerializer())) {
      entries.forEachRemaining(
          entry -> {
            YearMonth period = entry.value.period();
            PeriodTotals totals = entry.value.totals();
            found.put(
                period,
                new Period(
                    period,
                    totals.requests(),
                    totals.unpriced(),
                    linesByPeriod.getOrDefault(period, List.of())));
          });
    }
    return List.copyOf(found.values());
  }

  private static String storeKey(String account, LineKey key) {
    return StoreKeys.of(
        account,
        key.period().toString(),
        key.model(),
        Integer.toString(key.tokenClass().ordinal()),
        key.priceVersion());
  }
}
