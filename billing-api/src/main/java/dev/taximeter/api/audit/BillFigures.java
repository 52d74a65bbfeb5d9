package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.plain;
import static dev.taximeter.api.audit.BillDocument.text;

import dev.taximeter.api.audit.ReplayedMonth.Late;
import dev.taximeter.api.audit.ReplayedMonth.Line;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What a bill says besides its lines, charges and credits: whose it is and of when, what it counts
 * and covers, its sums and its one rounding. All of it follows from usage and from the bills
 * before.
 */
final class BillFigures {
  /** With so many lines of all kinds earlier versions had no room for further models. */
  private static final int NEARLY_FULL = 995;

  private final MoneyHistory history;
  private final ZoneId zone;
  private final ReplayedBill bill;
  private final Map<String, ReplayedMonth> months;
  private final ReplayedMonth month;
  private final List<ReplayedCredit> credits;

  /**
   * @param bill has what it took, and what it took of credits
   * @param months all of the account, its own among them
   */
  BillFigures(
      MoneyHistory history,
      ZoneId zone,
      ReplayedBill bill,
      Map<String, ReplayedMonth> months,
      List<ReplayedCredit> credits) {
    this.history = history;
    this.zone = zone;
    this.bill = bill;
    this.months = months;
    this.month = month(bill.period());
    this.credits = credits;
  }

  private ReplayedMonth month(String period) {
    ReplayedMonth found = months.get(period);
    if (found == null) {
      throw new IllegalStateException("a bill of a month that is not there");
    }
    return found;
  }

  /** Half-even, to the smallest amount of the currency. */
  static BigDecimal rounded(BigDecimal amount, String currency) {
    return amount.setScale(digits(currency), RoundingMode.HALF_EVEN);
  }

  static int digits(String currency) {
    return currency.isEmpty()
        ? 0
        : Math.max(0, Currency.getInstance(currency).getDefaultFractionDigits());
  }

  /** Notes in the bill what is due by it, derived. */
  void differences(Comparison comparison) {
    JsonNode content = bill.content();
    String name = "bill " + bill.number();
    comparison.compare("account, month and zone of " + name, head(), head(content));
    comparison.compare(
        "requests of " + name,
        "%d, %d without a price".formatted(month.requests, month.unpriced),
        "%s, %s without a price".formatted(text(content, "requests"), text(content, "unpriced")));
    comparison.compare("what %s covers".formatted(name), covers(), covers(content));
    comparison.compare("sums of " + name, sums(), sums(content));
    compareLate(name, content, comparison);
    compareCredits(name, content, comparison);
  }

  private String head() {
    YearMonth period = YearMonth.parse(bill.period());
    return String.join(
        " ",
        history.account(),
        Long.toString(bill.number()),
        bill.period(),
        history.currency(),
        sameZone(history.zone()),
        start(period).toString(),
        start(period.plusMonths(1)).toString());
  }

  private static String head(JsonNode content) {
    return String.join(
        " ",
        text(content, "account"),
        text(content, "number"),
        text(content, "period"),
        text(content, "currency"),
        sameZone(text(content, "zone")),
        text(content, "from"),
        text(content, "to"));
  }

  /** UTC has several names; {@return one of them, or the text if it is no zone} */
  private static String sameZone(String text) {
    try {
      return ZoneId.of(text).normalized().toString();
    } catch (DateTimeException e) {
      return text;
    }
  }

  private Instant start(YearMonth period) {
    return period.atDay(1).atStartOfDay(zone).toInstant();
  }

  private String covers() {
    long requests = bill.taken.values().stream().mapToLong(taken -> taken.requests).sum();
    long lines =
        bill.taken.keySet().stream().mapToLong(taken -> bill.shown(month(taken)).size()).sum();
    return "events %d to %d, %d lines, %d requests%s"
        .formatted(
            Math.min(bill.sequenceBefore + 1, bill.sequenceTo()),
            bill.sequenceTo(),
            lines,
            requests + earlierRequests(),
            merged(month.isFull() ? month.requests : 0));
  }

  /**
   * Earlier versions counted the requests whose model came too late for a line of its own, in
   * months that were nearly full, too.
   */
  private String merged(long requests) {
    boolean counted = !month.isFull() && bill.content().path("lines").size() >= NEARLY_FULL;
    return counted || !bill.withModels.isEmpty() ? "" : ", %d merged".formatted(requests);
  }

  /** Requests of the month itself that bills before it had: of a bill that was not posted. */
  private long earlierRequests() {
    ReplayedMonth.Taken own = bill.taken.get(bill.period());
    return own == null ? 0 : month.requests - own.requests;
  }

  private String covers(JsonNode content) {
    JsonNode covers = content.path("covers");
    return "events %s to %s, %d lines, %s requests%s"
        .formatted(
            text(covers, "sequenceFrom"),
            text(covers, "sequenceTo"),
            covers.path("lines").asLong(),
            text(covers, "requests"),
            merged(covers.path("merged").asLong(0)));
  }

  private String sums() {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal late = BigDecimal.ZERO;
    BigDecimal charges = BigDecimal.ZERO;
    for (Map.Entry<String, ReplayedMonth.Taken> taken : bill.taken.entrySet()) {
      BigDecimal lines = sum(taken.getValue().lines().values().stream().map(Line::amount).toList());
      if (taken.getKey().equals(bill.period())) {
        total = total.add(lines);
      } else {
        late = late.add(lines);
      }
      for (ReplayedMonth.Placed placed : taken.getValue().charges().values()) {
        charges = charges.add(placed.charge().amount());
      }
    }
    BigDecimal paid =
        bill.isPosted()
            ? sum(bill.uses.values().stream().flatMap(uses -> uses.values().stream()).toList())
            : sum(bill.statedUses().values());
    bill.exactDue = total.add(late).add(charges).subtract(paid);
    bill.due = rounded(bill.exactDue, history.currency());
    return told(
        total, rounded(total, history.currency()), late, charges, paid, bill.exactDue, bill.due);
  }

  private static String sums(JsonNode content) {
    return told(
        decimal(content, "exactTotal"),
        decimal(content, "total"),
        decimal(content, "lateTotal"),
        decimal(content, "chargesTotal"),
        decimal(content, "creditsTotal"),
        decimal(content, "exactDue"),
        decimal(content, "amountDue"));
  }

  private static String told(
      BigDecimal total,
      BigDecimal rounded,
      BigDecimal late,
      BigDecimal charges,
      BigDecimal credits,
      BigDecimal exactDue,
      BigDecimal due) {
    return "%s (%s), late %s, charges %s, credits %s, due %s (%s)"
        .formatted(
            plain(total),
            plain(rounded),
            plain(late),
            plain(charges),
            plain(credits),
            plain(exactDue),
            plain(due));
  }

  private static BigDecimal sum(Collection<BigDecimal> amounts) {
    return amounts.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private void compareLate(String name, JsonNode content, Comparison comparison) {
    for (JsonNode late : content.path("lateLines")) {
      String period = text(late, "period");
      ReplayedMonth.Taken taken = bill.taken.get(period);
      Late range = taken == null ? null : taken.late();
      Instant first = start(YearMonth.parse(period));
      comparison.compare(
          "when late usage of %s on %s was".formatted(period, name),
          range == null
              ? first + " to " + first
              : Instant.ofEpochMilli(range.first()) + " to " + Instant.ofEpochMilli(range.last()),
          Instant.parse(text(late, "from")) + " to " + Instant.parse(text(late, "to")));
    }
  }

  /** Bills say what their credits are since there are several forms of them. */
  private void compareCredits(String name, JsonNode content, Comparison comparison) {
    Map<String, ReplayedCredit> byId = new HashMap<>();
    credits.forEach(credit -> byId.put(credit.id, credit));
    for (JsonNode use : content.path("creditsApplied")) {
      ReplayedCredit credit = byId.get(text(use, "credit"));
      if (use.hasNonNull("kind")) {
        comparison.compare(
            "what credit %s on %s is".formatted(text(use, "credit"), name),
            credit == null ? "none" : credit.told(),
            "%s, '%s'".formatted(text(use, "kind"), use.path("reason").asString("")));
      }
    }
  }
}
