package dev.taximeter.api.bills;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.bills.document.BillDocument;
import dev.taximeter.api.bills.document.BillDocuments;
import dev.taximeter.api.bills.document.BillFormat;
import dev.taximeter.api.bills.document.BillLanguage;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Amounts;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.Order;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Bills. */
@RestController
@Tag(name = "Bills")
public final class BillsController {
  /** Months outside have no bounds that an instant could hold well. */
  private static final int FIRST_YEAR = 1970;

  private static final int LAST_YEAR = 9998;

  private static final int LONGEST_REASON = 1_000;

  /** Bills and states come by different topics; the one may be here a moment before the other. */
  private static final Duration ARRIVAL_PATIENCE = Duration.ofSeconds(2);

  private static final long LOOK_AGAIN_MILLIS = 5;

  private final AccountDirectory directory;
  private final AccountStates states;
  private final FinalBills finals;
  private final Explanations explanations;
  private final KnownBills known;
  private final CatalogWriter writer;
  private final IdempotencyKeys keys;
  private final Freshness freshness;
  private final Clock clock;

  public BillsController(
      AccountDirectory directory,
      AccountStates states,
      FinalBills finals,
      CatalogView catalog,
      LandedUsage landed,
      LandedMoney money,
      CatalogWriter writer,
      IdempotencyKeys keys,
      Freshness freshness,
      Clock clock) {
    this.directory = directory;
    this.states = states;
    this.finals = finals;
    this.explanations = new Explanations(catalog, finals);
    this.known =
        new KnownBills(
            finals,
            landed,
            money,
            new MonthPricing(directory, catalog, landed),
            explanations,
            freshness);
    this.writer = writer;
    this.keys = keys;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "Why a bill does not count any more.")
  record NewVoiding(
      @Schema(description = "Required; kept for ever.", example = "wrong address")
          @Nullable String reason,
      @Schema(
              description =
                  "Number of the bill that is meant, as the bill itself has it. Required if the"
                      + " month has had several: a request that is sent again must not hit the"
                      + " next one.",
              example = "3")
          @Nullable Long number) {}

  @Schema(description = "What is given back of a bill.")
  record NewNote(
      @Schema(
              description =
                  "Above 0; all notes of a bill together at most what was billed, less what"
                      + " re-ratings and cheaper late usage gave back. First less is due, then"
                      + " credits that paid get theirs back.",
              type = "string",
              example = "2.50")
          @Nullable BigDecimal amount,
      @Schema(description = "Required; kept for ever.", example = "outage on 3 May")
          @Nullable String reason,
      @Schema(
              description =
                  "Number of the bill that is meant, as the bill itself has it. Required if the"
                      + " month has had several: a request that is sent again must not hit the"
                      + " next one.",
              example = "3")
          @Nullable Long number) {}

  @Operation(
      summary = "List bills",
      description =
          "Every month with usage or a bill, and the current one. Beside the one that counts, a"
              + " month has its void bills.")
  @GetMapping("/v1/accounts/{account}/bills")
  Bills.BillList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(
              description = "Only bills with this status.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"preview", "open", "final", "void"}))
          @RequestParam(name = "status", required = false)
          @Nullable String status,
      @Parameter(hidden = true) @Listing.By(value = "month", descending = true) Listing listing,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it"
                      + " is waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    AccountState state = directory.state(account, minAsOf);
    Instant now = clock.instant();
    AsOf asOf = freshness.of(state.sequence(), now);
    List<FinalBill> known = finals.of(state.account());
    List<Bills.Summary> items = new ArrayList<>();
    for (YearMonth month : Bills.months(state, now)) {
      items.add(Bills.Summary.of(bill(state, month, now)));
      known.stream()
          .filter(bill -> bill.period().equals(month))
          .filter(bill -> bill.status() == FinalBill.Status.VOID)
          .map(bill -> Bills.Summary.of(Bills.of(bill, asOf)))
          .forEach(items::add);
    }
    Page<Bills.Summary> page =
        Page.of(
            items.stream().filter(bill -> status == null || code(bill.status()).equals(status)),
            BillsController::place,
            listing);
    return new Bills.BillList(state.account(), state.currency(), page.items(), page.next(), asOf);
  }

  private static String code(Bills.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  /** Within a month the bill that counts is the last, so that it comes first, newest first. */
  private static String place(Bills.Summary bill) {
    boolean counts = bill.status() != Bills.Status.VOID;
    return "%s %d %019d".formatted(bill.period(), counts ? 1 : 0, number(bill));
  }

  private static long number(Bills.Summary bill) {
    return bill.number() == null ? 0 : bill.number();
  }

  @Operation(
      summary = "Read a bill",
      description =
          """
          The usage of a calendar month in the account's zone and what is due for it. Until the \
          bill is final it is a pure function of the account's live state, so it agrees with the \
          balance at the same sequence number to the last digit. \
          A month without usage has no lines. Each line says how its amount comes about: unit price, \
          or tiers, and the formula. As JSON, as CSV (text that a spreadsheet would take \
          for a formula has an apostrophe in front), as a page to print, or as PDF: by an ending of \
          the month such as 2026-11.pdf, by format, or by Accept.\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The bill.",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = Bills.Bill.class)),
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = MediaType.TEXT_HTML_VALUE, schema = @Schema(type = "string")),
                @Content(
                    mediaType = MediaType.APPLICATION_PDF_VALUE,
                    schema = @Schema(type = "string", format = "binary"))
              }))
  @Refuses({
    ProblemType.NOT_POSSIBLE,
    ProblemType.TOO_MANY_ROWS,
    ProblemType.HISTORY_UNAVAILABLE,
    ProblemType.TOO_BUSY
  })
  @GetMapping("/v1/accounts/{account}/bills/{month}")
  ResponseEntity<Object> get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(
              description = "Calendar month, YYYY-MM, with .json, .csv, .html or .pdf or without.",
              example = "2026-11")
          @PathVariable("month")
          String month,
      @Parameter(description = "One of the month's final or void bills, by number.", example = "3")
          @RequestParam(name = "number", required = false)
          @Nullable String number,
      @Parameter(
              description = "What to send; by Accept if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"json", "csv", "html", "pdf"}))
          @RequestParam(name = "format", required = false)
          @Nullable String format,
      @Parameter(
              description =
                  "Language of the page and the PDF; by Accept-Language if absent, else English.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"en", "zh-CN"}))
          @RequestParam(name = "lang", required = false)
          @Nullable String lang,
      @Parameter(
              description =
                  "The bill as it was known at this instant, as JSON: the one that was final then;"
                      + " else the preview that was made then, at the prices, charges and credits"
                      + " of that instant.",
              example = "2026-11-03T00:00:00Z")
          @RequestParam(name = "knownAt", required = false)
          @Nullable String knownAt,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it"
                      + " is waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf,
      @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT, required = false)
          @Nullable String accept,
      @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT_LANGUAGE, required = false)
          @Nullable String acceptLanguage,
      @Parameter(hidden = true) HttpServletResponse response) {
    BillFormat.Named named = BillFormat.Named.of(month);
    BillFormat chosen =
        BillFormat.choose(named.format(), Parameters.text(format), Parameters.text(accept));
    BillLanguage language = BillLanguage.choose(Parameters.text(lang), acceptLanguage);
    YearMonth period = month(named.month());
    Instant then = Parameters.instant("knownAt", knownAt);
    AccountState state = directory.state(account, minAsOf);
    if (then != null) {
      return ResponseEntity.ok()
          .contentType(BillFormat.JSON.mediaType())
          .body(known(state, period, then, chosen, Parameters.text(number)));
    }
    Bills.Bill bill = explanations.explain(bill(state, period, Parameters.text(number)));
    if (chosen == BillFormat.HTML) {
      // Replaces the one for all answers; of two, browsers would apply both.
      response.setHeader("Content-Security-Policy", BillDocuments.policy(language));
    }
    return ResponseEntity.ok()
        .contentType(chosen.mediaType())
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE)
        .headers(headers -> name(headers, chosen, bill))
        .body(body(chosen, language, bill));
  }

  private Bills.Bill known(
      AccountState state,
      YearMonth period,
      Instant then,
      BillFormat format,
      @Nullable String number) {
    Instant now = clock.instant();
    if (then.isAfter(now)) {
      throw ProblemException.parameter("knownAt", "must not lie in the future");
    }
    if (format != BillFormat.JSON || number != null) {
      throw ProblemException.parameter(
          "knownAt", "is for bills as JSON, and not for one that is named by its number");
    }
    return known.at(state, period, then, now);
  }

  private Object body(BillFormat format, BillLanguage language, Bills.Bill bill) {
    BillDocument document = DocumentOfBill.of(bill, directory.account(bill.account()));
    return switch (format) {
      case JSON -> bill;
      case CSV -> BillDocuments.csv(document);
      case HTML -> BillDocuments.html(document, language);
      case PDF -> BillDocuments.pdf(document, language);
    };
  }

  /** What is shown is shown, and has a good name when it is kept. */
  private static void name(HttpHeaders headers, BillFormat format, Bills.Bill bill) {
    if (format != BillFormat.JSON) {
      headers.setContentDisposition(
          (format == BillFormat.CSV ? ContentDisposition.attachment() : ContentDisposition.inline())
              .filename("bill-%s-%s.%s".formatted(bill.account(), bill.period(), format.code()))
              .build());
    }
  }

  private Bills.Bill bill(AccountState state, YearMonth period, @Nullable String number) {
    Instant now = clock.instant();
    if (number == null) {
      return bill(state, period, now);
    }
    FinalBill bill = finals.find(state.account(), number(number));
    if (bill == null || !bill.period().equals(period)) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "Account %s has no such bill of %s; GET /v1/accounts/%s/bills lists all."
              .formatted(state.account(), period, state.account()));
    }
    return Bills.of(bill, freshness.of(state.sequence(), now));
  }

  private Bills.Bill bill(AccountState state, YearMonth month, Instant now) {
    long number = Bills.finalNumber(state, month);
    if (number == 0) {
      refuseFuture(state, month, now);
    }
    return number == 0
        ? Bills.preview(state, month, now, freshness)
        : Bills.of(arrived(state.account(), number), freshness.of(state.sequence(), now));
  }

  /** Usage of a clock that is ahead may have begun it. */
  private static void refuseFuture(AccountState state, YearMonth month, Instant now) {
    Instant begins = month.atDay(1).atStartOfDay(ZoneId.of(state.zone())).toInstant();
    boolean used = state.periods().stream().anyMatch(period -> period.period().equals(month));
    if (now.isBefore(begins) && !used) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "%s begins at %s for account %s (%s); until then it has no bill, and nothing to preview."
              .formatted(month, begins, state.account(), state.zone()));
    }
  }

  private FinalBill arrived(String account, long number) {
    long deadline = System.nanoTime() + ARRIVAL_PATIENCE.toNanos();
    try {
      FinalBill bill = finals.find(account, number);
      while (bill == null && System.nanoTime() < deadline) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
        bill = finals.find(account, number);
      }
      if (bill != null) {
        return bill;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw ProblemException.passing(
        ProblemType.NOT_READY,
        "Bill %d of account %s is final, but has not arrived here yet.".formatted(number, account),
        ARRIVAL_PATIENCE,
        null);
  }

  static YearMonth month(String month) {
    YearMonth period = Parameters.month("month", month);
    if (period.getYear() < FIRST_YEAR || period.getYear() > LAST_YEAR) {
      throw ProblemException.parameter(
          "month", "must lie between %d-01 and %d-12".formatted(FIRST_YEAR, LAST_YEAR));
    }
    return period;
  }

  private static long number(@Nullable String number) {
    try {
      return Long.parseLong(number == null ? "" : number);
    } catch (NumberFormatException e) {
      throw ProblemException.parameter("number", "must be a bill's number");
    }
  }

  @Operation(
      summary = "Make a bill final",
      description =
          """
          Its month must have ended, and the bills of the months before must be final. It gets the \
          account's next number and never changes again; usage that comes later stands on the next \
          bill. Making it final again changes nothing and gives the same answer. Bills become final \
          by themselves three days after the month (TAXIMETER_BILL_GRACE), once all sources with \
          heartbeats have got past its end; months before the account's first one wait for this.\
          """)
  @Refuses({
    ProblemType.PERIOD_NOT_ENDED,
    ProblemType.EARLIER_PERIOD_OPEN,
    ProblemType.NOT_POSSIBLE
  })
  @PostMapping("/v1/accounts/{account}/bills/{month}/finalize")
  Bills.Bill finalizeBill(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-10")
          @PathVariable("month")
          String month,
      @Parameter(description = "Not needed: finalising twice is harmless.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    YearMonth period = month(month);
    String id = directory.account(account).id();
    return keys.run(
        "finalize/" + id,
        key == null ? UUID.randomUUID().toString() : key,
        commandId -> decide(commandId, new Order.FinalizeBill(id, period), "", caller));
  }

  @Operation(
      summary = "Void a bill",
      description =
          """
          The month's final bill does not count any more; its number stays taken. The month is \
          open again, with all its usage, until it is made final again. Only the newest bill can be \
          voided, and none with credit notes. Once three more bills are final, a bill stands for \
          good; then a credit note corrects it. If the month has had several bills, the request \
          names the one that it means.\
          """)
  @Refuses(ProblemType.NOT_POSSIBLE)
  @PostMapping("/v1/accounts/{account}/bills/{month}/void")
  Bills.Bill voidBill(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-10")
          @PathVariable("month")
          String month,
      @Parameter(description = "New for each voiding; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewVoiding body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    YearMonth period = month(month);
    AccountState state = directory.state(account);
    String reason = reason(body.reason());
    return keys.run(
        "void/" + state.account() + '/' + period,
        key,
        commandId ->
            decide(
                commandId,
                new Order.VoidBill(state.account(), numberOf(state, period, body.number())),
                reason,
                caller));
  }

  @Operation(
      summary = "Write a credit note",
      description =
          """
          Gives back something of the month's final bill, which itself does not change. First less \
          is due; what credits paid goes back to them, the last one drawn first: what a top-up paid \
          can be spent again, what a grant paid is a grant again and never money. At most what was \
          billed, less what earlier notes, re-ratings and cheaper late usage gave back; beyond that \
          grant a credit or post an adjustment. If the month becomes cheaper later than its notes \
          leave of it, the next bill charges the difference as an adjustment (credit-notes:…). What is \
          due stays in whole minor units of the currency; only credits get back fractions.\
          """)
  @Refuses(ProblemType.NOT_POSSIBLE)
  @PostMapping("/v1/accounts/{account}/bills/{month}/credit-notes")
  Bills.Bill note(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-10")
          @PathVariable("month")
          String month,
      @Parameter(description = "New for each note; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewNote body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    YearMonth period = month(month);
    AccountState state = directory.state(account);
    BigDecimal amount = Amounts.above0(body.amount());
    String reason = reason(body.reason());
    return keys.run(
        "credit-notes/" + state.account() + '/' + period,
        key,
        commandId ->
            decide(
                commandId,
                new Order.NoteCredit(
                    state.account(), numberOf(state, period, body.number()), amount),
                reason,
                caller));
  }

  /**
   * The bill that is meant. Without a number it is the only one that the month has had, void or
   * not: whoever repeats a request whose answer was lost means the bill of then, and that may have
   * been voided and made anew since.
   *
   * @param number as the request has it
   */
  private long numberOf(AccountState state, YearMonth period, @Nullable Long number) {
    TreeSet<Long> had = new TreeSet<>();
    finals.of(state.account()).stream()
        .filter(bill -> bill.period().equals(period))
        .forEach(bill -> had.add(bill.number()));
    long counting = Bills.finalNumber(state, period);
    if (counting != 0) {
      had.add(counting);
    }
    if (had.isEmpty()) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "%s of account %s has no final bill.".formatted(period, state.account()));
    }
    if (number == null && had.size() > 1) {
      throw ProblemException.field(
          "number",
          "is required, because %s of account %s has had the bills %s; name the one that you mean"
              .formatted(period, state.account(), numbers(had)));
    }
    if (number != null && !had.contains(number)) {
      throw ProblemException.field(
          "number",
          "is none of %s of account %s, which has had %s"
              .formatted(period, state.account(), numbers(had)));
    }
    return number == null ? had.first() : number;
  }

  private static String numbers(TreeSet<Long> numbers) {
    return numbers.stream().map(number -> Long.toString(number)).collect(Collectors.joining(", "));
  }

  static String reason(@Nullable String reason) {
    if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
      throw ProblemException.field(
          "reason", "must say why, in 1 to %d characters".formatted(LONGEST_REASON));
    }
    return reason.strip();
  }

  /** The answer comes once this process has seen what was decided, in state and bill. */
  private Bills.Bill decide(String commandId, Order.OfAccount order, String reason, Caller caller) {
    CommandResult result =
        writer.decide(commandId, order, caller.name(), reason, decided -> hasSeen(order, decided));
    Long number = result.bill();
    FinalBill bill = number == null ? null : finals.find(order.account(), number);
    if (bill == null) {
      throw ProblemException.of(
          ProblemType.INTERNAL_ERROR, "Metering decided without a bill; its log says more.");
    }
    return explanations.explain(
        Bills.of(bill, freshness.of(directory.state(order.account()).sequence(), clock.instant())));
  }

  private boolean hasSeen(Order.OfAccount order, CommandResult decided) {
    AccountState state = states.find(order.account());
    LedgerPosting posting = decided.posting();
    Long number = decided.bill();
    FinalBill bill = number == null ? null : finals.find(order.account(), number);
    boolean posted =
        posting == null || (state != null && state.books().postings() >= posting.number());
    return state != null
        && posted
        && bill != null
        && state.books().bills() >= bill.number()
        && (!(order instanceof Order.VoidBill) || bill.status() == FinalBill.Status.VOID)
        && (!(order instanceof Order.NoteCredit note)
            || bill.notes().stream().anyMatch(it -> it.amount().compareTo(note.amount()) == 0));
  }
}
