package dev.taximeter.api.bills;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Paging;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How a figure comes about: from the line on the screen to the lines of the log. */
@RestController
@Tag(name = "Explain")
public final class ExplainController {
  private static final int MOST_LINES = 10_000;
  private static final int LONGEST_FILTER = 500;

  private final AccountDirectory directory;
  private final FinalBills finals;
  private final LandedLines landed;
  private final MonthPricing pricing;
  private final Explanations explanations;
  private final Freshness freshness;
  private final Clock clock;

  public ExplainController(
      AccountDirectory directory,
      FinalBills finals,
      CatalogView catalog,
      LandedUsage usage,
      LandedLines landed,
      Freshness freshness,
      Clock clock) {
    this.directory = directory;
    this.finals = finals;
    this.landed = landed;
    this.pricing = new MonthPricing(directory, catalog, usage);
    this.explanations = new Explanations(catalog, finals);
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "What is explained.", enumAsRef = true)
  enum Figure {
    /** Cost of some usage. */
    usage,
    /** What an account has left. */
    balance,
    /** A month's usage before credits. */
    bill
  }

  @Schema(name = "ExplainedTerm", description = "Part of a sum; below 0 if it is taken off.")
  record Term(
      @Schema(description = "What it is.", example = "credit ledger:17") String name,
      @Schema(description = "Exact.", type = "string", example = "50") BigDecimal amount) {}

  @Schema(name = "ExplainedLine", description = "A line of the log behind a figure.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LineView(
      @Schema(description = "The account's sequence number of it.", example = "4711") long sequence,
      @Schema(
              description = "The line's identity: a keyed hash of its bytes.",
              example = "0f3c5a7e9b1d2f4060718293a4b5c6d7")
          String id,
      @Schema(description = "When the request completed; decides month and price.")
          Instant completion,
      @Schema(description = "When it began.") Instant start,
      @Schema(description = "When the line arrived.") Instant arrival,
      @Schema(description = "The key's name.", example = "acme-prod") String key,
      @Schema(description = "The raw key's last four characters.", example = "…9f3A")
          @Nullable String masked,
      @Schema(example = "qwen-max") String model,
      @Schema(description = "Prompt tokens, cached ones included.", example = "1200")
          long inputTokens,
      @Schema(description = "Of these: read from a cache.", example = "0") long cachedInputTokens,
      @Schema(description = "Of these: written to a cache.", example = "0") long cacheWriteTokens,
      @Schema(description = "Answer tokens, reasoning included.", example = "300")
          long outputTokens,
      @Schema(description = "Of these: reasoning.", example = "0") long reasoningTokens,
      @Schema(description = "Exact.", type = "string", example = "0.00084") BigDecimal cost,
      @Schema(description = "Machine of the file.", example = "gateway-1") String host,
      @Schema(description = "The file.", example = "/var/log/gateway/access.log") String path,
      @Schema(description = "Byte at which the line begins.", example = "4096") long offset,
      @Schema(description = "What was remarkable about it.") List<String> flags) {
    static LineView of(LandedLines.LandedLine line) {
      return new LineView(
          line.sequence(),
          line.id(),
          line.completion(),
          line.start(),
          line.arrival(),
          line.key(),
          line.keyLastFour().isEmpty() ? null : "…" + line.keyLastFour(),
          line.model(),
          line.tokens().inputTokens(),
          line.tokens().cachedInput(),
          line.tokens().cacheWrite(),
          line.tokens().outputTokens(),
          line.tokens().reasoning(),
          line.cost(),
          line.host(),
          line.path(),
          line.offset(),
          line.flags());
    }
  }

  @Schema(description = "One page of the lines of the log, by sequence number.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LinePage(
      List<LineView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "How a figure comes about.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Explained(
      Figure figure,
      @Schema(example = "acme") String account,
      @Schema(description = "Of a bill: its month.", example = "2026-11") @Nullable String period,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "The figure, exact.", type = "string", example = "37.9654322")
          BigDecimal value,
      @Schema(
              description = "How the parts make the figure.",
              example = "granted 50 - spent 12.0345678 = 37.9654322")
          String formula,
      @Schema(
              description = "Usage up to this sequence number of the account is in it.",
              example = "4711")
          long sequence,
      @Schema(description = "First completion; absent: from the beginning.") @Nullable Instant from,
      @Schema(description = "First completion after; absent: until the sequence number.")
          @Nullable Instant to,
      @Schema(description = "Of a balance: what was granted, and what is taken off.")
          @Nullable List<Term> terms,
      @Schema(
              description =
                  "Quantity, price version and amount of each model and class of tokens; they add"
                      + " up to the usage's cost.")
          List<Bills.Line> lines,
      @Schema(
              description =
                  "Whether the lines that have landed add up to the figure, to the last digit. If"
                      + " not, GET /v1/audit says more.",
              example = "true")
          boolean agrees,
      @Schema(description = "A statement for ClickHouse that gives the figure.") String sql,
      LinePage evidence,
      AsOf asOf) {}

  /** What is explained, before it is looked up. */
  private record Subject(
      Figure figure,
      @Nullable YearMonth month,
      LandedLines.Selection selection,
      @Nullable BigDecimal expected) {}

  @Operation(
      summary = "Explain a figure",
      description =
          """
          How a usage cost, a balance, or a month's exactTotal comes about: the parts with quantity \
          and price version, the sequence number, a statement that gives the same figure in \
          ClickHouse, and page by page the lines of the log behind it, without raw keys. It waits \
          until all of the account's usage has landed.\
          """)
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/explain")
  Explained explain(
      @Parameter(
              description = "What to explain.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"usage", "balance", "bill"}))
          @RequestParam(name = "figure")
          String figure,
      @Parameter(description = "Account id.", example = "acme") @RequestParam(name = "account")
          String account,
      @Parameter(description = "Of a bill: its month, YYYY-MM.", example = "2026-11")
          @RequestParam(name = "month", required = false)
          @Nullable String month,
      @Parameter(description = "Of usage: first instant; the beginning of the month if absent.")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(description = "Of usage: first instant after; all usage so far if absent.")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(description = "Of usage: only the key of this name.")
          @RequestParam(name = "key", required = false)
          @Nullable String key,
      @Parameter(description = "Of usage: only this model, by exact name.")
          @RequestParam(name = "model", required = false)
          @Nullable String model,
      @Parameter(description = "Lines of the log on a page, 1 to 1,000; 100 if absent.")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "evidence.next of the page before.")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it"
                      + " is waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    Figure wanted = figure(figure);
    int size = Paging.size(limit);
    long after = after(cursor);
    refuseOthers(wanted, month, from, to, key, model);
    AccountState state = directory.state(account, minAsOf);
    Instant now = clock.instant();
    Subject subject =
        switch (wanted) {
          case usage -> ofUsage(state, from, to, key, model, now);
          case balance -> ofBalance(state);
          case bill -> ofBill(state, month, now);
        };
    pricing.awaitLanding(state);
    return explained(state, subject, after, size, now);
  }

  private static Figure figure(String code) {
    for (Figure figure : Figure.values()) {
      if (figure.name().equals(code)) {
        return figure;
      }
    }
    throw ProblemException.parameter("figure", "must be usage, balance or bill");
  }

  private static long after(@Nullable String cursor) {
    String place = Cursors.decoded(cursor);
    try {
      return place == null ? 0 : Long.parseLong(place);
    } catch (NumberFormatException e) {
      throw ProblemException.parameter("cursor", "must be evidence.next of the page before");
    }
  }

  private static void refuseOthers(
      Figure figure,
      @Nullable String month,
      @Nullable String from,
      @Nullable String to,
      @Nullable String key,
      @Nullable String model) {
    if ((figure == Figure.bill) != (month != null)) {
      throw ProblemException.parameter("month", "must be given for a bill, and only for it");
    }
    boolean narrowed = from != null || to != null || key != null || model != null;
    if (figure != Figure.usage && narrowed) {
      throw ProblemException.parameter(
          "figure", "must be usage if from, to, key or model is given");
    }
  }

  private static Subject ofUsage(
      AccountState state,
      @Nullable String from,
      @Nullable String to,
      @Nullable String key,
      @Nullable String model,
      Instant now) {
    Instant end = Parameters.instant("to", to);
    Instant begin = Parameters.instant("from", from);
    ZoneId zone = ZoneId.of(state.zone());
    Instant last = end == null ? now : end;
    Instant first =
        begin == null ? start(YearMonth.from(last.minusNanos(1).atZone(zone)), zone) : begin;
    if (!first.isBefore(last)) {
      throw ProblemException.parameter("from", "must be before to, which is " + last);
    }
    return new Subject(
        Figure.usage,
        null,
        new LandedLines.Selection(
            state.account(),
            first,
            end == null ? UsageService.endOf(null, now, zone) : end,
            filter("key", key),
            filter("model", model),
            state.sequence()),
        null);
  }

  private static @Nullable String filter(String name, @Nullable String value) {
    if (value != null && value.length() > LONGEST_FILTER) {
      throw ProblemException.parameter(
          name, "may have at most %d characters".formatted(LONGEST_FILTER));
    }
    return Parameters.text(value);
  }

  private static Subject ofBalance(AccountState state) {
    return new Subject(
        Figure.balance,
        null,
        new LandedLines.Selection(state.account(), null, null, null, null, state.sequence()),
        state.spent());
  }

  private Subject ofBill(AccountState state, @Nullable String text, Instant now) {
    YearMonth month = BillsController.month(text == null ? "" : text);
    ZoneId zone = ZoneId.of(state.zone());
    long number = Bills.finalNumber(state, month);
    FinalBill bill = number == 0 ? null : finals.find(state.account(), number);
    if (number != 0 && bill == null) {
      throw ProblemException.of(
          ProblemType.NOT_READY, "Bill %d has not arrived here yet.".formatted(number));
    }
    return new Subject(
        Figure.bill,
        month,
        new LandedLines.Selection(
            state.account(),
            start(month, zone),
            start(month.plusMonths(1), zone),
            null,
            null,
            bill == null ? state.sequence() : bill.content().covers().sequenceTo()),
        bill == null
            ? Bills.preview(state, month, now, freshness).exactTotal()
            : bill.content().exactTotal());
  }

  private static Instant start(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }

  private Explained explained(
      AccountState state, Subject subject, long after, int size, Instant now) {
    LandedLines.Selection selection = subject.selection();
    List<AccountState.BillLine> charged =
        MonthPricing.bounded(landed.charged(selection, MOST_LINES + 1), MOST_LINES, "lines");
    List<Bills.Line> lines =
        (subject.figure() == Figure.bill ? BillLines.shown(charged) : charged)
            .stream().sorted(Bills.ORDER).map(Bills.Line::of).map(explanations::explain).toList();
    BigDecimal cost =
        Decimals.canonical(
            lines.stream().map(Bills.Line::amount).reduce(BigDecimal.ZERO, BigDecimal::add));
    BigDecimal expected = subject.expected();
    BigDecimal granted = subject.figure() == Figure.balance ? state.granted(now) : null;
    BigDecimal figure = expected == null ? cost : expected;
    Page<LandedLines.LandedLine> page =
        Page.of(
            landed.lines(selection, after, size + 1),
            size,
            line -> Cursors.encoded(Long.toString(line.sequence())));
    return new Explained(
        subject.figure(),
        state.account(),
        subject.month() == null ? null : subject.month().toString(),
        state.currency(),
        granted == null ? figure : Decimals.canonical(granted.subtract(figure)),
        formula(subject.figure(), lines.size(), figure, granted, state.currency()),
        selection.sequence(),
        selection.from(),
        selection.to(),
        granted == null ? null : terms(state, now),
        lines,
        figure.compareTo(cost) == 0,
        landed.statement(selection, granted),
        new LinePage(page.shown(LineView::of), page.next()),
        freshness.of(state.sequence(), now));
  }

  private static String formula(
      Figure figure, int lines, BigDecimal cost, @Nullable BigDecimal granted, String currency) {
    if (granted != null) {
      return "granted %s - spent %s = %s"
          .formatted(
              Decimals.plain(granted),
              Decimals.plain(cost),
              Decimals.plain(granted.subtract(cost)));
    }
    String sum = "sum of the amounts of %d lines = %s".formatted(lines, Decimals.plain(cost));
    return figure == Figure.usage
        ? sum
        : sum
            + "; rounded half-even to the minor unit of %s: %s"
                .formatted(currency, Decimals.rounded(cost, currency).toPlainString());
  }

  /** What makes up granted, and what each month took. */
  private static List<Term> terms(AccountState state, Instant now) {
    List<Term> terms = new ArrayList<>();
    for (AccountState.CreditState credit : state.credits()) {
      String note =
          credit.expired(now)
              ? ", used before it expired"
              : credit.isUpcoming(now) ? ", used; the rest begins later" : "";
      terms.add(
          new Term(
              "%s %s%s".formatted(credit.kind().code(), credit.id(), note),
              credit.isInForce(now) ? credit.amount() : credit.drawn()));
    }
    AccountState.Books books = state.books();
    add(terms, "credits that are over, as far as they were used", books.over());
    add(terms, "debits and adjustments charged", books.charged().negate());
    add(terms, "credit notes", books.noted());
    for (AccountState.Period period : state.periods()) {
      BigDecimal spent = BigDecimal.ZERO;
      for (AccountState.BillLine line : period.lines()) {
        spent = spent.add(line.amount());
      }
      add(terms, String.format(Locale.ROOT, "usage of %s", period.period()), spent.negate());
    }
    return terms;
  }

  private static void add(List<Term> terms, String name, BigDecimal amount) {
    if (amount.signum() != 0) {
      terms.add(new Term(name, Decimals.canonical(amount)));
    }
  }
}
