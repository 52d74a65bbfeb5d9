package dev.taximeter.streams.landing;

import dev.taximeter.contract.event.AccountRecord.Month;
import dev.taximeter.contract.event.AccountState.BillLine;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which bill lines differ from the month's previous record. Every record repeats the lines of
 * the whole month, and most of them have been landed already.
 */
final class ChangedBillLines {
  /** Lines to remember, of all accounts together: some 50 MB. */
  static final int MAX_LINES = 200_000;

  private final int maxLines;

  /** By record key, least recently landed first. */
  private final Map<String, Month> latest = new LinkedHashMap<>(16, 0.75f, true);

  private int lines;

  ChangedBillLines(int maxLines) {
    this.maxLines = maxLines;
  }

  /**
   * @return the month's lines that its remembered record does not have; all if none is remembered
   */
  List<BillLine> since(Month month) {
    Month before = latest.get(month.recordKey());
    if (before == null) {
      return month.lines();
    }
    Set<BillLine> known = new HashSet<>(before.lines());
    return month.lines().stream().filter(line -> !known.contains(line)).toList();
  }

  void remember(Month month) {
    Month before = latest.put(month.recordKey(), month);
    lines += month.lines().size() - (before == null ? 0 : before.lines().size());
    var oldest = latest.values().iterator();
    while (lines > maxLines && oldest.hasNext()) {
      lines -= oldest.next().lines().size();
      oldest.remove();
    }
  }

  void clear() {
    latest.clear();
    lines = 0;
  }
}
