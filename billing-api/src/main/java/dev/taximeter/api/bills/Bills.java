package dev.taximeter.api.bills;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.contract.rating.Explanation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonSerialize;

/** Makes bills from an account's state. Pure: no clock, no I/O. */
final class Bills {
  static final Comparator<AccountState.BillLine> ORDER =
      Comparator.comparing(AccountState.BillLine::model)
          .thenComparing(AccountState.BillLine::tokenClass)
          .thenComparing(AccountState.BillLine::priceVersion);

  private Bills() {}

  @Schema(description = "Where the bill stands.", enumAsRef = true)
  enum Status {
    /** The period goes on. */
    preview,
    /** The period has ended; the bill is not final yet. */
    open,
    /** It will not change. */
    @JsonProperty("final")
    FINAL,
    /** It was final and does not count any more. */
    @JsonProperty("void")
    VOID
  }

  @Schema(name = "BillUnitPrice", description = "A price.")
  record UnitPrice(
      @Schema(
              description = "Exact, with the plan's discount or markup.",
              type = "string",
              example = "0.4")
          BigDecimal amount,
      @Schema(description = "Tokens or requests that it is for.", example = "1000000") long per) {
    static UnitPrice of(Explanation.UnitPrice price) {
      return new UnitPrice(price.amount(), price.per());
    }
  }

  @Schema(name = "BillTier", description = "Part of a line, at a tier's price.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Tier(
      @Schema(description = "The tier begins after so many of the month.", example = "0")
          long above,
      @Schema(description = "And ends with so many; absent if it has no end.", example = "10000000")
          @Nullable Long upTo,
      @Schema(
              description =
                  "Of the line, in this tier. Below 0 where a volume price has changed for what an"
                      + " earlier bill has: that is taken back and stands in the new tier.",
              example = "123456")
          long quantity,
      UnitPrice unitPrice,
      @Schema(description = "Exact.", type = "string", example = "0.0493824") BigDecimal amount) {
    static Tier of(Explanation.Part part) {
      return new Tier(
          part.above(),
          part.upTo(),
          part.quantity(),
          UnitPrice.of(part.unitPrice()),
          part.amount());
    }
  }

  @Schema(description = "How the amount of a line comes about; absent where that is not known.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Reckoning(
      @Schema(description = "Of a price that is the same for all; absent if it is tiered.")
          @Nullable UnitPrice unitPrice,
      @Schema(
              description =
                  "How the quantity splits over a price that is not the same for all. Quantities"
                      + " and amounts add up to the line's. Tiers of late usage begin behind what"
                      + " earlier bills have.")
          @Nullable List<Tier> tiers,
      @Schema(description = "The sum as text, exact.", example = "123,456 × 0.4 / 1,000,000")
          @Nullable String formula) {
    static final Reckoning UNKNOWN = new Reckoning(null, null, null);

    static Reckoning of(Explanation explanation) {
      Explanation.UnitPrice price = explanation.unitPrice();
      return new Reckoning(
          price == null ? null : UnitPrice.of(price),
          price == null ? explanation.parts().stream().map(Tier::of).toList() : null,
          explanation.formula());
    }
  }

  @Schema(description = "Usage of one class at one price.")
  record Line(
      @Schema(
              description =
                  "Model; the price entry's pattern if its price is tiered or the month is full; *"
                      + " for the plan's charge per request. about says which.",
              example = "qwen-max")
          String model,
      @Schema(
              description =
                  "What the line is about, if it is not one model: all models that match a price"
                      + " entry's pattern, or all requests.",
              example = "all models that match qwen-*")
          @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable String about,
      @Schema(
              description = "Class of tokens, or request.",
              type = "string",
              allowableValues = {
                "input",
                "cachedInput",
                "cacheWrite",
                "output",
                "reasoning",
                "request"
              },
              example = "input")
          TokenClass tokenClass,
      @Schema(description = "Tokens or requests.", example = "123456") long quantity,
      @Schema(description = "Exact.", type = "string", example = "0.0493824") BigDecimal amount,
      @Schema(description = "Which price it was.", example = "list:qwen-*:2026-01-01T00:00:00Z:v1")
          String priceVersion,
      @JsonUnwrapped Reckoning reckoning) {
    static Line of(AccountState.BillLine line) {
      return new Line(
          line.model(),
          aboutOf(line),
          line.tokenClass(),
          line.quantity(),
          line.amount(),
          line.priceVersion(),
          Reckoning.UNKNOWN);
    }

    Line with(Reckoning known) {
      return new Line(model, about, tokenClass, quantity, amount, priceVersion, known);
    }
  }

  /** Null if the line is about one model. */
  private static @Nullable String aboutOf(AccountState.BillLine line) {
    if (line.tokenClass() == TokenClass.REQUEST && line.model().equals("*")) {
      return "all requests";
    }
    return line.model().contains("*") ? "all models that match " + line.model() : null;
  }

  @Schema(description = "Usage that came after the bill of its own month was final.")
  record LateLine(
      @Schema(description = "Month in which it completed.", example = "2026-10") String period,
      @Schema(description = "Earliest completion of the month's late usage.") Instant from,
      @Schema(description = "Latest completion of the month's late usage.") Instant to,
      @Schema(example = "qwen-max") String model,
      @Schema(type = "string", example = "input") TokenClass tokenClass,
      @Schema(example = "1000") long quantity,
      @Schema(description = "Exact.", type = "string", example = "0.0004") BigDecimal amount,
      @Schema(
              description = "Price of its own month.",
              example = "list:qwen-*:2026-01-01T00:00:00Z:v1")
          String priceVersion,
      @JsonUnwrapped Reckoning reckoning) {
    static LateLine of(FinalBill.LateLine late) {
      AccountState.BillLine line = late.line();
      return new LateLine(
          late.period().toString(),
          late.from(),
          late.to(),
          line.model(),
          line.tokenClass(),
          line.quantity(),
          line.amount(),
          line.priceVersion(),
          Reckoning.UNKNOWN);
    }

    LateLine with(Reckoning known) {
      return new LateLine(
          period, from, to, model, tokenClass, quantity, amount, priceVersion, known);
    }
  }

  @Schema(
      description =
          "A debit, an adjustment to the account's disadvantage, or the difference that a re-rating"
              + " posted.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ChargeLine(
      @Schema(example = "ledger:21") String id,
      @Schema(
              type = "string",
              allowableValues = {"debit", "adjustment", "re-rating"},
              example = "debit")
          LedgerPosting.Kind kind,
      @Schema(description = "When it was decided.") Instant at,
      @Schema(description = "Below 0 if a re-rating gives back.", type = "string", example = "9.99")
          BigDecimal amount,
      @Schema(description = "Why.", example = "seat in May") String reason,
      @Schema(description = "The month that was re-rated.", example = "2026-10")
          @Nullable String period) {
    static ChargeLine of(AccountState.Charge charge) {
      return new ChargeLine(
          charge.id(),
          charge.kind(),
          charge.at(),
          charge.amount(),
          charge.reason(),
          charge.period() == null ? null : charge.period().toString());
    }
  }

  @Schema(description = "What a credit pays of the bill, or gets back by it.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CreditApplied(
      @Schema(description = "Id of the credit.", example = "ledger:17") String credit,
      @Schema(
              description =
                  "Below 0 if it gets something back: usage of an earlier month that it had paid"
                      + " for has become cheaper, by a re-rating or by a volume price. What a"
                      + " credit gets back after its expiry lapses. Only what no credit had paid is"
                      + " owed to the account: then the amount due is below 0.",
              type = "string",
              example = "12.5")
          BigDecimal amount,
      @Schema(
              description = "Where the credit comes from; absent on bills from before it was kept.",
              type = "string",
              allowableValues = {"grant", "top-up", "adjustment"},
              example = "top-up")
          @Nullable CreditKind kind,
      @Schema(
              description =
                  "Why it was given, at most 200 characters; absent if nobody said, or on bills"
                      + " from before it was kept.",
              example = "start-up programme")
          @Nullable String reason) {
    static CreditApplied of(AccountState.CreditUse use) {
      String reason = use.reason();
      return new CreditApplied(
          use.credit(),
          use.amount(),
          use.kind(),
          reason == null || reason.isEmpty() ? null : reason);
    }

    /** What the use does not say itself, the account's credits do. */
    private static CreditApplied of(
        AccountState.CreditUse use, List<AccountState.CreditState> credits) {
      return of(
          use.kind() != null
              ? use
              : credits.stream()
                  .filter(known -> known.id().equals(use.credit()))
                  .findFirst()
                  .map(
                      known ->
                          new AccountState.CreditUse(
                              use.credit(), use.amount(), known.kind(), known.reason()))
                  .orElse(use));
    }
  }

  @Schema(
      description =
          "Something of the bill is given back: first less is due; what was paid by credits goes"
              + " back to them.")
  record Note(
      @Schema(description = "1, 2, 3 … of the account.", example = "1") long number,
      @Schema(description = "All that is given back.", type = "string", example = "2.50")
          BigDecimal amount,
      @Schema(description = "How much less is due for the bill.", type = "string", example = "1.50")
          BigDecimal lessDue,
      @Schema(
              description =
                  "What goes back to credits that had paid for the bill, the last one drawn first:"
                      + " of a top-up it can be spent again, of a grant it is a grant again; of one"
                      + " that has expired it lapses.")
          List<CreditApplied> returned,
      @Schema(description = "When it was written.") Instant at,
      @Schema(description = "Who wrote it.", example = "admin") String author,
      @Schema(description = "Why.", example = "outage on 3 May") String reason) {
    static Note of(FinalBill.CreditNote note) {
      return new Note(
          note.number(),
          note.amount(),
          note.lessDue(),
          note.returned().stream().map(CreditApplied::of).toList(),
          note.at(),
          note.author(),
          note.reason());
    }
  }

  @Schema(description = "Why the bill does not count any more.")
  record Voiding(
      @Schema(description = "When it was voided.") Instant at,
      @Schema(description = "Who voided it.", example = "admin") String author,
      @Schema(description = "Why.", example = "wrong address") String reason) {}

  @Schema(
      name = "BillCovers",
      description =
          "What the bill stands on: all usage of its month with sequence numbers up to sequenceTo,"
              + " and late usage of earlier months up to it that no bill before had.")
  record Coverage(
      @Schema(
              description =
                  "Where the bill before ended: the first sequence number after it, or sequenceTo if"
                      + " nothing came since. Not the lowest of this bill's usage: usage of its month"
                      + " that came before that bill has lower ones.",
              example = "1")
          long sequenceFrom,
      @Schema(
              description =
                  "The account's sequence number when the bill became final: no usage with a higher"
                      + " one is in it.",
              example = "4711")
          long sequenceTo,
      @Schema(description = "Usage lines and late lines.", example = "7") long lines,
      @Schema(description = "Requests in them.", example = "4711") long requests) {}

  @Schema(description = "A calendar month's usage, priced, and what is due for it.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Bill(
      @Schema(example = "acme") String account,
      @Schema(description = "Calendar month in the account's zone.", example = "2026-11")
          String period,
      @Schema(
              description =
                  "preview until the period ends, open until the bill is final, then final; void if"
                      + " it was final and does not count any more.",
              type = "string",
              allowableValues = {"preview", "open", "final", "void"})
          Status status,
      @Schema(description = "1, 2, 3 … of the account, once it is final.", example = "3")
          @Nullable Long number,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "Zone of the period.", example = "Europe/Berlin") String zone,
      @Schema(description = "First instant of the period.", example = "2026-10-31T23:00:00Z")
          Instant from,
      @Schema(description = "First instant after the period.", example = "2026-11-30T23:00:00Z")
          Instant to,
      @Schema(description = "Billed requests.", example = "4711") long requests,
      @Schema(description = "How many of them no price matched; they cost 0.", example = "0")
          long unpriced,
      @Schema(
              description =
                  "All of them if the month is full, else 0: with 995 lines of models or more a bill"
                      + " shows none of them, but all models of a price entry on one line, so that"
                      + " it does not depend on which came first. Amounts are the same.",
              example = "0")
          long merged,
      List<Line> lines,
      @Schema(
              description = "Sum of the lines' amounts: the period's usage before credits.",
              type = "string",
              example = "12.0345678")
          BigDecimal exactTotal,
      @Schema(
              description = "exactTotal, rounded half-even to the currency's minor unit.",
              type = "string",
              example = "12.03")
          @JsonSerialize(using = RoundedAmount.class)
          BigDecimal total,
      @Schema(description = "total - exactTotal.", type = "string", example = "-0.0045678")
          BigDecimal rounding,
      List<LateLine> lateLines,
      @Schema(description = "Sum of the late lines.", type = "string", example = "0")
          BigDecimal lateTotal,
      List<ChargeLine> charges,
      @Schema(description = "Sum of the charges.", type = "string", example = "0")
          BigDecimal chargesTotal,
      List<CreditApplied> creditsApplied,
      @Schema(
              description =
                  "Sum of the credits applied, less what credits get back; provisional until the"
                      + " bill is final.",
              type = "string",
              example = "12.5")
          BigDecimal creditsTotal,
      @Schema(
              description = "exactTotal + lateTotal + chargesTotal - creditsTotal.",
              type = "string",
              example = "0.0345678")
          BigDecimal exactDue,
      @Schema(
              description = "exactDue, rounded half-even to the currency's minor unit.",
              type = "string",
              example = "0.03")
          @JsonSerialize(using = RoundedAmount.class)
          BigDecimal amountDue,
      @Schema(description = "amountDue - exactDue.", type = "string", example = "-0.0045678")
          BigDecimal dueRounding,
      List<Note> notes,
      @Schema(description = "Sum of the credit notes.", type = "string", example = "0")
          BigDecimal notesTotal,
      @Schema(
              description =
                  "amountDue less what credit notes make less due; what they give back to credits"
                      + " is not in it.",
              type = "string",
              example = "0.03")
          @JsonSerialize(using = RoundedAmount.class)
          BigDecimal leftDue,
      @Schema(description = "Once it is final.") @Nullable Coverage covers,
      @Schema(description = "When it became final.") @Nullable Instant finalizedAt,
      @Schema(description = "Who made it final; absent if it happened by itself.")
          @Nullable String finalizedBy,
      @Schema(
              description =
                  "SHA-256 of the final bill's content in its canonical form: lines, charges and"
                      + " credits with kinds and reasons, totals. The instant of its making and"
                      + " what it covers are not in it.")
          @Nullable String contentHash,
      @Nullable Voiding voided,
      @Schema(description = "If it was asked for as it was known at an instant: that instant.")
          @Nullable Instant knownAt,
      @Schema(
              description =
                  "And if it was a preview: the account's sequence number of the last event that"
                      + " was settled by then.",
              example = "4711")
          @Nullable Long knownSequence,
      AsOf asOf) {
    Bill knownAt(Instant instant, @Nullable Long sequence, AsOf now) {
      return with(lines, lateLines, instant, sequence, now);
    }

    Bill withLines(List<Line> explained, List<LateLine> explainedLate) {
      return with(explained, explainedLate, knownAt, knownSequence, asOf);
    }

    private Bill with(
        List<Line> explained,
        List<LateLine> explainedLate,
        @Nullable Instant instant,
        @Nullable Long sequence,
        AsOf now) {
      return new Bill(
          account,
          period,
          status,
          number,
          currency,
          zone,
          from,
          to,
          requests,
          unpriced,
          merged,
          explained,
          exactTotal,
          total,
          rounding,
          explainedLate,
          lateTotal,
          charges,
          chargesTotal,
          creditsApplied,
          creditsTotal,
          exactDue,
          amountDue,
          dueRounding,
          notes,
          notesTotal,
          leftDue,
          covers,
          finalizedAt,
          finalizedBy,
          contentHash,
          voided,
          instant,
          sequence,
          now);
    }
  }

  @Schema(description = "A bill without its lines.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Summary(
      @Schema(example = "2026-11") String period,
      @Schema(
              type = "string",
              allowableValues = {"preview", "open", "final", "void"})
          Status status,
      @Schema(description = "Once it is final.", example = "3") @Nullable Long number,
      @Schema(example = "4711") long requests,
      @Schema(type = "string", example = "12.0345678") BigDecimal exactTotal,
      @Schema(type = "string", example = "12.03") @JsonSerialize(using = RoundedAmount.class)
          BigDecimal total,
      @Schema(type = "string", example = "0.03") @JsonSerialize(using = RoundedAmount.class)
          BigDecimal amountDue,
      @Schema(type = "string", example = "0") BigDecimal notesTotal,
      @Schema(
              description = "amountDue less what credit notes make less due.",
              type = "string",
              example = "0.03")
          @JsonSerialize(using = RoundedAmount.class)
          BigDecimal leftDue,
      @Schema(description = "When it became final.") @Nullable Instant finalizedAt,
      @Schema(description = "SHA-256 of the final bill's content.") @Nullable String contentHash) {
    static Summary of(Bill bill) {
      return new Summary(
          bill.period(),
          bill.status(),
          bill.number(),
          bill.requests(),
          bill.exactTotal(),
          bill.total(),
          bill.amountDue(),
          bill.notesTotal(),
          bill.leftDue(),
          bill.finalizedAt(),
          bill.contentHash());
    }
  }

  @Schema(
      description =
          "One page of all months with usage and the current one, newest first; of a month first"
              + " the bill that counts, then void ones, the latest first.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BillList(
      @Schema(example = "acme") String account,
      @Schema(example = "USD") String currency,
      List<Summary> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      AsOf asOf) {}

  /** The bill of a month that has no final one, as it would be now. */
  static Bill preview(AccountState state, YearMonth month, Instant now, Freshness freshness) {
    ZoneId zone = ZoneId.of(state.zone());
    AccountState.Period period = period(state, month);
    List<AccountState.Period> billed = billedWith(state, month, zone);
    List<Line> lines =
        BillLines.shown(period.lines()).stream().sorted(ORDER).map(Line::of).toList();
    List<LateLine> late = new ArrayList<>();
    List<ChargeLine> charges = new ArrayList<>();
    Map<String, AccountState.CreditUse> credits = new LinkedHashMap<>();
    for (AccountState.Period each : billed) {
      each.billing().charges().forEach(charge -> charges.add(ChargeLine.of(charge)));
      each.billing().creditsApplied().forEach(use -> credits.merge(use.credit(), use, Bills::plus));
      if (each != period) {
        late.addAll(late(each, zone));
      }
    }
    // As on the bill.
    charges.sort(Comparator.comparing(ChargeLine::at).thenComparing(ChargeLine::id));
    BigDecimal exactTotal = sum(lines.stream().map(Line::amount).toList());
    BigDecimal lateTotal = sum(late.stream().map(LateLine::amount).toList());
    BigDecimal chargesTotal = sum(charges.stream().map(ChargeLine::amount).toList());
    BigDecimal creditsTotal =
        sum(credits.values().stream().map(AccountState.CreditUse::amount).toList());
    BigDecimal due = exactTotal.add(lateTotal).add(chargesTotal).subtract(creditsTotal);
    BigDecimal total = Decimals.rounded(exactTotal, state.currency());
    BigDecimal amountDue = Decimals.rounded(due, state.currency());
    Instant to = start(month.plusMonths(1), zone);
    return new Bill(
        state.account(),
        month.toString(),
        now.isBefore(to) ? Status.preview : Status.open,
        null,
        state.currency(),
        state.zone(),
        start(month, zone),
        to,
        period.requests(),
        period.unpriced(),
        BillLines.areFull(period.lines()) ? period.requests() : 0L,
        lines,
        exactTotal,
        total,
        total.subtract(exactTotal),
        late,
        lateTotal,
        charges,
        chargesTotal,
        credits.values().stream()
            .filter(use -> use.amount().signum() != 0)
            .map(use -> CreditApplied.of(use, state.credits()))
            .toList(),
        creditsTotal,
        due,
        amountDue,
        amountDue.subtract(due),
        List.of(),
        BigDecimal.ZERO,
        amountDue,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        freshness.of(state.sequence(), now));
  }

  /** The month, and earlier ones whose bills were final before all of their usage had come. */
  private static List<AccountState.Period> billedWith(
      AccountState state, YearMonth month, ZoneId zone) {
    List<AccountState.Period> billed = new ArrayList<>();
    for (AccountState.Period earlier : state.periods()) {
      if (earlier.period().isBefore(month)
          && isFinal(earlier)
          && isNextOpen(state, earlier.period(), month, zone)) {
        billed.add(earlier);
      }
    }
    billed.add(period(state, month));
    return billed;
  }

  private static boolean isFinal(AccountState.Period period) {
    return period.billing().bill() != 0;
  }

  /**
   * Whether no month after another has to get its bill before this one: as the account's writer
   * objects to bills, months from the first period on wait for those from the first period on, and
   * earlier months for those that have usage.
   */
  private static boolean isNextOpen(
      AccountState state, YearMonth after, YearMonth month, ZoneId zone) {
    Instant opened = state.books().opened();
    YearMonth first = opened == null ? month : YearMonth.from(opened.atZone(zone));
    for (YearMonth between = after.plusMonths(1);
        between.isBefore(month);
        between = between.plusMonths(1)) {
      AccountState.Period period = period(state, between);
      boolean comesFirst = month.isBefore(first) ? period.requests() > 0 : !between.isBefore(first);
      if (comesFirst && !isFinal(period)) {
        return false;
      }
    }
    return true;
  }

  private static List<LateLine> late(AccountState.Period period, ZoneId zone) {
    Instant from =
        period.billing().lateFrom() == null
            ? start(period.period(), zone)
            : period.billing().lateFrom();
    Instant to = period.billing().lateTo() == null ? from : period.billing().lateTo();
    return period.late().stream()
        .sorted(ORDER)
        .map(line -> LateLine.of(new FinalBill.LateLine(period.period(), from, to, line)))
        .toList();
  }

  /** A final bill, or a void one. */
  static Bill of(FinalBill bill, AsOf asOf) {
    FinalBill.Content content = bill.content();
    FinalBill.Voided voided = bill.voided();
    return new Bill(
        content.account(),
        content.period().toString(),
        bill.status() == FinalBill.Status.FINAL ? Status.FINAL : Status.VOID,
        content.number(),
        content.currency(),
        content.zone(),
        content.from(),
        content.to(),
        content.requests(),
        content.unpriced(),
        Objects.requireNonNullElse(content.covers().merged(), 0L),
        content.lines().stream().map(Line::of).toList(),
        content.exactTotal(),
        Decimals.withMinorUnits(content.total(), content.currency()),
        content.total().subtract(content.exactTotal()),
        content.lateLines().stream().map(LateLine::of).toList(),
        content.lateTotal(),
        content.charges().stream().map(ChargeLine::of).toList(),
        content.chargesTotal(),
        content.creditsApplied().stream().map(CreditApplied::of).toList(),
        content.creditsTotal(),
        content.exactDue(),
        Decimals.withMinorUnits(content.amountDue(), content.currency()),
        content.amountDue().subtract(content.exactDue()),
        bill.notes().stream().map(Note::of).toList(),
        bill.notedTotal(),
        Decimals.withMinorUnits(bill.leftDue(), content.currency()),
        new Coverage(
            content.covers().sequenceFrom(),
            content.covers().sequenceTo(),
            content.covers().lines(),
            content.covers().requests()),
        bill.finalizedAt(),
        bill.finalizedBy().isEmpty() ? null : bill.finalizedBy(),
        bill.contentHash(),
        voided == null ? null : new Voiding(voided.at(), voided.author(), voided.reason()),
        null,
        null,
        asOf);
  }

  /** The months with usage or a bill, and the current one. */
  static TreeSet<YearMonth> months(AccountState state, Instant now) {
    TreeSet<YearMonth> months = new TreeSet<>(Comparator.reverseOrder());
    months.add(YearMonth.from(now.atZone(ZoneId.of(state.zone()))));
    state.periods().forEach(period -> months.add(period.period()));
    return months;
  }

  /**
   * @return number of the month's final bill; 0 if it has none
   */
  static long finalNumber(AccountState state, YearMonth month) {
    return period(state, month).billing().bill();
  }

  private static AccountState.Period period(AccountState state, YearMonth month) {
    return state.periods().stream()
        .filter(period -> period.period().equals(month))
        .findFirst()
        .orElseGet(() -> new AccountState.Period(month, 0, 0, List.of()));
  }

  private static AccountState.CreditUse plus(
      AccountState.CreditUse one, AccountState.CreditUse other) {
    return new AccountState.CreditUse(
        one.credit(), one.amount().add(other.amount()), one.kind(), one.reason());
  }

  private static BigDecimal sum(List<BigDecimal> amounts) {
    return amounts.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Instant start(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }
}
