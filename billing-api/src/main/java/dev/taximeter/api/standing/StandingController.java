package dev.taximeter.api.standing;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Paging;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who runs out of money or quota. */
@RestController
@Tag(name = "Accounts")
public final class StandingController {
  /** Days: a hundred years. Somebody who spends next to nothing runs out later, or never. */
  private static final BigDecimal LONGEST_RUNWAY = BigDecimal.valueOf(36_500);

  private static final Comparator<BalanceStanding> MOST_URGENT_FIRST =
      Comparator.comparingInt(StandingController::urgency)
          .thenComparing(
              standing -> standing.runwayDays() == null ? Long.MAX_VALUE : standing.runwayDays())
          .thenComparing(BalanceStanding::account);

  private static final Comparator<QuotaUse.Used> FULLEST_FIRST =
      Comparator.comparingLong(QuotaUse.Used::percent)
          .reversed()
          .thenComparing(used -> used.quota().id());

  private final CatalogView catalog;
  private final AccountStates states;
  private final AccountDirectory directory;
  private final UsageHistory history;
  private final Freshness freshness;
  private final Clock clock;

  public StandingController(
      CatalogView catalog,
      AccountStates states,
      AccountDirectory directory,
      UsageHistory history,
      Freshness freshness,
      Clock clock) {
    this.catalog = catalog;
    this.states = states;
    this.directory = directory;
    this.history = history;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "What an account has left, and how long that lasts.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BalanceStanding(
      @Schema(example = "acme") String account,
      @Schema(example = "Acme GmbH") String name,
      @Schema(example = "USD") String currency,
      @Schema(
              description = "Prepaid accounts run out; those who pay by bill may go below 0.",
              type = "string",
              allowableValues = {"prepaid", "postpaid"},
              example = "prepaid")
          Account.Billing billing,
      @Schema(description = "Exact.", type = "string", example = "37.9758336") String balance,
      @Schema(description = "Exact, since the account began.", type = "string", example = "12.02")
          String spent,
      @Schema(
              description = "Exact, of the last seven days; what runway is estimated from.",
              type = "string",
              example = "7.5")
          String spentLately,
      @Schema(description = "Whether it was ever granted anything.") boolean funded,
      @Schema(
              description =
                  "Whole days until the balance is used up at the pace of the last seven days;"
                      + " absent if nothing was spent or nothing was granted. 36,500, a hundred"
                      + " years, stands for that and more.",
              example = "35")
          @Nullable Long runwayDays,
      @Schema(example = "4711") long sequence) {}

  @Schema(description = "Accounts, those that run out first at the top.")
  record BalanceStandings(
      List<BalanceStanding> items,
      @Schema(description = "Accounts in all, shown or not.", example = "1000") long accounts,
      AsOfTime asOf) {}

  @Schema(description = "How much of a quota is used in the window that is open now.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record QuotaStanding(
      @Schema(example = "acme-month") String id,
      @Schema(example = "acme") String account,
      @Schema(example = "Acme GmbH") String name,
      @Schema(description = "Only usage of this key; absent: of all.") @Nullable String key,
      @Schema(description = "Only usage of this model; absent: of all.") @Nullable String model,
      @Schema(
              type = "string",
              allowableValues = {
                "total_tokens",
                "input_tokens",
                "output_tokens",
                "requests",
                "cost"
              },
              example = "cost")
          Quota.Metric metric,
      @Schema(
              type = "string",
              allowableValues = {"minute", "hour", "day", "week", "month"},
              example = "month")
          Quota.Window window,
      @Schema(description = "First instant of the window.") Instant from,
      @Schema(description = "Of the account; what cost is counted in.", example = "USD")
          String currency,
      @Schema(type = "string", example = "100") String limit,
      @Schema(description = "As far as usage has landed.", type = "string", example = "42.5")
          String used,
      @Schema(description = "Rounded down.", example = "42") long percent) {
    static QuotaStanding of(QuotaUse.Used used) {
      Quota quota = used.quota();
      return new QuotaStanding(
          quota.id(),
          quota.account(),
          used.account().name(),
          quota.key(),
          quota.model(),
          quota.metric(),
          quota.window(),
          used.from(),
          used.account().currency(),
          Decimals.plain(quota.limit()),
          Decimals.plain(used.used()),
          used.percent());
    }
  }

  @Schema(description = "Quotas, the fullest at the top.")
  record QuotaStandings(
      List<QuotaStanding> items,
      @Schema(description = "Quotas in all, shown or not.", example = "40") long quotas,
      AsOfTime asOf) {}

  @Operation(
      summary = "See who runs out of money",
      description =
          """
          Balances of all accounts, those that run out first at the top: below 0 with something \
          granted, then by runway. Balances are those of /v1/accounts/{account}/balance; the pace is \
          that of landed usage.\
          """)
  @Refuses({ProblemType.NOT_FOUND, ProblemType.HISTORY_UNAVAILABLE, ProblemType.TOO_BUSY})
  @GetMapping("/v1/standing/balances")
  BalanceStandings balances(
      @Parameter(description = "Only this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Accounts shown, 1 to 1,000; 100 if absent.", example = "10")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit) {
    int most = Paging.size(limit);
    Instant now = clock.instant();
    List<Account> asked = asked(account);
    Map<String, BigDecimal> lately =
        Recent.costs(history, catalog.snapshot(), Parameters.text(account), now);
    List<BalanceStanding> all = new ArrayList<>();
    for (Account one : asked) {
      AccountState state = states.find(one.id());
      if (state != null) {
        all.add(standing(one, state, lately.getOrDefault(one.id(), BigDecimal.ZERO), now));
      }
    }
    all.sort(MOST_URGENT_FIRST);
    return new BalanceStandings(
        List.copyOf(all.subList(0, Math.min(most, all.size()))), asked.size(), freshness.at(now));
  }

  @Operation(
      summary = "See who runs out of quota",
      description =
          """
          Quotas and how much of each is used in the window that is open now, the fullest at the \
          top, as far as usage has landed.\
          """)
  @Refuses({ProblemType.NOT_FOUND, ProblemType.HISTORY_UNAVAILABLE, ProblemType.TOO_BUSY})
  @GetMapping("/v1/standing/quotas")
  QuotaStandings quotas(
      @Parameter(description = "Only this account's.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Quotas shown, 1 to 1,000; 100 if absent.", example = "10")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit) {
    int most = Paging.size(limit);
    Instant now = clock.instant();
    String only = Parameters.text(account);
    if (only != null) {
      directory.account(only);
    }
    CatalogSnapshot snapshot = catalog.snapshot();
    Collection<Quota> quotas =
        snapshot.catalog().quotas().stream()
            .filter(quota -> only == null || quota.account().equals(only))
            .toList();
    List<QuotaUse.Used> used = new ArrayList<>(new QuotaUse(history, snapshot, now).of(quotas));
    used.sort(FULLEST_FIRST);
    return new QuotaStandings(
        used.stream().limit(most).map(QuotaStanding::of).toList(), used.size(), freshness.at(now));
  }

  private List<Account> asked(@Nullable String account) {
    String only = Parameters.text(account);
    return only == null
        ? List.copyOf(catalog.snapshot().accounts().values())
        : List.of(directory.account(only));
  }

  private static BalanceStanding standing(
      Account account, AccountState state, BigDecimal lately, Instant now) {
    BigDecimal granted = state.granted(now);
    BigDecimal balance = granted.subtract(state.spent());
    boolean funded = !state.credits().isEmpty();
    return new BalanceStanding(
        account.id(),
        account.name(),
        account.currency(),
        account.billing(),
        Decimals.plain(balance),
        Decimals.plain(state.spent()),
        Decimals.plain(lately),
        funded,
        funded && lately.signum() > 0 ? runway(balance, lately) : null,
        state.sequence());
  }

  private static long runway(BigDecimal balance, BigDecimal lately) {
    return balance
        .max(BigDecimal.ZERO)
        .multiply(BigDecimal.valueOf(Recent.LOOK_BACK.toDays()))
        .divide(lately, 0, RoundingMode.DOWN)
        .min(LONGEST_RUNWAY)
        .longValue();
  }

  private static int urgency(BalanceStanding standing) {
    if (standing.runwayDays() != null) {
      return 0;
    }
    return standing.funded() ? 1 : 2;
  }
}
