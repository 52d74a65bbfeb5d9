package dev.taximeter.api.bills;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.Order;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Months priced again, because a price or plan was learned that reaches into the past. */
@RestController
@Tag(name = "Bills")
public final class ReRatingController {
  private final AccountDirectory directory;
  private final AccountStates states;
  private final MonthPricing pricing;
  private final CatalogWriter writer;
  private final IdempotencyKeys keys;
  private final Freshness freshness;
  private final Clock clock;

  public ReRatingController(
      AccountDirectory directory,
      AccountStates states,
      CatalogView catalog,
      LandedUsage landed,
      CatalogWriter writer,
      IdempotencyKeys keys,
      Freshness freshness,
      Clock clock) {
    this.directory = directory;
    this.states = states;
    this.pricing = new MonthPricing(directory, catalog, landed);
    this.writer = writer;
    this.keys = keys;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "ReRatedLine", description = "Usage of one class at one price, then and now.")
  record LineView(
      @Schema(
              description = "Model; the price entry's pattern if tiered; * for requests.",
              example = "qwen-max")
          String model,
      @Schema(type = "string", example = "input") TokenClass tokenClass,
      @Schema(description = "Which price.", example = "list:qwen-*:2026-01-01T00:00:00Z:v7")
          String priceVersion,
      @Schema(description = "What stands on this line at the prices of now.", example = "123456")
          long quantity,
      @Schema(description = "What was charged on it.", example = "0") long chargedQuantity,
      @Schema(description = "Exact.", type = "string", example = "0") BigDecimal charged,
      @Schema(description = "Exact.", type = "string", example = "0.0493824") BigDecimal reRated,
      @Schema(description = "reRated - charged.", type = "string", example = "0.0493824")
          BigDecimal difference) {
    static LineView of(MonthPricing.Key key, MonthPricing.Compared compared) {
      BillLine charged = compared.charged();
      BillLine reRated = compared.reRated();
      BigDecimal before = charged == null ? BigDecimal.ZERO : charged.amount();
      BigDecimal after = reRated == null ? BigDecimal.ZERO : reRated.amount();
      return new LineView(
          key.model(),
          key.tokenClass(),
          key.priceVersion(),
          reRated == null ? 0 : reRated.quantity(),
          charged == null ? 0 : charged.quantity(),
          before,
          after,
          after.subtract(before));
    }
  }

  @Schema(
      name = "ReRating",
      description = "What a month's usage was charged, and what it costs at the prices of now.")
  record View(
      @Schema(example = "acme") String account,
      @Schema(description = "Calendar month in the account's zone.", example = "2026-10")
          String period,
      @Schema(example = "USD") String currency,
      List<LineView> lines,
      @Schema(
              description = "What the usage was charged when it was rated.",
              type = "string",
              example = "12.5")
          BigDecimal charged,
      @Schema(
              description = "What it costs at the prices and plans that are known now.",
              type = "string",
              example = "11")
          BigDecimal reRated,
      @Schema(
              description = "What earlier re-ratings of the month posted.",
              type = "string",
              example = "0")
          BigDecimal alreadyPosted,
      @Schema(
              description = "reRated - charged - alreadyPosted: what would be posted.",
              type = "string",
              example = "-1.5")
          BigDecimal difference,
      @Schema(
              description = "The account's sequence number up to which usage was looked at.",
              example = "4711")
          long basisSequence,
      @Schema(description = "Catalogue version of the prices and plans.", example = "7")
          long catalogVersion,
      AsOf asOf) {}

  @Schema(description = "Why a month is re-rated.")
  record NewReRating(
      @Schema(description = "Required; stands on the bill.", example = "contract of 1 October")
          @Nullable String reason) {}

  @Schema(name = "ReRatingPosted", description = "What a re-rating posted.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Posted(
      @Schema(example = "acme") String account,
      @Schema(example = "2026-10") String period,
      @Schema(example = "USD") String currency,
      @Schema(
              description = "Above 0 is charged, below 0 given back; 0 if nothing was missing.",
              type = "string",
              example = "-1.5")
          BigDecimal posted,
      @Schema(description = "Number in the ledger; absent if nothing was posted.", example = "17")
          @Nullable Long posting,
      AsOf asOf) {}

  @Operation(
      summary = "Price a month again",
      description =
          """
          What the month's landed usage costs at the prices and plans known now, beside what it was \
          charged. Usage keeps the price that it was rated with: a price that is added later with an \
          effectiveFrom in the past does not touch it. Nothing is changed; POST posts the difference.""")
  @Refuses({ProblemType.NOT_POSSIBLE, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/accounts/{account}/bills/{month}/re-rating")
  View look(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-10")
          @PathVariable("month")
          String month) {
    MonthPricing.Result result = pricing.price(account, BillsController.month(month));
    return new View(
        account,
        result.period().toString(),
        result.state().currency(),
        result.lines().entrySet().stream()
            .map(line -> LineView.of(line.getKey(), line.getValue()))
            .toList(),
        result.charged(),
        result.reRated(),
        result.alreadyPosted(),
        result.difference(),
        result.basis(),
        result.termsVersion(),
        freshness.of(result.state().sequence(), clock.instant()));
  }

  @Operation(
      summary = "Post the difference",
      description =
          """
          Prices the month again and posts what is missing, never an edit: a charge, which may be \
          below 0, on the next bill that becomes final. What was posted before is taken off, so a \
          second run posts only what has come since. Refused if prices change meanwhile.""")
  @Refuses({ProblemType.NOT_POSSIBLE, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @PostMapping("/v1/accounts/{account}/bills/{month}/re-rating")
  Posted post(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Calendar month, YYYY-MM.", example = "2026-10")
          @PathVariable("month")
          String month,
      @Parameter(description = "New for each re-rating; the same when the request is sent again.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @RequestBody NewReRating body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    YearMonth period = BillsController.month(month);
    String id = directory.account(account).id();
    String reason = BillsController.reason(body.reason());
    CommandResult result =
        keys.run(
            "re-rating/" + id + '/' + period,
            key,
            commandId ->
                writer.decide(
                    commandId,
                    order(id, period),
                    caller.name(),
                    reason,
                    decided -> hasSeen(id, decided)));
    AccountState state = directory.state(id);
    LedgerPosting posting = result.posting();
    return new Posted(
        id,
        period.toString(),
        state.currency(),
        posting == null ? BigDecimal.ZERO : posted(posting),
        posting == null ? null : posting.number(),
        freshness.of(state.sequence(), clock.instant()));
  }

  private Order.ReRate order(String account, YearMonth period) {
    MonthPricing.Result priced = pricing.price(account, period);
    return new Order.ReRate(
        account, period, priced.basis(), priced.termsVersion(), priced.charged(), priced.reRated());
  }

  private static BigDecimal posted(LedgerPosting posting) {
    return posting.entries().stream()
        .filter(entry -> entry.ledger() == LedgerAccount.UNBILLED)
        .map(LedgerPosting.Entry::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private boolean hasSeen(String account, CommandResult decided) {
    LedgerPosting posting = decided.posting();
    AccountState state = states.find(account);
    return posting == null || (state != null && state.books().postings() >= posting.number());
  }
}
