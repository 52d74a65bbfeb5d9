package dev.taximeter.standalone.inspect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums by name. Names are a client's word, so that only so many are told apart; what comes later
 * stands in one sum of its own. Not thread-safe.
 */
final class Groups {
  /** Models or keys told apart: a few hundred bytes each. */
  static final int MOST_GROUPS = 50_000;

  /** Most expensive first, then largest, then by name, so that equal logs give equal reports. */
  private static final Comparator<Map.Entry<String, Sum>> ORDER =
      Comparator.comparing((Map.Entry<String, Sum> entry) -> entry.getValue().cost())
          .thenComparing(entry -> entry.getValue().tokens().totalTokens())
          .thenComparing(entry -> entry.getValue().requests())
          .thenComparing(entry -> entry.getValue().leakage())
          .reversed()
          .thenComparing(Map.Entry::getKey);

  private final int mostGroups;
  private final Map<String, Sum> sums = new HashMap<>();
  private final Sum rest = new Sum();
  private boolean full;

  Groups() {
    this(MOST_GROUPS);
  }

  Groups(int mostGroups) {
    this.mostGroups = mostGroups;
  }

  /** The sum that what has this name is added to. */
  Sum of(String name) {
    Sum sum = sums.get(name);
    if (sum == null) {
      if (sums.size() == mostGroups) {
        full = true;
        return rest;
      }
      sum = new Sum();
      sums.put(name, sum);
    }
    return sum;
  }

  /**
   * The first groups, and what remains.
   *
   * @param restGroups groups in the rest; a lower bound if {@code restIsMore}
   */
  record Ranking(
      List<Map.Entry<String, Sum>> first, Sum rest, long restGroups, boolean restIsMore) {
    Ranking {
      first = List.copyOf(first);
    }
  }

  Ranking ranking(int most) {
    List<Map.Entry<String, Sum>> all = new ArrayList<>(sums.entrySet());
    all.sort(ORDER);
    int shown = Math.min(most, all.size());
    Sum remaining = new Sum();
    remaining.add(rest);
    all.subList(shown, all.size()).forEach(entry -> remaining.add(entry.getValue()));
    return new Ranking(all.subList(0, shown), remaining, all.size() - shown, full);
  }
}
