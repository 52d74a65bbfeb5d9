package dev.taximeter.api.audit;

import static dev.taximeter.api.audit.BillDocument.decimal;
import static dev.taximeter.api.audit.BillDocument.text;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** A bill, and what the replay knows of it once it has come to it. */
final class ReplayedBill {
  /** Whether it has been made, and is not void. */
  boolean counts;

  /** Credit notes on it so far. */
  int notes;

  /** By how much they make less due. */
  BigDecimal lessDue = BigDecimal.ZERO;

  /** What they give back to credits. */
  final Map<String, BigDecimal> returned = new HashMap<>();

  /** What it took, by month; there until it is void. */
  final Map<String, ReplayedMonth.Taken> taken = new TreeMap<>();

  /** What it took of credits, by month and credit. */
  Map<String, Map<String, BigDecimal>> uses = Map.of();

  /** What is due by it, derived: exactly, and rounded. */
  BigDecimal exactDue = BigDecimal.ZERO;

  BigDecimal due = BigDecimal.ZERO;

  /** Up to which event the bills before it went. */
  long sequenceBefore;

  /** Months without room for all models of which it shows models: earlier versions did. */
  final Set<String> withModels = new TreeSet<>();

  private final MoneyHistory.Document document;

  ReplayedBill(MoneyHistory.Document document) {
    this.document = document;
  }

  long number() {
    return document.number();
  }

  long sequenceTo() {
    return document.sequenceTo();
  }

  String period() {
    return document.period();
  }

  String contentHash() {
    return document.contentHash();
  }

  /** Bills of an earlier version of which nothing was due were not posted. */
  boolean isPosted() {
    return document.posting() != 0;
  }

  boolean postedBefore(long posting) {
    return document.posting() <= posting;
  }

  /** {@return lines of a month that it took, as it shows them} */
  Map<String, ReplayedMonth.Line> shown(ReplayedMonth month) {
    ReplayedMonth.Taken of = taken.get(month.period);
    if (of == null) {
      return Map.of();
    }
    return withModels.contains(month.period)
        ? ReplayedMonth.something(of.lines())
        : month.shown(of.lines());
  }

  JsonNode content() {
    return document.json().path("content");
  }

  JsonNode document() {
    return document.json();
  }

  JsonNode note(int index) {
    return document.json().path("notes").path(index);
  }

  int statedNotes() {
    return document.json().path("notes").size();
  }

  BigDecimal amountDue() {
    return decimal(content(), "amountDue");
  }

  /** What rounding made due; 0 if it made less due. */
  BigDecimal roundedUp() {
    return amountDue().subtract(decimal(content(), "exactDue")).max(BigDecimal.ZERO);
  }

  /** What it says that it took of credits. */
  Map<String, BigDecimal> statedUses() {
    Map<String, BigDecimal> stated = new HashMap<>();
    content()
        .path("creditsApplied")
        .forEach(use -> stated.merge(text(use, "credit"), decimal(use, "amount"), BigDecimal::add));
    return stated;
  }

  /** The bill's own month, then the others that stand on it, the latest first. */
  List<String> months(ZoneId zone) {
    TreeSet<String> others = new TreeSet<>();
    content().path("lateLines").forEach(late -> others.add(text(late, "period")));
    for (JsonNode charge : content().path("charges")) {
      Instant at = Instant.parse(text(charge, "at"));
      others.add(charge.path("period").asString(YearMonth.from(at.atZone(zone)).toString()));
    }
    others.remove(period());
    List<String> months = new ArrayList<>(others.descendingSet());
    months.add(0, period());
    return months;
  }
}
