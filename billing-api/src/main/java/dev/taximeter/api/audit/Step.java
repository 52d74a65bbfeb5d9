package dev.taximeter.api.audit;

import dev.taximeter.api.audit.MoneyHistory.Entry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * A decision about an account's money, as the ledger has it.
 *
 * @param order twice the number of its posting; one more if it has none and came after that one
 * @param sequence usage up to this number came before it
 * @param bill number of the bill concerned; 0 if none
 */
record Step(Kind kind, long order, long sequence, long bill, List<Entry> entries) {
  enum Kind {
    CHARGE,
    KEPT,
    BILL,
    VOID,
    NOTE,
    /** Where the ledger ends. */
    END
  }

  Step {
    entries = List.copyOf(entries);
  }

  /** Number of its posting, or of the one that came after it. */
  long posting() {
    return (order + 1) / 2;
  }

  /** A charge is no decision about usage. */
  boolean needsUsage() {
    return kind != Kind.CHARGE && kind != Kind.KEPT;
  }

  static List<Step> of(MoneyHistory history) {
    TreeMap<Long, List<Entry>> postings = new TreeMap<>();
    for (Entry entry : history.entries()) {
      postings.computeIfAbsent(entry.posting(), first -> new ArrayList<>()).add(entry);
    }
    List<Step> steps = new ArrayList<>();
    postings.forEach((number, entries) -> add(steps, number, entries));
    for (MoneyHistory.Document document : history.documents()) {
      if (document.posting() == 0 && document.before() <= history.posting()) {
        addUnposted(steps, document);
      }
    }
    if (history.postedTo() > 0) {
      steps.add(new Step(Kind.END, Long.MAX_VALUE, history.postedTo(), 0, List.of()));
    }
    steps.sort(Comparator.comparingLong(Step::order));
    return steps;
  }

  private static void add(List<Step> steps, long number, List<Entry> entries) {
    Entry first = entries.get(0);
    Kind kind =
        switch (first.kind()) {
          case "bill" -> Kind.BILL;
          case "void" -> Kind.VOID;
          case "credit-note" -> Kind.NOTE;
          case "adjustment" -> first.commandId().isEmpty() ? Kind.KEPT : Kind.CHARGE;
          default -> Kind.CHARGE;
        };
    boolean charges = entries.stream().anyMatch(entry -> entry.ledger().equals("unbilled"));
    if (charges || (kind != Kind.CHARGE && kind != Kind.KEPT)) {
      steps.add(new Step(kind, 2 * number, first.sequence(), first.bill(), entries));
    }
  }

  /** Nothing came of it but that its usage is billed: an earlier version did not post that. */
  private static void addUnposted(List<Step> steps, MoneyHistory.Document document) {
    steps.add(
        new Step(
            Kind.BILL,
            2 * document.before() + 1,
            document.sequenceTo(),
            document.number(),
            List.of()));
    if (document.json().path("voided").isObject()) {
      steps.add(
          new Step(
              Kind.VOID,
              2 * document.before() + 1,
              document.sequenceTo(),
              document.number(),
              List.of()));
    }
  }
}
