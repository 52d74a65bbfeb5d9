package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.plain;
import static dev.taximeter.api.audit.BillDocument.text;

import dev.taximeter.api.audit.MoneyHistory.Count;
import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Sum;
import dev.taximeter.api.audit.ReplayedMonth.Line;
import dev.taximeter.api.audit.ReplayedMonth.Placed;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Makes an account's final bills and credit notes once more, one after the other in the order of
 * the ledger: which usage and which charges are on which bill, which credits pay for it, to whom a
 * note gives back, and what of that is charged again because a month became cheaper. A second
 * reading of the rules, from landed rows only.
 *
 * <p>It knows completion to the millisecond. A credit of the catalogue that was loaded after usage
 * of the very quarter of an hour in which it begins or ends may look different by that usage.
 */
final class BillReplay {
  static final String CHECK = "final_bills";

  /** Those that are made by nothing else. */
  static final List<String> CHECKS = List.of(CHECK, LedgerFigures.CHECK, StateFigures.MONTHS);

  /** All that it makes differences of. */
  static final List<String> ALL_CHECKS =
      List.of(CHECK, LedgerFigures.CHECK, StateFigures.MONTHS, StateFigures.CREDITS);

  /** Charges that nobody asked for: a month became cheaper than its credit notes leave of it. */
  private static final String KEPT = "credit-notes:";

  /**
   * The pattern of a price entry, in the versions of its prices: behind the book, before the
   * instant.
   */
  private static final Pattern OF_ENTRY =
      Pattern.compile("[a-z0-9._-]+:(.+):\\d{4,}-\\d{2}-\\d{2}T[\\d:.]+Z:v\\d");

  private final MoneyHistory history;
  private final ZoneId zone;
  private final List<Difference> differences = new ArrayList<>();

  /** In the order in which they are drawn down. */
  private final List<ReplayedCredit> credits;

  private final Map<Long, ReplayedBill> bills = new TreeMap<>();
  private final TreeMap<String, ReplayedMonth> months = new TreeMap<>();

  /** Months of which the account's writer does not know all that was charged and noted. */
  private final Set<String> unknown = new TreeSet<>();

  private List<Long> cuts = List.of();

  /** Up to which event the last bill that counts goes. */
  private long billedSequence;

  /** Credit notes so far, on whatever bill. */
  private long notes;

  BillReplay(MoneyHistory history) {
    this.history = history;
    this.zone = ZoneId.of(history.zone());
    this.credits = ReplayedCredit.of(history);
    for (MoneyHistory.Document document : history.documents()) {
      bills.put(document.number(), new ReplayedBill(document));
    }
    for (JsonNode month : history.state().path("periods")) {
      if (!month.path("billing").path("noted").isString()) {
        unknown.add(text(month, "period"));
      }
    }
  }

  List<Difference> differences() throws SQLException {
    for (ReplayedBill bill : bills.values()) {
      compare(
          "hash of bill " + bill.number(), BillDocument.hash(bill.content()), bill.contentHash());
    }
    new LedgerFigures(history, zone).differences(this::compareLedger);
    replay();
    finish();
    return differences;
  }

  /** What of it all no bill has, what pays for it, and which bills count. */
  MoneyThen then() throws SQLException {
    replay();
    List<MoneyThen.Charge> charges = new ArrayList<>();
    months
        .values()
        .forEach(month -> month.charges().values().forEach(each -> charges.add(each.charge())));
    Map<Long, Integer> counting = new TreeMap<>();
    bills.values().stream()
        .filter(bill -> bill.counts)
        .forEach(bill -> counting.put(bill.number(), bill.notes));
    Map<String, Map<String, BigDecimal>> uses = draw(history.posting() + 1);
    Map<String, MoneyThen.Credit> used = new TreeMap<>();
    for (ReplayedCredit credit : credits) {
      if (uses.values().stream().anyMatch(ofMonth -> ofMonth.containsKey(credit.id))) {
        used.put(credit.id, credit.credit());
      }
    }
    return new MoneyThen(uses, charges, counting, used);
  }

  private void replay() throws SQLException {
    cuts = List.copyOf(ReplayedCredit.boundaries(credits, Long.MAX_VALUE));
    List<Step> steps = Step.of(history);
    List<Long> sequences =
        steps.stream().filter(Step::needsUsage).map(Step::sequence).distinct().sorted().toList();
    List<Arrived> usage = new ArrayList<>();
    for (int i = 0; i <= sequences.size(); i++) {
      usage.add(new Arrived(new ArrayList<>(), new ArrayList<>()));
    }
    history.usage().sums(cuts, sequences).forEach(sum -> usage.get(sum.step()).sums.add(sum));
    history.usage().counts(sequences).forEach(count -> usage.get(count.step()).counts.add(count));
    int arrived = 0;
    for (Step step : steps) {
      while (step.needsUsage()
          && arrived < sequences.size()
          && sequences.get(arrived) <= step.sequence()) {
        usage.get(arrived++).arrive(this);
      }
      take(step);
    }
    usage.subList(arrived, usage.size()).forEach(rest -> rest.arrive(this));
    months.values().forEach(this::keep);
  }

  /** Usage between two steps. */
  private record Arrived(List<Sum> sums, List<Count> counts) {
    void arrive(BillReplay replay) {
      sums.forEach(replay::use);
      counts.forEach(count -> replay.month(count.period()).count(count));
    }
  }

  private ReplayedMonth month(String period) {
    return months.computeIfAbsent(
        period, first -> new ReplayedMonth(period, !unknown.contains(period)));
  }

  private void use(Sum sum) {
    String line = line(sum.model(), sum);
    ReplayedMonth month = month(sum.period());
    Matcher entry = OF_ENTRY.matcher(sum.priceVersion());
    if (entry.lookingAt() && !entry.group(1).equals(sum.model())) {
      month.ofModel(line, line(entry.group(1), sum));
    }
    month.use(
        line,
        sum.segment() == 0 ? Long.MIN_VALUE : cuts.get(sum.segment() - 1),
        new Line(sum.quantity(), sum.amount()),
        history.prices().get(sum.priceVersion() + ' ' + sum.tokenClass()));
  }

  private static String line(String model, Sum sum) {
    return String.join(" ", model, sum.tokenClass(), "at", sum.priceVersion());
  }

  private void take(Step step) {
    switch (step.kind()) {
      case CHARGE -> step.entries().forEach(this::charge);
      case KEPT -> step.entries().forEach(this::postKept);
      case END -> {
        compareKept("last");
        compareFollowed();
      }
      case BILL, VOID, NOTE -> {
        ReplayedBill bill = bills.get(step.bill());
        if (bill != null) {
          if (!step.entries().isEmpty()) {
            compareKept(Long.toString(step.posting()));
          }
          if (step.kind() == Step.Kind.BILL) {
            compare(
                "last event of bill " + bill.number(),
                Long.toString(step.sequence()),
                Long.toString(bill.sequenceTo()));
            bill(bill, step.posting());
            compareMoves(bill, step, false);
            compareMaking(bill, step);
          } else if (step.kind() == Step.Kind.VOID) {
            compareMoves(bill, step, true);
            compareVoid(bill, step);
            undo(bill);
          } else {
            note(bill, step);
          }
        }
      }
    }
  }

  /** Belongs to the month of its entry; it counts when it was decided, or at the month's end. */
  private void charge(Entry entry) {
    if (entry.ledger().equals("unbilled")) {
      boolean isReRating = entry.kind().equals("re-rating");
      month(entry.period())
          .charge(
              placed(
                  entry.period(),
                  new MoneyThen.Charge(
                      "ledger:" + entry.commandId(),
                      entry.kind(),
                      Instant.ofEpochMilli(entry.at()),
                      entry.amount(),
                      entry.reason(),
                      isReRating ? entry.period() : "")));
    }
  }

  private Placed placed(String month, MoneyThen.Charge charge) {
    long at = Math.min(charge.at().toEpochMilli(), lastMilli(month));
    long start = Long.MIN_VALUE;
    for (long cut : cuts) {
      start = cut <= at ? cut : start;
    }
    return new Placed(start, charge);
  }

  private long lastMilli(String month) {
    return YearMonth.parse(month)
            .plusMonths(1)
            .atDay(1)
            .atStartOfDay(zone)
            .toInstant()
            .toEpochMilli()
        - 1;
  }

  private void postKept(Entry entry) {
    if (entry.ledger().equals("unbilled")) {
      ReplayedMonth month = month(entry.period());
      month.postedKept = month.postedKept.add(entry.amount());
    }
  }

  /** What notes gave back must not be given back again: a function of totals. */
  private void keep(ReplayedMonth month) {
    BigDecimal more = month.missingKept();
    if (more.signum() != 0) {
      month.keep(
          placed(
              month.period,
              new MoneyThen.Charge(
                  KEPT + month.period,
                  "adjustment",
                  Instant.ofEpochMilli(lastMilli(month.period)),
                  more,
                  "credit notes on bills of %s gave this back before".formatted(month.period),
                  "")));
    }
  }

  /** Before each bill, note and void, and in the end, the ledger has what was kept. */
  private void compareKept(String posting) {
    for (ReplayedMonth month : months.values()) {
      keep(month);
      compare(
          "what the ledger has kept of credit notes on %s at posting %s"
              .formatted(month.period, posting),
          plain(month.kept),
          plain(month.postedKept));
      month.postedKept = month.kept;
    }
  }

  private void bill(ReplayedBill bill, long posting) {
    month(bill.period());
    List<ReplayedMonth> billed = new ArrayList<>();
    for (ReplayedMonth month : months.headMap(bill.period(), true).values()) {
      if (month.isFinal || month.period.equals(bill.period())) {
        keep(month);
        billed.add(month);
      }
    }
    Map<String, Map<String, BigDecimal>> uses = draw(posting);
    uses.keySet().retainAll(billed.stream().map(month -> month.period).toList());
    billed.forEach(month -> bill.taken.put(month.period, month.bill()));
    compareLines(bill);
    compareCharges(bill);
    bill.uses = uses;
    compareUses(bill);
    bill.sequenceBefore = billedSequence;
    new BillFigures(history, zone, bill, months, credits).differences(this::compare);
    billedSequence = bill.sequenceTo();
    uses.forEach((period, ofMonth) -> ofMonth.forEach(month(period)::pay));
    month(bill.period()).isFinal = true;
    bill.counts = true;
  }

  /** What the ledger moves when a bill is made, or does not count any more. */
  private void compareMoves(ReplayedBill bill, Step step, boolean back) {
    if (!bill.isPosted() || step.entries().isEmpty()) {
      return;
    }
    Map<String, BigDecimal> moves = new TreeMap<>();
    for (Entry entry : step.entries()) {
      moves.merge(entry.ledger(), entry.amount(), BigDecimal::add);
    }
    Map<String, BigDecimal> expected = new TreeMap<>();
    expected.put("unbilled", bill.exactDue.negate());
    expected.put("receivable", bill.due);
    expected.put("rounding", bill.exactDue.subtract(bill.due));
    if (back) {
      expected.replaceAll((ledger, amount) -> amount.negate());
    }
    compareLedger(
        "%s of bill %d".formatted(back ? "void" : "posting", bill.number()),
        LedgerFigures.told(expected),
        LedgerFigures.told(moves));
  }

  /** No hash covers when and by whom: the ledger says it, too. */
  private void compareMaking(ReplayedBill bill, Step step) {
    if (bill.isPosted() && !step.entries().isEmpty()) {
      Entry posted = step.entries().get(0);
      compare(
          "when and by whom bill %d was made, posting %d".formatted(bill.number(), step.posting()),
          made(millis(posted.at()), posted.author()),
          made(
              millis(bill.document(), "finalizedAt"),
              bill.document().path("finalizedBy").asString("")));
    }
  }

  private void compareVoid(ReplayedBill bill, Step step) {
    if (bill.isPosted() && !step.entries().isEmpty()) {
      JsonNode voided = bill.document().path("voided");
      compare(
          "when, by whom and why bill %d was voided, posting %d"
              .formatted(bill.number(), step.posting()),
          decided(step.entries().get(0)),
          decided(voided));
    }
  }

  private void compareNote(String subject, JsonNode note, Step step) {
    notes++;
    compare(
        "number of " + subject, Long.toString(notes), Long.toString(note.path("number").asLong()));
    compare(
        "when, by whom and why %s was written, posting %d".formatted(subject, step.posting()),
        decided(step.entries().get(0)),
        decided(note));
  }

  /** A note says what its credits are, like the bill itself. */
  private void compareReturned(String subject, JsonNode note) {
    for (JsonNode use : note.path("returned")) {
      if (use.hasNonNull("kind")) {
        String id = text(use, "credit");
        compare(
            "what credit %s on %s is".formatted(id, subject),
            credits.stream()
                .filter(credit -> credit.id.equals(id))
                .map(ReplayedCredit::told)
                .findFirst()
                .orElse("none"),
            "%s, '%s'".formatted(text(use, "kind"), use.path("reason").asString("")));
      }
    }
  }

  private static String decided(Entry posted) {
    return made(millis(posted.at()), posted.author()) + ", '%s'".formatted(posted.reason());
  }

  private static String decided(JsonNode stated) {
    return made(millis(stated, "at"), stated.path("author").asString(""))
        + ", '%s'".formatted(stated.path("reason").asString(""));
  }

  private static String made(String at, String author) {
    return author.isEmpty() ? at : at + " by " + author;
  }

  private static String millis(long at) {
    return Instant.ofEpochMilli(at).toString();
  }

  /** The ledger knows milliseconds. */
  private static String millis(JsonNode node, String field) {
    String text = node.path(field).asString("");
    try {
      return millis(Instant.parse(text).toEpochMilli());
    } catch (DateTimeParseException e) {
      return text.isEmpty() ? "none" : text;
    }
  }

  /** Usage, what it draws of credits and what expired, as far as the ledger has come. */
  private void compareFollowed() {
    Map<String, BigDecimal> costs = new TreeMap<>();
    months.values().forEach(month -> costs.put(month.period, month.cost));
    LedgerFigures figures = new LedgerFigures(history, zone);
    figures.usage(costs, this::compareLedger);
    Map<String, BigDecimal> drawn = sums(draw(Long.MAX_VALUE));
    for (ReplayedCredit credit : credits) {
      figures.credit(
          credit,
          credit.applied.add(drawn.getOrDefault(credit.id, BigDecimal.ZERO)),
          this::compareLedger);
    }
  }

  private void compareLedger(String subject, String expected, String actual) {
    compare(LedgerFigures.CHECK, subject, expected, actual);
  }

  private void undo(ReplayedBill bill) {
    bill.taken.forEach((period, taken) -> month(period).giveBack(taken));
    bill.taken.clear();
    bill.uses.forEach(
        (period, ofMonth) ->
            ofMonth.forEach((credit, amount) -> month(period).pay(credit, amount.negate())));
    Map<String, BigDecimal> stated = bill.statedUses();
    for (ReplayedCredit credit : credits) {
      credit.applied = credit.applied.subtract(stated.getOrDefault(credit.id, BigDecimal.ZERO));
    }
    month(bill.period()).reopen();
    billedSequence = bill.sequenceBefore;
    bill.counts = false;
  }

  /** Goes on with what was posted, so that one wrong note is one difference. */
  private void note(ReplayedBill bill, Step step) {
    Note note = Note.of(step.entries());
    String subject = "note %d on bill %d".formatted(bill.notes + 1, bill.number());
    compare(
        "what %s says that it gives back to credits".formatted(subject),
        note.toString(),
        Note.of(bill.note(bill.notes)).toString());
    compareNote(subject, bill.note(bill.notes), step);
    compareReturned(subject, bill.note(bill.notes));
    NoteSplit split =
        new NoteSplit(
            BillFigures.digits(history.currency()),
            bill,
            ofBill(bill),
            credits,
            draw(step.posting()));
    if (split.isKnown()) {
      Note right = split.of(note.amount(), split.isWhole(note));
      compare(subject, right.toString(), note.toString());
    }
    split.write(note);
    bill.notes++;
  }

  private List<ReplayedMonth> ofBill(ReplayedBill bill) {
    return bill.months(zone).stream().map(this::month).toList();
  }

  private void finish() {
    Map<String, Map<String, BigDecimal>> uses = draw(Long.MAX_VALUE);
    new StateFigures(history, credits, months, bills.values())
        .differences(sums(uses), uses, this::compare);
    Map<String, JsonNode> stated = new TreeMap<>();
    history.state().path("periods").forEach(month -> stated.put(text(month, "period"), month));
    // A month that the state does not have may have charges, too.
    Set<String> all = new TreeSet<>(months.keySet());
    all.addAll(stated.keySet());
    for (String period : all) {
      compareCharges(
          "charge %s of " + period + " that no bill has",
          month(period).charges(),
          stated.getOrDefault(period, MissingNode.getInstance()).path("billing").path("charges"));
    }
  }

  /**
   * Pays what is open in the order of completion, after billed months that have become cheaper gave
   * back to the credits that paid for them: those months together that no bill can tell apart.
   *
   * @return by month and credit; below 0 where a credit gets something back
   */
  private Map<String, Map<String, BigDecimal>> draw(long posting) {
    Map<String, BigDecimal> left = new HashMap<>();
    for (ReplayedCredit credit : credits) {
      left.put(credit.id, credit.amountBefore(posting).subtract(credit.applied));
    }
    Map<String, Map<String, BigDecimal>> uses = new HashMap<>();
    Map<String, TreeMap<Long, BigDecimal>> due = new TreeMap<>();
    TreeSet<Long> then = ReplayedCredit.boundaries(credits, posting);
    months.forEach((period, month) -> due.put(period, month.due(then)));
    BigDecimal back = BigDecimal.ZERO;
    String returned = "";
    for (String period : due.keySet()) {
      if (period.compareTo(returned) > 0) {
        returned = lastBilledWith(period);
        returnToCredits(due, period, returned, left, uses);
      }
      for (Map.Entry<Long, BigDecimal> part :
          due.getOrDefault(period, new TreeMap<>()).entrySet()) {
        BigDecimal rest = part.getValue().add(back);
        // What is given back beyond a month takes from what follows.
        back = rest.min(BigDecimal.ZERO);
        pay(period, part.getKey(), rest, left, uses);
      }
    }
    return uses;
  }

  private void pay(
      String period,
      long start,
      BigDecimal cost,
      Map<String, BigDecimal> left,
      Map<String, Map<String, BigDecimal>> uses) {
    BigDecimal rest = cost;
    for (ReplayedCredit credit : credits) {
      BigDecimal has = left.getOrDefault(credit.id, BigDecimal.ZERO);
      if (rest.signum() > 0 && has.signum() > 0 && credit.covers(start)) {
        BigDecimal taken = rest.min(has);
        rest = rest.subtract(taken);
        left.merge(credit.id, taken.negate(), BigDecimal::add);
        use(uses, period, credit.id, taken);
      }
    }
  }

  /** The first month from the given one on that has no bill yet; all before it have. */
  private String lastBilledWith(String period) {
    YearMonth last = YearMonth.parse(period);
    while (months.containsKey(last.toString()) && month(last.toString()).isFinal) {
      last = last.plusMonths(1);
    }
    return last.toString();
  }

  /**
   * Who was given something for nothing must not be owed it as money: the last credit first.
   *
   * @param from the first month that gives back
   * @param until the last one
   */
  private void returnToCredits(
      Map<String, TreeMap<Long, BigDecimal>> due,
      String from,
      String until,
      Map<String, BigDecimal> left,
      Map<String, Map<String, BigDecimal>> uses) {
    for (ReplayedMonth month : months.subMap(from, true, until, true).values()) {
      TreeMap<Long, BigDecimal> parts = due.getOrDefault(month.period, new TreeMap<>());
      BigDecimal owed = parts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
      if (owed.signum() < 0) {
        for (int i = credits.size() - 1; i >= 0; i--) {
          String id = credits.get(i).id;
          BigDecimal returned = month.paidBy(id).min(owed.negate()).max(BigDecimal.ZERO);
          owed = owed.add(returned);
          left.merge(id, returned, BigDecimal::add);
          use(uses, month.period, id, returned.negate());
        }
        // All that is left of the month is what the account was billed for.
        long first = parts.firstKey();
        parts.clear();
        parts.put(first, owed);
      }
    }
  }

  private static void use(
      Map<String, Map<String, BigDecimal>> uses, String period, String credit, BigDecimal amount) {
    if (amount.signum() != 0) {
      uses.computeIfAbsent(period, first -> new LinkedHashMap<>())
          .merge(credit, amount, BigDecimal::add);
    }
  }

  private static Map<String, BigDecimal> sums(Map<String, Map<String, BigDecimal>> uses) {
    Map<String, BigDecimal> sums = new HashMap<>();
    uses.values()
        .forEach(
            ofMonth ->
                ofMonth.forEach((credit, amount) -> sums.merge(credit, amount, BigDecimal::add)));
    return sums;
  }

  private void compareUses(ReplayedBill bill) {
    Map<String, BigDecimal> uses = sums(bill.uses);
    Map<String, BigDecimal> stated = bill.statedUses();
    for (ReplayedCredit credit : credits) {
      BigDecimal replayed = uses.getOrDefault(credit.id, BigDecimal.ZERO);
      BigDecimal use = stated.getOrDefault(credit.id, BigDecimal.ZERO);
      if (bill.isPosted()) {
        compare(
            "credit %s on bill %d".formatted(credit.id, bill.number()),
            plain(replayed),
            plain(use));
      } else {
        // What cannot be replayed is taken as it is stated: it paid for the bill's own month.
        use(bill.uses, bill.period(), credit.id, use.subtract(replayed));
      }
      credit.applied = credit.applied.add(use);
    }
  }

  private void compareLines(ReplayedBill bill) {
    Map<String, Map<String, Line>> stated = new TreeMap<>();
    bill.content().path("lines").forEach(line -> put(stated, bill.period(), line));
    bill.content()
        .path("lateLines")
        .forEach(late -> put(stated, text(late, "period"), late.path("line")));
    Map<String, Line> actual = new TreeMap<>();
    stated.forEach(
        (period, lines) -> {
          if (month(period).isFull() && month(period).hasModels(lines)) {
            // As earlier versions made them: events tell which models had lines.
            bill.withModels.add(period);
          }
          lines.forEach((line, amount) -> actual.put(period + ' ' + line, amount));
        });
    Map<String, Line> expected = new TreeMap<>();
    bill.taken
        .keySet()
        .forEach(
            period ->
                bill.shown(month(period))
                    .forEach((line, amount) -> expected.put(period + ' ' + line, amount)));
    Set<String> all = new TreeSet<>(expected.keySet());
    all.addAll(actual.keySet());
    for (String line : all) {
      compare(
          "bill %d, %s".formatted(bill.number(), line),
          expected.getOrDefault(line, Line.NONE).toString(),
          actual.getOrDefault(line, Line.NONE).toString());
    }
  }

  private static void put(Map<String, Map<String, Line>> lines, String period, JsonNode line) {
    lines
        .computeIfAbsent(period, first -> new TreeMap<>())
        .put(
            String.join(
                " ",
                text(line, "model"),
                text(line, "tokenClass"),
                "at",
                text(line, "priceVersion")),
            new Line(line.path("quantity").asLong(), decimal(line, "amount")));
  }

  private void compareCharges(ReplayedBill bill) {
    Map<String, Placed> expected = new TreeMap<>();
    bill.taken.values().forEach(taken -> expected.putAll(taken.charges()));
    compareCharges("charge %s on bill " + bill.number(), expected, bill.content().path("charges"));
  }

  /**
   * @param subject with a place for the charge's id
   */
  private void compareCharges(String subject, Map<String, Placed> expected, JsonNode stated) {
    Map<String, String> actual = new TreeMap<>();
    for (JsonNode charge : stated) {
      actual.merge(
          text(charge, "id"),
          told(
              text(charge, "kind"),
              charge.path("period").asString(""),
              decimal(charge, "amount"),
              Instant.parse(text(charge, "at")),
              charge.path("reason").asString("")),
          (one, other) -> one + " and " + other);
    }
    Set<String> all = new TreeSet<>(expected.keySet());
    all.addAll(actual.keySet());
    for (String id : all) {
      Placed placed = expected.get(id);
      compare(
          subject.formatted(id),
          placed == null
              ? "none"
              : told(
                  placed.charge().kind(),
                  placed.charge().period(),
                  placed.charge().amount(),
                  placed.charge().at(),
                  placed.charge().reason()),
          actual.getOrDefault(id, "none"));
    }
  }

  /** The ledger knows milliseconds, and all of a reason. */
  private static String told(
      String kind, String period, BigDecimal amount, Instant at, String reason) {
    return "%s of %s at %s, '%s'"
        .formatted(
            (kind + ' ' + period).trim(),
            plain(amount),
            Instant.ofEpochMilli(at.toEpochMilli()),
            ReplayedCredit.cut(reason));
  }

  private void compare(String subject, String expected, String actual) {
    compare(CHECK, subject, expected, actual);
  }

  private void compare(String check, String subject, String expected, String actual) {
    if (!expected.equals(actual)) {
      differences.add(new Difference(check, history.account(), subject, expected, actual));
    }
  }
}
