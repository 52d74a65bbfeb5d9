package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.plain;
import static dev.taximeter.api.audit.BillDocument.text;

import dev.taximeter.api.audit.ReplayedMonth.Late;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** What an account's state says of credits, bills and what no bill has, against what follows. */
final class StateFigures {
  static final String CREDITS = "credits";
  static final String MONTHS = "months";

  private final MoneyHistory history;
  private final Collection<ReplayedCredit> credits;
  private final Map<String, ReplayedMonth> months;
  private final Collection<ReplayedBill> bills;

  /** What credits gave that the state does not list. */
  private BigDecimal over = BigDecimal.ZERO;

  /** Of several checks. */
  interface Comparisons {
    void compare(String check, String subject, String expected, String actual);
  }

  StateFigures(
      MoneyHistory history,
      Collection<ReplayedCredit> credits,
      Map<String, ReplayedMonth> months,
      Collection<ReplayedBill> bills) {
    this.history = history;
    this.credits = credits;
    this.months = months;
    this.bills = bills;
  }

  /**
   * @param drawn beyond what bills took, by credit
   * @param uses the same by month and credit
   */
  void differences(
      Map<String, BigDecimal> drawn,
      Map<String, Map<String, BigDecimal>> uses,
      Comparisons comparisons) {
    for (ReplayedCredit credit : credits) {
      compare(credit, drawn.getOrDefault(credit.id, BigDecimal.ZERO), comparisons);
    }
    for (ReplayedBill bill : bills) {
      compare(bill, comparisons);
    }
    Map<String, JsonNode> stated = new TreeMap<>();
    history.state().path("periods").forEach(month -> stated.put(text(month, "period"), month));
    // A month is there for its bill or a charge alone, and must not be missing.
    Set<String> all = new TreeSet<>(months.keySet());
    all.addAll(stated.keySet());
    for (String period : all) {
      compare(
          months.getOrDefault(period, new ReplayedMonth(period, true)),
          uses.getOrDefault(period, Map.of()),
          stated.getOrDefault(period, MissingNode.getInstance()).path("billing"),
          comparisons);
    }
    compareBooks(comparisons);
  }

  /** Credits of people leave the state when they are used up by bills, or have expired. */
  private boolean isOver(ReplayedCredit credit, BigDecimal drawn) {
    boolean left = credit.applied.compareTo(credit.amountBefore(Long.MAX_VALUE)) < 0;
    return credit.isOfLedger()
        && drawn.signum() == 0
        && (!left || credit.hasExpired(history.postedAt()));
  }

  private void compare(ReplayedCredit credit, BigDecimal drawn, Comparisons comparisons) {
    String subject = "what credit " + credit.id;
    if (!credit.isStated() && isOver(credit, drawn)) {
      over = over.add(credit.applied);
      return;
    }
    comparisons.compare(CREDITS, subject + " is", credit.terms(), credit.statedTerms());
    comparisons.compare(
        CREDITS, subject + " paid on bills", plain(credit.applied), plain(credit.statedApplied));
    comparisons.compare(
        CREDITS,
        subject + " pays for",
        plain(credit.applied.add(drawn)),
        plain(credit.statedDrawn));
  }

  private void compare(ReplayedBill bill, Comparisons comparisons) {
    comparisons.compare(
        BillReplay.CHECK,
        "how many notes bill %d has".formatted(bill.number()),
        Integer.toString(bill.notes),
        Integer.toString(bill.statedNotes()));
    if (bill.isPosted() && bill.postedBefore(history.posting())) {
      comparisons.compare(
          BillReplay.CHECK,
          "whether bill %d counts".formatted(bill.number()),
          bill.counts ? "final" : "void",
          text(bill.document(), "status"));
    }
  }

  private void compare(
      ReplayedMonth month,
      Map<String, BigDecimal> uses,
      JsonNode billing,
      Comparisons comparisons) {
    if (month.isKnown) {
      comparisons.compare(
          BillReplay.CHECK,
          "what notes gave back of " + month.period,
          plain(month.noted),
          plain(decimal(billing, "noted")));
    }
    comparisons.compare(
        MONTHS,
        "bill of " + month.period,
        bills.stream()
            .filter(bill -> bill.counts && bill.period().equals(month.period))
            .map(bill -> Long.toString(bill.number()))
            .findFirst()
            .orElse("0"),
        Long.toString(billing.path("bill").asLong()));
    TreeMap<String, BigDecimal> stated = new TreeMap<>();
    billing
        .path("creditsApplied")
        .forEach(use -> stated.merge(text(use, "credit"), decimal(use, "amount"), BigDecimal::add));
    comparisons.compare(
        MONTHS,
        "credits that pay for what of %s no bill has".formatted(month.period),
        told(new TreeMap<>(uses)),
        told(stated));
    Late late = month.late();
    comparisons.compare(
        MONTHS,
        "late usage of " + month.period,
        late == null
            ? "none"
            : Instant.ofEpochMilli(late.first()) + " to " + Instant.ofEpochMilli(late.last()),
        billing.path("lateFrom").isString()
            ? Instant.parse(text(billing, "lateFrom"))
                + " to "
                + Instant.parse(text(billing, "lateTo"))
            : "none");
  }

  private static String told(TreeMap<String, BigDecimal> uses) {
    return uses.entrySet().stream()
        .filter(use -> use.getValue().signum() != 0)
        .map(use -> plain(use.getValue()) + " of " + use.getKey())
        .collect(Collectors.joining(", "));
  }

  /** What was charged and noted since the account began; the ledger has all of it. */
  private void compareBooks(Comparisons comparisons) {
    JsonNode books = history.state().path("books");
    if (books.isMissingNode()) {
      return;
    }
    BigDecimal charged = BigDecimal.ZERO;
    BigDecimal noted = BigDecimal.ZERO;
    for (ReplayedMonth month : months.values()) {
      charged = charged.add(month.charged).add(month.kept);
    }
    for (MoneyHistory.Entry entry : history.entries()) {
      if (entry.kind().equals("credit-note") && entry.ledger().equals("adjustments")) {
        noted = noted.add(entry.amount());
      }
    }
    comparisons.compare(
        CREDITS, "what credits gave that are over", plain(over), plain(decimal(books, "over")));
    comparisons.compare(
        MONTHS, "what was charged", plain(charged), plain(decimal(books, "charged")));
    comparisons.compare(
        MONTHS, "what was given back by notes", plain(noted), plain(decimal(books, "noted")));
  }
}
