package dev.taximeter.standalone.endtoend;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hears what different answers say of an account at a sequence number, and compares: the same
 * number means the same money everywhere. Thread-safe.
 */
final class OneNumber {
  private static final int MOST_DIFFERENCES = 30;

  private final Map<Place, Map<String, Map<String, BigDecimal>>> known = new ConcurrentHashMap<>();
  private final List<String> differences = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong compared = new AtomicLong();
  private final AtomicLong pairs = new AtomicLong();
  private final Map<String, AtomicLong> pairsByKinds = new ConcurrentHashMap<>();

  private record Place(String account, long sequence) {}

  /** Answers heard so far. */
  long answers() {
    return answers.get();
  }

  /** Answers of which at least one figure had been told by another answer. */
  long compared() {
    return compared.get();
  }

  /** Figures told by two kinds of answers at one sequence number; each counts once. */
  long pairs() {
    return pairs.get();
  }

  /** {@link #pairs} by the kinds of answers. */
  Map<String, AtomicLong> pairsByKinds() {
    return new TreeMap<>(pairsByKinds);
  }

  /** Accounts' sequence numbers of which something is known. */
  int places() {
    return known.size();
  }

  List<String> differences() {
    return List.copyOf(differences);
  }

  /**
   * @param kind of answer
   * @param figures by name: the same name means the same figure
   */
  void tell(String kind, String account, long sequence, Map<String, BigDecimal> figures) {
    answers.incrementAndGet();
    Map<String, Map<String, BigDecimal>> place =
        known.computeIfAbsent(new Place(account, sequence), first -> new TreeMap<>());
    boolean met = false;
    synchronized (place) {
      for (Map.Entry<String, BigDecimal> figure : figures.entrySet()) {
        Map<String, BigDecimal> values =
            place.computeIfAbsent(figure.getKey(), first -> new TreeMap<>());
        met |= !values.isEmpty();
        compare(kind, account + " at " + sequence + ", " + figure.getKey(), figure, values);
      }
    }
    if (met) {
      compared.incrementAndGet();
    }
  }

  private void compare(
      String kind,
      String what,
      Map.Entry<String, BigDecimal> figure,
      Map<String, BigDecimal> values) {
    boolean isNew = !values.containsKey(kind);
    values.forEach(
        (other, value) -> {
          if (isNew) {
            pairs.incrementAndGet();
            pairsByKinds
                .computeIfAbsent(
                    kind.compareTo(other) < 0 ? kind + " = " + other : other + " = " + kind,
                    first -> new AtomicLong())
                .incrementAndGet();
          }
          if (value.compareTo(figure.getValue()) != 0 && differences.size() < MOST_DIFFERENCES) {
            differences.add(
                "%s: %s says %s, %s says %s"
                    .formatted(what, other, value, kind, figure.getValue()));
          }
        });
    values.putIfAbsent(kind, figure.getValue());
  }
}
