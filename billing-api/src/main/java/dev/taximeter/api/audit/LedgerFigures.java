package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.plain;

import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Followed;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the ledger says of where money comes from and goes to: which accounts a kind of posting
 * moves it between, in which month, and how much of each credit was drawn, expired and is left.
 */
final class LedgerFigures {
  static final String CHECK = "ledger_accounts";

  /** By kind of posting, the accounts that it may move money between. */
  private static final Map<String, List<String>> ACCOUNTS =
      Map.of(
          "grant", List.of("credits, promotion"),
          "top-up", List.of("cash, credits"),
          "adjustment", List.of("adjustments, credits", "adjustments, unbilled"),
          "debit", List.of("debits, unbilled"),
          "re-rating", List.of("unbilled, usage"),
          "credit-note",
              List.of(
                  "adjustments, credits, receivable",
                  "adjustments, credits",
                  "adjustments, receivable"));

  /** These name the month of the instant at which they were asked for. */
  private static final Set<String> OF_NOW = Set.of("debit", "adjustment");

  private final MoneyHistory history;
  private final ZoneId zone;

  LedgerFigures(MoneyHistory history, ZoneId zone) {
    this.history = history;
    this.zone = zone;
  }

  /** Compares what single postings say. */
  void differences(Comparison comparison) {
    Map<Long, List<Entry>> postings = new TreeMap<>();
    for (Entry entry : history.entries()) {
      postings.computeIfAbsent(entry.posting(), first -> new ArrayList<>()).add(entry);
    }
    postings.forEach((number, entries) -> compare(number, entries, comparison));
    compareCounterparts(comparison);
  }

  private void compare(long number, List<Entry> entries, Comparison comparison) {
    Entry first = entries.get(0);
    List<String> allowed = ACCOUNTS.getOrDefault(first.kind(), List.of());
    Set<String> ledgers = new TreeSet<>();
    Set<String> credits = new TreeSet<>();
    Set<String> periods = new TreeSet<>();
    for (Entry entry : entries) {
      ledgers.add(entry.ledger());
      credits.add(entry.credit());
      periods.add(entry.period());
    }
    String actual = String.join(", ", ledgers);
    if (!allowed.isEmpty() && !allowed.contains(actual)) {
      comparison.compare(
          "accounts of posting %d, %s".formatted(number, first.kind()),
          String.join(" or ", allowed),
          actual);
    }
    boolean gives = ledgers.contains("credits") && !first.kind().equals("credit-note");
    if (gives && credits.size() > 1) {
      comparison.compare("credits of posting " + number, "one", String.join(" and ", credits));
    }
    if (OF_NOW.contains(first.kind()) && !first.commandId().isEmpty() && !gives) {
      comparison.compare(
          "month of posting " + number,
          YearMonth.from(Instant.ofEpochMilli(first.at()).atZone(zone)).toString(),
          String.join(" and ", periods));
    }
  }

  private BigDecimal sum(String kind, String ledger, String period, String credit) {
    return history.followed().stream()
        .filter(sum -> sum.kind().equals(kind) && sum.ledger().equals(ledger))
        .filter(sum -> sum.period().equals(period) && sum.credit().equals(credit))
        .map(Followed::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** What follows usage moves between accounts of a month, or of a credit. */
  private void compareCounterparts(Comparison comparison) {
    Map<String, BigDecimal> left = new TreeMap<>();
    Set<String> strange = new TreeSet<>();
    for (Followed sum : history.followed()) {
      String subject = sum.credit().isEmpty() ? "month " + sum.period() : "credit " + sum.credit();
      left.merge(sum.kind() + " of " + subject, sum.amount(), BigDecimal::add);
      Set<String> allowed =
          sum.kind().equals("expiry")
              ? Set.of("credits", "breakage")
              : sum.credit().isEmpty()
                  ? Set.of("unbilled", "usage")
                  : Set.of("credits", "unbilled", "promotion");
      if (!allowed.contains(sum.ledger())) {
        strange.add("%s of %s in %s".formatted(sum.kind(), subject, sum.ledger()));
      }
    }
    left.forEach((subject, rest) -> comparison.compare(subject, "0", plain(rest)));
    strange.forEach(subject -> comparison.compare(subject, "none", "some"));
  }

  /**
   * @param costs of usage by month, as far as the ledger has come
   */
  void usage(Map<String, BigDecimal> costs, Comparison comparison) {
    Set<String> periods = new TreeSet<>(costs.keySet());
    history.followed().stream()
        .filter(sum -> sum.credit().isEmpty())
        .forEach(sum -> periods.add(sum.period()));
    for (String period : periods) {
      comparison.compare(
          "usage of %s in the ledger".formatted(period),
          plain(costs.getOrDefault(period, BigDecimal.ZERO)),
          plain(sum("usage", "unbilled", period, "")));
    }
  }

  /**
   * @param drawn of the credit by bills and by what no bill has, as far as the ledger has come
   */
  void credit(ReplayedCredit credit, BigDecimal drawn, Comparison comparison) {
    BigDecimal amount = credit.amountBefore(Long.MAX_VALUE);
    BigDecimal given = amount.max(drawn);
    BigDecimal expired =
        credit.hasExpired(history.postedAt()) ? given.subtract(drawn) : BigDecimal.ZERO;
    BigDecimal returned = BigDecimal.ZERO;
    for (Entry entry : history.entries()) {
      boolean back = entry.kind().equals("credit-note") && entry.ledger().equals("credits");
      if (back && entry.credit().equals(credit.id)) {
        returned = returned.subtract(entry.amount());
      }
    }
    comparison.compare(
        "credit %s in the ledger".formatted(credit.id),
        told(drawn, given.subtract(amount), expired, given.subtract(drawn).subtract(expired)),
        told(
            sum("usage", "unbilled", "", credit.id).negate().subtract(returned),
            sum("usage", "promotion", "", credit.id),
            sum("expiry", "breakage", "", credit.id).negate(),
            amount
                .add(returned)
                .subtract(sum("usage", "credits", "", credit.id))
                .subtract(sum("expiry", "credits", "", credit.id))));
  }

  private static String told(
      BigDecimal drawn, BigDecimal beyond, BigDecimal expired, BigDecimal left) {
    return "%s drawn, %s given beyond its amount, %s expired, %s left"
        .formatted(plain(drawn), plain(beyond), plain(expired), plain(left));
  }

  /** By account; what is 0 has no entry. */
  static String told(Map<String, BigDecimal> moves) {
    return moves.entrySet().stream()
        .filter(move -> move.getValue().signum() != 0)
        .map(move -> move.getKey() + ' ' + plain(move.getValue()))
        .collect(Collectors.joining(", ", "", ""));
  }
}
