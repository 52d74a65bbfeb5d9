package dev.taximeter.streams.landing;

import dev.taximeter.contract.event.AccountState;
import java.time.YearMonth;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which bill lines differ from the account's previous state. Every state repeats the lines of
 * all months, and all but the current month's have been landed long ago.
 */
final class ChangedBillLines {
  /** Lines to remember, of all accounts together: some 50 MB. */
  static final int MAX_LINES = 200_000;

  private final int maxLines;

  /** Least recently landed account first. */
  private final Map<String, AccountState> latest = new LinkedHashMap<>(16, 0.75f, true);

  private int lines;

  ChangedBillLines(int maxLines) {
    this.maxLines = maxLines;
  }

  /**
   * @return the period's lines that the remembered state of the account does not have; all if none
   *     is remembered
   */
  List<AccountState.BillLine> since(AccountState state, AccountState.Period period) {
    AccountState before = latest.get(state.account());
    if (before == null) {
      return period.lines();
    }
    Set<AccountState.BillLine> known = new HashSet<>(lines(before, period.period()));
    return period.lines().stream().filter(line -> !known.contains(line)).toList();
  }

  void remember(AccountState state) {
    AccountState before = latest.put(state.account(), state);
    lines += count(state) - (before == null ? 0 : count(before));
    var oldest = latest.values().iterator();
    while (lines > maxLines && oldest.hasNext()) {
      lines -= count(oldest.next());
      oldest.remove();
    }
  }

  void clear() {
    latest.clear();
    lines = 0;
  }

  private static List<AccountState.BillLine> lines(AccountState state, YearMonth month) {
    return state.periods().stream()
        .filter(period -> period.period().equals(month))
        .findFirst()
        .map(AccountState.Period::lines)
        .orElse(List.of());
  }

  private static int count(AccountState state) {
    return state.periods().stream().mapToInt(period -> period.lines().size()).sum();
  }
}
