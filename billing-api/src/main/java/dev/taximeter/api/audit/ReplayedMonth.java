package dev.taximeter.api.audit;

import dev.taximeter.api.audit.MoneyHistory.Price;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One month of an account, as far as the replay has come: what it cost, and what of that no bill
 * has. Parts are told apart by the last instant before them at which some credit begins or ends.
 */
final class ReplayedMonth {
  /** Lines that a month has for models; the names of models are the client's word. */
  private static final int MOST_OF_MODELS = 995;

  final String period;

  /** False if the account's writer does not know all that was charged and noted of it. */
  final boolean isKnown;

  /** Whether a bill that counts is of it. */
  boolean isFinal;

  /** Usage, billed or not. */
  BigDecimal cost = BigDecimal.ZERO;

  /** What people and re-ratings charged, billed or not. */
  BigDecimal charged = BigDecimal.ZERO;

  /** What credit notes gave back of what was billed. */
  BigDecimal noted = BigDecimal.ZERO;

  /** What is charged because the month became cheaper than its notes leave of it. */
  BigDecimal kept = BigDecimal.ZERO;

  /** The same, as far as the ledger has it. */
  BigDecimal postedKept = BigDecimal.ZERO;

  long requests;
  long unpriced;

  /** Requests that bills have. */
  private long billedRequests;

  /** What bills took of credits for it, less what came back. */
  final Map<String, BigDecimal> paid = new TreeMap<>();

  private Open open = new Open();

  /** Running totals that bills have, by line. */
  private final Map<String, Long> billed = new HashMap<>();

  private final Map<String, Price> prices = new HashMap<>();

  /** Lines of models, by what a full month shows instead of them: the line of their price entry. */
  private final Map<String, String> entryLines = new HashMap<>();

  ReplayedMonth(String period, boolean isKnown) {
    this.period = period;
    this.isKnown = isKnown;
  }

  /** What no bill has. */
  private static final class Open {
    private final TreeMap<Long, BigDecimal> flat = new TreeMap<>();
    private final Map<String, TreeMap<Long, Long>> running = new TreeMap<>();
    private final Map<String, Placed> charges = new LinkedHashMap<>();
    private final Map<String, Line> lines = new TreeMap<>();
    private @Nullable Late late;

    void add(Open other) {
      Late more = other.late;
      late = late == null ? more : more == null ? late : late.with(more);
      other.flat.forEach((start, cost) -> flat.merge(start, cost, BigDecimal::add));
      other.running.forEach(
          (line, parts) -> parts.forEach((start, quantity) -> add(line, start, quantity)));
      other.charges.forEach((id, charge) -> charges.merge(id, charge, Placed::plus));
      other.lines.forEach((line, amount) -> lines.merge(line, amount, Line::plus));
    }

    void add(String line, long start, long quantity) {
      running.computeIfAbsent(line, first -> new TreeMap<>()).merge(start, quantity, Long::sum);
    }
  }

  /**
   * Completions of what came after the month's bill, in milliseconds.
   *
   * @param first the earliest
   * @param last the latest
   */
  record Late(long first, long last) {
    Late with(Late more) {
      return new Late(Math.min(first, more.first), Math.max(last, more.last));
    }
  }

  /** What a bill took of the month; {@link #giveBack} takes it back. */
  static final class Taken {
    private final Open open;

    /** How many requests it took. */
    final long requests;

    private Taken(Open open, long requests) {
      this.open = open;
      this.requests = requests;
    }

    @Nullable Late late() {
      return open.late;
    }

    Map<String, Line> lines() {
      return open.lines;
    }

    Map<String, Placed> charges() {
      return open.charges;
    }
  }

  /** A line of a bill. */
  record Line(long quantity, BigDecimal amount) {
    static final Line NONE = new Line(0, BigDecimal.ZERO);

    Line plus(Line other) {
      return new Line(quantity + other.quantity, amount.add(other.amount));
    }

    @Override
    public String toString() {
      return quantity + " for " + BillDocument.plain(amount);
    }
  }

  /**
   * A charge.
   *
   * @param start the last instant, before the one at which it counts, at which some credit begins
   *     or ends
   */
  record Placed(long start, MoneyThen.Charge charge) {
    Placed plus(Placed other) {
      return new Placed(start, charge.withAmount(charge.amount().add(other.charge.amount())));
    }
  }

  /**
   * Takes usage in.
   *
   * @param price null if the line's price does not depend on its total
   */
  void use(String line, long start, Line amount, @Nullable Price price) {
    cost = cost.add(amount.amount);
    open.lines.merge(line, amount, Line::plus);
    if (price == null) {
      open.flat.merge(start, amount.amount, BigDecimal::add);
    } else {
      prices.put(line, price);
      open.add(line, start, amount.quantity);
    }
  }

  /** Notes that a line is of one model among those of a price entry. */
  void ofModel(String line, String entryLine) {
    entryLines.put(line, entryLine);
  }

  /** Whether bills show no models, because there were more than a month has room for. */
  boolean isFull() {
    return entryLines.size() >= MOST_OF_MODELS;
  }

  /** Whether some of the lines are of one model among those of a price entry. */
  boolean hasModels(Map<String, Line> lines) {
    return lines.keySet().stream().anyMatch(entryLines::containsKey);
  }

  /** Lines as a bill of now shows them. */
  Map<String, Line> shown(Map<String, Line> lines) {
    Map<String, Line> shown = new TreeMap<>();
    lines.forEach(
        (line, amount) ->
            shown.merge(isFull() ? entryLines.getOrDefault(line, line) : line, amount, Line::plus));
    return something(shown);
  }

  /** {@return the lines that come to something: others stand on no bill} */
  static Map<String, Line> something(Map<String, Line> lines) {
    Map<String, Line> left = new TreeMap<>(lines);
    left.values().removeIf(line -> line.quantity == 0 && line.amount.signum() == 0);
    return left;
  }

  /** Counts events. */
  void count(MoneyHistory.Count events) {
    requests += events.requests();
    unpriced += events.unpriced();
    if (isFinal) {
      Late late = new Late(events.first(), events.last());
      Late known = open.late;
      open.late = known == null ? late : known.with(late);
    }
  }

  /** What came after the month's bill, and no bill has; null if nothing did. */
  @Nullable Late late() {
    return open.late;
  }

  /** The month has no bill any more: nothing is late. */
  void reopen() {
    isFinal = false;
    open.late = null;
  }

  /** Takes in what somebody charged. */
  void charge(Placed charge) {
    charged = charged.add(charge.charge.amount());
    open.charges.merge(charge.charge.id(), charge, Placed::plus);
  }

  /**
   * @return what is to be charged, or not to be any more, because of credit notes: together they
   *     give back at most what was billed, and of a month that costs less than nothing only the
   *     notes are kept
   */
  BigDecimal missingKept() {
    BigDecimal right = noted.subtract(cost.add(charged)).max(BigDecimal.ZERO).min(noted);
    return isKnown ? right.subtract(kept) : BigDecimal.ZERO;
  }

  /**
   * @param charge of {@link #missingKept}
   */
  void keep(Placed charge) {
    kept = kept.add(charge.charge.amount());
    Placed all = open.charges.merge(charge.charge.id(), charge, Placed::plus);
    if (all.charge.amount().signum() == 0) {
      open.charges.remove(charge.charge.id());
    }
  }

  /** Charges that no bill has, by id. */
  Map<String, Placed> charges() {
    return open.charges;
  }

  /**
   * What is to be paid, by part: what one part gives back, it takes from those before it, and only
   * the first may be below 0.
   *
   * @param cuts when some credit begins or ends that there was by then: of a price that falls with
   *     the total, finer parts cost something else
   */
  TreeMap<Long, BigDecimal> due(NavigableSet<Long> cuts) {
    TreeMap<Long, BigDecimal> due = new TreeMap<>();
    open.flat.forEach((start, cost) -> due.merge(cut(cuts, start), cost, BigDecimal::add));
    open.running.forEach(
        (line, parts) -> {
          TreeMap<Long, Long> together = new TreeMap<>();
          parts.forEach((start, quantity) -> together.merge(cut(cuts, start), quantity, Long::sum));
          costs(line, together).forEach((start, cost) -> due.merge(start, cost, BigDecimal::add));
        });
    for (Placed placed : open.charges.values()) {
      due.merge(cut(cuts, placed.start), placed.charge.amount(), BigDecimal::add);
    }
    takeFromEarlier(due);
    return due;
  }

  private static long cut(NavigableSet<Long> cuts, long start) {
    Long cut = cuts.floor(start);
    return cut == null ? Long.MIN_VALUE : cut;
  }

  /** Before means completed before: what a part costs depends on the total until then. */
  private TreeMap<Long, BigDecimal> costs(String line, TreeMap<Long, Long> parts) {
    Price price = prices.get(line);
    if (price == null) {
      throw new IllegalStateException("a running total without a price");
    }
    TreeMap<Long, BigDecimal> costs = new TreeMap<>();
    long total = billed.getOrDefault(line, 0L);
    for (Map.Entry<Long, Long> part : parts.entrySet()) {
      long after = total + part.getValue();
      costs.put(part.getKey(), price.of(after).subtract(price.of(total)));
      total = after;
    }
    takeFromEarlier(costs);
    return costs;
  }

  private static void takeFromEarlier(TreeMap<Long, BigDecimal> costs) {
    BigDecimal back = BigDecimal.ZERO;
    for (Map.Entry<Long, BigDecimal> part : costs.descendingMap().entrySet()) {
      BigDecimal cost = part.getValue().add(back);
      boolean first = part.getKey().equals(costs.firstKey());
      part.setValue(first ? cost : cost.max(BigDecimal.ZERO));
      back = cost.min(BigDecimal.ZERO);
    }
  }

  /** What is to be paid in all; below 0 if the month has become cheaper than its bills say. */
  BigDecimal unbilled() {
    return due(Collections.emptyNavigableSet()).values().stream()
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** All that is open goes onto a bill. */
  Taken bill() {
    Open taken = open;
    open = new Open();
    taken.running.forEach(
        (line, parts) ->
            parts.values().forEach(quantity -> billed.merge(line, quantity, Long::sum)));
    long before = billedRequests;
    billedRequests = requests;
    return new Taken(taken, requests - before);
  }

  /** The bill is void: it is open again, together with what came since. */
  void giveBack(Taken taken) {
    taken.open.running.forEach(
        (line, parts) ->
            parts.values().forEach(quantity -> billed.merge(line, -quantity, Long::sum)));
    billedRequests -= taken.requests;
    open.add(taken.open);
    open.charges.values().removeIf(placed -> placed.charge.amount().signum() == 0);
  }

  void pay(String credit, BigDecimal amount) {
    paid.merge(credit, amount, BigDecimal::add);
  }

  BigDecimal paidBy(String credit) {
    return paid.getOrDefault(credit, BigDecimal.ZERO);
  }
}
