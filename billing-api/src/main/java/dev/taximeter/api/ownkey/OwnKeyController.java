package dev.taximeter.api.ownkey;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.contract.catalog.Quota;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * Answers who holds an API key, in the shapes that chat clients already ask for. All amounts are of
 * the account's currency, also where those shapes say usd; numbers are plain JSON numbers there.
 */
@RestController
@Tag(name = "Own key")
@SecurityRequirement(name = "apiKey")
public final class OwnKeyController {
  /** What those clients take for no limit. */
  private static final BigDecimal UNLIMITED = BigDecimal.valueOf(100_000_000);

  private static final int LAST_YEAR = 9_998;
  private static final int CENTS_DIGITS = 2;

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final KeyUsage usage;
  private final Freshness freshness;
  private final Clock clock;

  public OwnKeyController(
      CatalogView catalog,
      AccountDirectory directory,
      UsageService usage,
      Freshness freshness,
      Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.usage = new KeyUsage(usage);
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "OwnKey", description = "The key that asks.")
  record KeyAnswer(KeyData data, AsOf asOf) {}

  @Schema(name = "OwnKeyData", description = "A key's limit and usage, in the account's currency.")
  record KeyData(
      @Schema(description = "The key's name.", example = "acme-prod") String label,
      @Schema(
              description = "Money per window; null if there is no limit.",
              types = {"number", "null"},
              example = "50")
          @JsonSerialize(using = PlainNumber.class)
          @Nullable BigDecimal limit,
      @Schema(
              description = "Left in the current window; null if there is no limit.",
              types = {"number", "null"})
          @JsonProperty("limit_remaining")
          @JsonSerialize(using = PlainNumber.class)
          @Nullable BigDecimal limitRemaining,
      @Schema(
              description =
                  "How often the limit starts anew: daily, weekly or monthly; null if there is none.",
              types = {"string", "null"})
          @JsonProperty("limit_reset")
          @Nullable String limitReset,
      @Schema(description = "Cost since the beginning.", example = "12.0345678")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal usage,
      @Schema(description = "Cost of the current day in the account's zone.")
          @JsonProperty("usage_daily")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal usageDaily,
      @Schema(description = "Cost of the current week, from Monday.")
          @JsonProperty("usage_weekly")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal usageWeekly,
      @Schema(description = "Cost of the current month.")
          @JsonProperty("usage_monthly")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal usageMonthly,
      @Schema(description = "ISO 4217 code of all amounts.", example = "USD") String currency,
      @Schema(
              description = "When the key ends; null if it never does.",
              types = {"string", "null"},
              format = "date-time")
          @JsonProperty("expires_at")
          @Nullable Instant expiresAt) {}

  @Schema(name = "OwnSubscription", description = "A key's limit as chat clients ask for it.")
  record Subscription(
      @Schema(example = "billing_subscription") String object,
      @Schema(description = "Always true.") @JsonProperty("has_payment_method")
          boolean hasPaymentMethod,
      @Schema(description = "As hard_limit_usd.")
          @JsonProperty("soft_limit_usd")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal softLimit,
      @Schema(
              description = "The key's limit in the account's currency; 100000000 for none.",
              example = "50")
          @JsonProperty("hard_limit_usd")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal hardLimit,
      @Schema(description = "As hard_limit_usd.")
          @JsonProperty("system_hard_limit_usd")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal systemHardLimit,
      @Schema(description = "When the key ends, in Unix seconds; 0 for never.", example = "0")
          @JsonProperty("access_until")
          long accessUntil,
      AsOfTime asOf) {}

  @Schema(name = "OwnUsage", description = "A key's usage as chat clients ask for it.")
  record UsageTotal(
      @Schema(example = "list") String object,
      @Schema(description = "Hundredths of the account's currency.", example = "1203.45678")
          @JsonProperty("total_usage")
          @JsonSerialize(using = PlainNumber.class)
          BigDecimal totalUsage,
      AsOf asOf) {}

  @Operation(
      summary = "Ask about the own key",
      description =
          """
          With an API key of the gateway as bearer token instead of a token of this API. Shows what \
          is metered under the key's name: also of the keys that it replaced. The limit is the key's \
          quota of cost for all models, if it has one.""")
  @GetMapping("/v1/key")
  KeyAnswer key(
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Instant now = clock.instant();
    Holder holder = holder(caller);
    Optional<KeyLimit> limit = limit(holder, now);
    KeyUsage.Cost total = usage.between(holder.account(), caller.name(), null, now);
    BigDecimal daily = since(Quota.Window.DAY, holder, now);
    BigDecimal weekly = since(Quota.Window.WEEK, holder, now);
    BigDecimal monthly = since(Quota.Window.MONTH, holder, now);
    return new KeyAnswer(
        new KeyData(
            caller.name(),
            limit.map(KeyLimit::amount).orElse(null),
            limit
                .map(
                    it ->
                        it.amount()
                            .subtract(
                                switch (it.reset()) {
                                  case "daily" -> daily;
                                  case "weekly" -> weekly;
                                  default -> monthly;
                                })
                            .max(BigDecimal.ZERO))
                .orElse(null),
            limit.map(KeyLimit::reset).orElse(null),
            total.amount(),
            daily,
            weekly,
            monthly,
            directory.account(holder.account()).currency(),
            caller.expiresAt()),
        freshness.of(total.sequence(), now, total.exact()));
  }

  @Operation(
      summary = "Ask for the own key's limit, as chat clients do",
      description =
          """
          With an API key of the gateway as bearer token. Also served without /v1. What is left is \
          hard_limit_usd less total_usage / 100 of GET /v1/dashboard/billing/usage without dates.""")
  @GetMapping({"/v1/dashboard/billing/subscription", "/dashboard/billing/subscription"})
  Subscription subscription(
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Instant now = clock.instant();
    Holder holder = holder(caller);
    BigDecimal limit = limit(holder, now).map(KeyLimit::amount).orElse(UNLIMITED);
    Instant end = caller.expiresAt();
    return new Subscription(
        "billing_subscription",
        true,
        limit,
        limit,
        limit,
        end == null ? 0 : end.getEpochSecond(),
        freshness.at(now));
  }

  @Operation(
      summary = "Ask for the own key's usage, as chat clients do",
      description =
          """
          With an API key of the gateway as bearer token. Also served without /v1. Without dates: of \
          the window of the key's limit; if it has none, since the beginning.""")
  @GetMapping({"/v1/dashboard/billing/usage", "/dashboard/billing/usage"})
  UsageTotal usage(
      @Parameter(
              description = "First day in the account's zone, YYYY-MM-DD.",
              example = "2026-11-01")
          @RequestParam(name = "start_date", required = false)
          @Nullable String startDate,
      @Parameter(
              description = "Last day in the account's zone, YYYY-MM-DD.",
              example = "2026-11-30")
          @RequestParam(name = "end_date", required = false)
          @Nullable String endDate,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Instant now = clock.instant();
    Holder holder = holder(caller);
    LocalDate first = day("start_date", startDate);
    LocalDate last = day("end_date", endDate);
    if (first != null && last != null && last.isBefore(first)) {
      throw ProblemException.parameter("end_date", "must not be before start_date");
    }
    Instant from =
        first != null
            ? first.atStartOfDay(holder.zone()).toInstant()
            : last != null ? null : limit(holder, now).map(KeyLimit::since).orElse(null);
    Instant to = last == null ? now : last.plusDays(1).atStartOfDay(holder.zone()).toInstant();
    if (from != null && !from.isBefore(to)) {
      throw ProblemException.parameter("start_date", "must not lie in the future");
    }
    KeyUsage.Cost cost = usage.between(holder.account(), caller.name(), from, to);
    return new UsageTotal(
        "list",
        cost.amount().movePointRight(CENTS_DIGITS),
        freshness.of(cost.sequence(), now, cost.exact()));
  }

  /** The account that pays for the key, and its zone. */
  private record Holder(String account, String key, ZoneId zone) {}

  private Holder holder(Caller caller) {
    String account = caller.account();
    if (account == null) {
      throw new IllegalStateException("the holder of a key belongs to an account");
    }
    return new Holder(account, caller.name(), directory.account(account).timezone());
  }

  private Optional<KeyLimit> limit(Holder holder, Instant now) {
    return KeyLimit.of(
        holder.account(), holder.key(), catalog.snapshot().catalog().quotas(), holder.zone(), now);
  }

  private BigDecimal since(Quota.Window window, Holder holder, Instant now) {
    Instant from = KeyLimit.start(window, holder.zone(), now);
    // At midnight itself nothing has been used yet.
    return from.isBefore(now)
        ? usage.between(holder.account(), holder.key(), from, now).amount()
        : BigDecimal.ZERO;
  }

  private static @Nullable LocalDate day(String name, @Nullable String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      LocalDate day = LocalDate.parse(text);
      if (day.getYear() >= 0 && day.getYear() <= LAST_YEAR) {
        return day;
      }
    } catch (DateTimeParseException e) {
      // Told below, with the form.
    }
    throw ProblemException.parameter(name, "must be a day written YYYY-MM-DD, such as 2026-11-01");
  }
}
