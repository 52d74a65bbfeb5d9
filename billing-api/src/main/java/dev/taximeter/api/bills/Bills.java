package dev.taximeter.api.bills;

import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** Makes bills from an account's state. Pure: no clock, no I/O. */
final class Bills {
  private static final Comparator<AccountState.BillLine> ORDER =
      Comparator.comparing(AccountState.BillLine::model)
          .thenComparing(AccountState.BillLine::tokenClass)
          .thenComparing(AccountState.BillLine::priceVersion);

  private Bills() {}

  @Schema(description = "Where the bill stands.", enumAsRef = true)
  enum Status {
    /** The period goes on. */
    preview,
    /** The period has ended; late usage may still change the bill. */
    open
  }

  @Schema(description = "Usage of one class at one price.")
  record Line(
      @Schema(
              description = "Model; the price entry's pattern if tiered; * for requests.",
              example = "qwen-max")
          String model,
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
          String priceVersion) {}

  @Schema(description = "A calendar month's usage, priced.")
  record Bill(
      @Schema(example = "acme") String account,
      @Schema(description = "Calendar month in the account's zone.", example = "2026-11")
          String period,
      @Schema(
              description = "preview until the period ends, open afterwards.",
              type = "string",
              allowableValues = {"preview", "open"})
          Status status,
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "First instant of the period.", example = "2026-10-31T23:00:00Z")
          Instant from,
      @Schema(description = "First instant after the period.", example = "2026-11-30T23:00:00Z")
          Instant to,
      @Schema(description = "Billed requests.", example = "4711") long requests,
      @Schema(description = "How many of them no price matched; they cost 0.", example = "0")
          long unpriced,
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
          BigDecimal total,
      @Schema(description = "total - exactTotal.", type = "string", example = "-0.0045678")
          BigDecimal rounding,
      AsOf asOf) {}

  @Schema(description = "A bill without its lines.")
  record Summary(
      @Schema(example = "2026-11") String period,
      @Schema(
              type = "string",
              allowableValues = {"preview", "open"})
          Status status,
      @Schema(example = "4711") long requests,
      @Schema(type = "string", example = "12.0345678") BigDecimal exactTotal,
      @Schema(type = "string", example = "12.03") BigDecimal total) {}

  @Schema(description = "All months with usage and the current one, newest first.")
  record BillList(
      @Schema(example = "acme") String account,
      @Schema(example = "USD") String currency,
      List<Summary> items,
      AsOf asOf) {}

  static Bill of(AccountState state, YearMonth month, Instant now, Freshness freshness) {
    ZoneId zone = ZoneId.of(state.zone());
    AccountState.Period period = period(state, month);
    List<AccountState.BillLine> sorted = new ArrayList<>(period.lines());
    sorted.sort(ORDER);
    BigDecimal exact = sum(period);
    BigDecimal total = Decimals.rounded(exact, state.currency());
    Instant to = start(month.plusMonths(1), zone);
    return new Bill(
        state.account(),
        month.toString(),
        status(to, now),
        state.currency(),
        start(month, zone),
        to,
        period.requests(),
        period.unpriced(),
        sorted.stream().map(Bills::line).toList(),
        exact,
        total,
        total.subtract(exact),
        freshness.of(state.sequence(), now));
  }

  static BillList list(AccountState state, Instant now, Freshness freshness) {
    ZoneId zone = ZoneId.of(state.zone());
    TreeMap<YearMonth, AccountState.Period> periods = new TreeMap<>(Comparator.reverseOrder());
    YearMonth current = YearMonth.from(now.atZone(zone));
    periods.put(current, period(state, current));
    state.periods().forEach(period -> periods.put(period.period(), period));
    List<Summary> items =
        periods.values().stream().map(period -> summary(state, period, zone, now)).toList();
    return new BillList(
        state.account(), state.currency(), items, freshness.of(state.sequence(), now));
  }

  private static Summary summary(
      AccountState state, AccountState.Period period, ZoneId zone, Instant now) {
    BigDecimal exact = sum(period);
    return new Summary(
        period.period().toString(),
        status(start(period.period().plusMonths(1), zone), now),
        period.requests(),
        exact,
        Decimals.rounded(exact, state.currency()));
  }

  private static AccountState.Period period(AccountState state, YearMonth month) {
    return state.periods().stream()
        .filter(period -> period.period().equals(month))
        .findFirst()
        .orElseGet(() -> new AccountState.Period(month, 0, 0, List.of()));
  }

  private static BigDecimal sum(AccountState.Period period) {
    return period.lines().stream()
        .map(AccountState.BillLine::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Line line(AccountState.BillLine line) {
    return new Line(
        line.model(), line.tokenClass(), line.quantity(), line.amount(), line.priceVersion());
  }

  private static Status status(Instant end, Instant now) {
    return now.isBefore(end) ? Status.preview : Status.open;
  }

  private static Instant start(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }
}
