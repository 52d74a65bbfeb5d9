package dev.taximeter.api.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Amounts;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Csv;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.Order;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

/** Credits, adjustments, debits, and the ledger they are posted to. */
@RestController
@Tag(name = "Ledger")
public final class LedgerController {
  private static final int LONGEST_REASON = 1_000;

  private final AccountDirectory directory;
  private final AccountStates states;
  private final CatalogWriter writer;
  private final LedgerHistory history;
  private final IdempotencyKeys keys;
  private final Freshness freshness;
  private final Clock clock;

  public LedgerController(
      AccountDirectory directory,
      AccountStates states,
      CatalogWriter writer,
      LedgerHistory history,
      IdempotencyKeys keys,
      Freshness freshness,
      Clock clock) {
    this.directory = directory;
    this.states = states;
    this.writer = writer;
    this.history = history;
    this.keys = keys;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "CreditItem", description = "Money given in advance, and what is left of it.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CreditView(
      @Schema(
              description = "The catalogue's id, or ledger: and the id of its command.",
              example = "ledger:17")
          String id,
      @Schema(
              type = "string",
              allowableValues = {"grant", "top-up", "adjustment"},
              example = "top-up")
          CreditKind kind,
      @Schema(description = "Lower ones are drawn down first.", example = "100") int priority,
      @Schema(type = "string", example = "50") BigDecimal amount,
      @Schema(
              description =
                  "What usage takes of it. Beyond applied it is provisional: final bills decide, in"
                      + " the order in which usage completed.",
              type = "string",
              example = "12.5")
          BigDecimal drawn,
      @Schema(
              description =
                  "What final bills took of it, less what it got back because usage that it had paid"
                      + " for became cheaper.",
              type = "string",
              example = "10")
          BigDecimal applied,
      @Schema(
              description = "What is left; 0 once it has expired.",
              type = "string",
              example = "37.5")
          BigDecimal remaining,
      @Schema(description = "Pays only for usage that completed then or later; absent: for all.")
          @Nullable Instant effectiveFrom,
      @Schema(description = "Pays only for usage that completed before; absent: never expires.")
          @Nullable Instant expiresAt,
      @Schema(description = "Whether it has expired.", example = "false") boolean expired,
      @Schema(
              description = "Why it was given, at most 200 characters; empty if nobody said.",
              example = "start-up programme")
          String reason,
      @Schema(description = "Absent in a list, which has its own.") @Nullable AsOf asOf) {
    static CreditView of(CreditState credit, Instant now) {
      return of(credit, now, null);
    }

    static CreditView of(CreditState credit, Instant now, @Nullable AsOf asOf) {
      return new CreditView(
          credit.id(),
          credit.kind(),
          credit.priority(),
          credit.amount(),
          credit.drawn(),
          credit.applied(),
          credit.remaining(now),
          credit.effectiveFrom(),
          credit.expiresAt(),
          credit.expired(now),
          credit.reason(),
          asOf);
    }
  }

  @Schema(description = "One page of an account's credits, in the order they are drawn down.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CreditList(
      @Schema(example = "acme") String account,
      @Schema(example = "USD") String currency,
      List<CreditView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      AsOf asOf) {}

  @Schema(description = "A credit to give.")
  record NewCredit(
      @Schema(
              description = "grant: given for nothing. top-up: paid for.",
              allowableValues = {"grant", "top-up"},
              example = "top-up")
          @Nullable String kind,
      @Schema(
              description = "Above 0, in the account's currency.",
              type = "string",
              example = "50.00")
          @Nullable BigDecimal amount,
      @Schema(description = "0 to 1000; lower ones are drawn down first. 100 if absent.")
          @Nullable Integer priority,
      @Schema(
              description =
                  "Pays only for usage that completed then or later; absent: for all that is not"
                      + " billed yet. Where usage is counted already, a full quarter of an hour.")
          @Nullable Instant effectiveFrom,
      @Schema(
              description =
                  "Pays only for usage that completed before; absent: never expires. Where usage is"
                      + " counted already, a full quarter of an hour. May be in the past: what no"
                      + " usage of before draws then expires at once.")
          @Nullable Instant expiresAt,
      @Schema(description = "Optional; kept for ever.", example = "welcome")
          @Nullable String reason) {}

  @Schema(description = "A correction.")
  record NewAdjustment(
      @Schema(
              description =
                  "Above 0 to the account's advantage, below 0 to its disadvantage: the latter"
                      + " stands on the next bill, and may make a prepaid account's balance"
                      + " negative.",
              type = "string",
              example = "-2.50")
          @Nullable BigDecimal amount,
      @Schema(description = "Required; kept for ever.", example = "wrong price in March")
          @Nullable String reason) {}

  @Schema(description = "A charge for something that is no usage.")
  record NewDebit(
      @Schema(
              description = "Above 0; of a prepaid account at most its balance.",
              type = "string",
              example = "9.99")
          @Nullable BigDecimal amount,
      @Schema(description = "Optional; stands on the bill.", example = "seat in May")
          @Nullable String reason) {}

  @Schema(name = "LedgerEntry", description = "One side of a posting.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EntryView(
      @Schema(
              description =
                  "credits, unbilled, receivable and rounding add up to the balance with the sign"
                      + " turned; the others are where money comes from and goes to.",
              type = "string",
              allowableValues = {
                "credits",
                "unbilled",
                "receivable",
                "rounding",
                "usage",
                "debits",
                "promotion",
                "cash",
                "adjustments",
                "breakage"
              },
              example = "unbilled")
          LedgerPosting.LedgerAccount ledger,
      @Schema(description = "Month of the usage or bill.", example = "2026-11")
          @Nullable String period,
      @Schema(description = "Id of the credit.", example = "ledger:17") @Nullable String credit,
      @Schema(
              description = "Above 0 a debit, below 0 a credit.",
              type = "string",
              example = "0.0493824")
          BigDecimal amount) {}

  @Schema(name = "Posting", description = "Entries that add up to exactly 0. Never changed.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PostingView(
      @Schema(description = "1, 2, 3 … of the account, without gaps.", example = "17") long number,
      @Schema(
              type = "string",
              allowableValues = {
                "grant",
                "top-up",
                "usage",
                "adjustment",
                "debit",
                "expiry",
                "bill",
                "credit-note",
                "void",
                "re-rating"
              },
              example = "top-up")
          LedgerPosting.Kind kind,
      @Schema(description = "When it was decided.") Instant at,
      @Schema(
              description = "The account's sequence number then: usage up to it is posted.",
              example = "4711")
          long sequence,
      @Schema(description = "Who asked; absent if nobody did.", example = "admin")
          @Nullable String author,
      @Schema(description = "Why.", example = "welcome") @Nullable String reason,
      @Schema(description = "Number of the bill concerned.", example = "3") @Nullable Long bill,
      List<EntryView> entries) {
    static PostingView of(LedgerPosting posting) {
      return new PostingView(
          posting.number(),
          posting.kind(),
          posting.at(),
          posting.sequence(),
          posting.author().isEmpty() ? null : posting.author(),
          posting.reason().isEmpty() ? null : posting.reason(),
          posting.bill() == 0 ? null : posting.bill(),
          posting.entries().stream()
              .map(
                  entry ->
                      new EntryView(
                          entry.ledger(),
                          entry.period() == null ? null : entry.period().toString(),
                          entry.credit(),
                          entry.amount()))
              .toList());
    }
  }

  @Schema(description = "One page of a ledger, by number.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LedgerPage(
      @Schema(example = "acme") String account,
      @Schema(example = "USD") String currency,
      List<PostingView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      AsOf asOf) {}

  @Operation(
      summary = "List credits",
      description =
          "With what is left of each, from the account's live state. Once people have given more"
              + " than 200, those that final bills used up, or that have expired, are left out; the"
              + " ledger has them.")
  @GetMapping("/v1/accounts/{account}/credits")
  CreditList credits(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(
              description = "Only credits that have expired, or that have not.",
              schema = @Schema(type = "boolean"))
          @RequestParam(name = "expired", required = false)
          @Nullable String expired,
      @Parameter(hidden = true) @Listing.By("the order in which they are drawn down")
          Listing listing,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it is"
                      + " waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    Boolean wanted = expired == null ? null : yesOrNo("expired", expired);
    AccountState state = directory.state(account, minAsOf);
    Instant now = clock.instant();
    List<CreditState> credits = new ArrayList<>(state.credits());
    if (listing.descending()) {
      Collections.reverse(credits);
    }
    // Their order is the state's; the cursor must survive that others are added.
    String after = Cursors.decoded(listing.cursor());
    List<String> ids = credits.stream().map(CreditState::id).toList();
    var found =
        credits.stream()
            .skip(ids.indexOf(after) + 1L)
            .filter(credit -> wanted == null || wanted == credit.expired(now))
            .limit(listing.size() + 1L)
            .toList();
    var page =
        dev.taximeter.api.web.Page.of(
            found, listing.size(), credit -> Cursors.encoded(credit.id()));
    return new CreditList(
        state.account(),
        state.currency(),
        page.shown(credit -> CreditView.of(credit, now)),
        page.next(),
        freshness.of(state.sequence(), now));
  }

  private static boolean yesOrNo(String name, String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw ProblemException.parameter(name, "must be true or false");
    };
  }

  @Operation(summary = "Read a credit", description = "With what is left of it.")
  @GetMapping("/v1/accounts/{account}/credits/{credit}")
  CreditView credit(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "The credit's id.", example = "ledger:17") @PathVariable("credit")
          String credit,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it is"
                      + " waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    AccountState state = directory.state(account, minAsOf);
    Instant now = clock.instant();
    return state.credits().stream()
        .filter(known -> known.id().equals(credit))
        .findFirst()
        .map(known -> CreditView.of(known, now, freshness.of(state.sequence(), now)))
        .orElseThrow(
            () ->
                ProblemException.of(
                    ProblemType.NOT_FOUND,
                    "Account %s has no such credit, or it is over and in the ledger only; GET /v1/accounts/%s/credits lists all others."
                        .formatted(state.account(), state.account())));
  }

  @Operation(
      summary = "Give a credit",
      description =
          """
          A grant or a top-up. Credits are drawn down by priority, then what expires first, and pay \
          only for usage that completed while they were valid. The same request with the same \
          Idempotency-Key gives the same answer and changes nothing.""")
  @Refuses(ProblemType.NOT_POSSIBLE)
  @PostMapping("/v1/accounts/{account}/credits")
  PostingView giveCredit(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "New for each credit; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewCredit body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String id = directory.account(account).id();
    Order.GrantCredit order =
        new Order.GrantCredit(
            id,
            kind(body.kind()),
            Amounts.above0(body.amount()),
            priority(body.priority()),
            body.effectiveFrom(),
            body.expiresAt());
    return decide("credits/" + id, key, order, reason(body.reason()), caller);
  }

  private static CreditKind kind(@Nullable String kind) {
    return Arrays.stream(CreditKind.values())
        .filter(known -> known != CreditKind.ADJUSTMENT && known.code().equals(kind))
        .findFirst()
        .orElseThrow(() -> ProblemException.field("kind", "must be grant or top-up"));
  }

  private static int priority(@Nullable Integer priority) {
    int value = priority == null ? Order.GrantCredit.USUAL_PRIORITY : priority;
    if (value < 0 || value > Order.GrantCredit.LAST_PRIORITY) {
      throw ProblemException.field(
          "priority", "must be 0 to %d".formatted(Order.GrantCredit.LAST_PRIORITY));
    }
    return value;
  }

  private static String reason(@Nullable String reason) {
    if (reason != null && reason.length() > LONGEST_REASON) {
      throw ProblemException.field(
          "reason", "may have at most %d characters".formatted(LONGEST_REASON));
    }
    return reason == null ? "" : reason.strip();
  }

  @Operation(
      summary = "Correct an account's money",
      description =
          "To its advantage it becomes a credit that never expires; to its disadvantage it stands"
              + " on the next bill.")
  @Refuses(ProblemType.NOT_POSSIBLE)
  @PostMapping("/v1/accounts/{account}/adjustments")
  PostingView adjust(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "New for each adjustment; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewAdjustment body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String id = directory.account(account).id();
    String reason = reason(body.reason());
    if (reason.isEmpty()) {
      throw ProblemException.field("reason", "must say why the account is adjusted");
    }
    return decide(
        "adjustments/" + id,
        key,
        new Order.Adjust(id, Amounts.otherThan0(body.amount())),
        reason,
        caller);
  }

  @Operation(
      summary = "Charge an account",
      description =
          "For something that is no usage; it stands on the next bill. A prepaid account must have"
              + " as much left; usage itself always counts, and may make its balance negative.")
  @Refuses({ProblemType.INSUFFICIENT_BALANCE, ProblemType.NOT_POSSIBLE})
  @PostMapping("/v1/accounts/{account}/debits")
  PostingView debit(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "New for each debit; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewDebit body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String id = directory.account(account).id();
    return decide(
        "debits/" + id,
        key,
        new Order.Debit(id, Amounts.above0(body.amount())),
        reason(body.reason()),
        caller);
  }

  /** The answer comes once this process has seen the posting in the account's state. */
  private PostingView decide(
      String address, @Nullable String key, Order.OfAccount order, String reason, Caller caller) {
    CommandResult result =
        keys.run(
            address,
            key,
            commandId ->
                writer.decide(
                    commandId,
                    order,
                    caller.name(),
                    reason,
                    decided -> hasSeen(order.account(), decided)));
    LedgerPosting posting = result.posting();
    if (posting == null) {
      throw ProblemException.of(
          ProblemType.INTERNAL_ERROR, "Metering decided without a posting; its log says more.");
    }
    return PostingView.of(posting);
  }

  private boolean hasSeen(String account, CommandResult decided) {
    AccountState state = states.find(account);
    LedgerPosting posting = decided.posting();
    return posting == null || (state != null && state.books().postings() >= posting.number());
  }

  @Operation(
      summary = "Read a ledger",
      description =
          """
          Double entry, append-only. Usage and the credits that pay for it are posted in steps, \
          at most one each ten seconds, and before every other posting. As JSON, or as CSV with a \
          row for each entry (Accept: text/csv; the header X-Next-Cursor is the next page's \
          cursor).""",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The page.",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = LedgerPage.class)),
                @Content(mediaType = Csv.MEDIA_TYPE, schema = @Schema(type = "string"))
              }))
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @GetMapping(value = "/v1/accounts/{account}/ledger", produces = MediaType.APPLICATION_JSON_VALUE)
  LedgerPage ledger(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Postings decided then or later.", example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(description = "Postings decided before.", example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(description = "Postings of one kind.", example = "top-up")
          @RequestParam(name = "kind", required = false)
          @Nullable String kind,
      @Parameter(hidden = true) @Listing.By("number") Listing listing,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it is"
                      + " waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf) {
    Page page = page(account, from, to, kind, listing, minAsOf);
    return new LedgerPage(
        page.state().account(),
        page.state().currency(),
        page.postings().stream().map(PostingView::of).toList(),
        page.next(),
        freshness.of(page.state().sequence(), clock.instant()));
  }

  @Operation(hidden = true)
  @GetMapping(value = "/v1/accounts/{account}/ledger", produces = Csv.MEDIA_TYPE)
  ResponseEntity<String> ledgerAsCsv(
      @PathVariable("account") String account,
      @RequestParam(name = "from", required = false) @Nullable String from,
      @RequestParam(name = "to", required = false) @Nullable String to,
      @RequestParam(name = "kind", required = false) @Nullable String kind,
      @Listing.By("number") Listing listing,
      @RequestParam(name = "minAsOf", required = false) @Nullable String minAsOf) {
    Page page = page(account, from, to, kind, listing, minAsOf);
    HttpHeaders headers = new HttpHeaders();
    headers.setContentType(MediaType.parseMediaType(Csv.MEDIA_TYPE + ";charset=UTF-8"));
    if (page.next() != null) {
      headers.set("X-Next-Cursor", page.next());
    }
    return ResponseEntity.ok().headers(headers).body(LedgerCsv.of(page.postings()));
  }

  private record Page(AccountState state, List<LedgerPosting> postings, @Nullable String next) {}

  private Page page(
      String account,
      @Nullable String from,
      @Nullable String to,
      @Nullable String kind,
      Listing listing,
      @Nullable String minAsOf) {
    int size = listing.size();
    AccountState state = directory.state(account, minAsOf);
    LedgerQuery query =
        new LedgerQuery(
            state.account(),
            listing.descending(),
            after(listing.cursor()),
            Parameters.instant("from", from),
            Parameters.instant("to", to),
            postingKind(kind));
    List<LedgerPosting> found = history.postings(query, size + 1);
    boolean more = found.size() > size;
    List<LedgerPosting> shown = more ? found.subList(0, size) : found;
    return new Page(
        state, shown, more ? Long.toString(shown.get(shown.size() - 1).number()) : null);
  }

  private static @Nullable Long after(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    try {
      Long after = Long.valueOf(cursor);
      if (after >= 0) {
        return after;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw ProblemException.parameter("cursor", "must be the next of the page before");
  }

  private static LedgerPosting.@Nullable Kind postingKind(@Nullable String code) {
    if (Parameters.text(code) == null) {
      return null;
    }
    return Arrays.stream(LedgerPosting.Kind.values())
        .filter(kind -> kind.code().equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.parameter(
                    "kind",
                    "must be one of "
                        + String.join(
                            ", ",
                            Arrays.stream(LedgerPosting.Kind.values())
                                .map(LedgerPosting.Kind::code)
                                .toList())));
  }
}
