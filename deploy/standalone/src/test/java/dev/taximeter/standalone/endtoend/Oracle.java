package dev.taximeter.standalone.endtoend;

import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import dev.taximeter.standalone.endtoend.Tariff.Price;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What usage, balance and bills must be, computed from what was generated and not from any log:
 * plain sums over plain lists, exact decimals.
 */
final class Oracle {
  /** A request that must be billed. */
  record Billed(
      Customer customer, String key, String model, Instant completion, Map<Kind, Long> tokens) {
    long of(Kind kind) {
      return tokens.getOrDefault(kind, 0L);
    }

    YearMonth month() {
      return YearMonth.from(completion.atZone(customer.zone()));
    }
  }

  /** A row of a usage answer; {@code cost} is null where the order of events decides its split. */
  record Row(
      Instant start,
      String key,
      String model,
      long requests,
      long inputTokens,
      long cachedInputTokens,
      long cacheWriteTokens,
      long outputTokens,
      long reasoningTokens,
      BigDecimal cost) {}

  /** A line of a bill, without its price version. */
  record BillLine(String model, String tokenClass, long quantity, BigDecimal amount)
      implements Comparable<BillLine> {
    @Override
    public int compareTo(BillLine other) {
      return Comparator.comparing(BillLine::model)
          .thenComparing(BillLine::tokenClass)
          .thenComparing(BillLine::amount)
          .compare(this, other);
    }
  }

  private final Tariff tariff;
  private final List<Billed> billed = new ArrayList<>();

  Oracle(Tariff tariff) {
    this.tariff = tariff;
  }

  void add(Billed usage) {
    billed.add(usage);
  }

  /** Usage by key and model, in buckets of an hour, or of a day or month of the account's zone. */
  List<Row> usage(Customer customer, ChronoUnit granularity) {
    Map<String, List<Billed>> buckets = new TreeMap<>();
    of(customer)
        .forEach(
            usage ->
                buckets
                    .computeIfAbsent(
                        bucket(usage, granularity) + "|" + usage.key + "|" + usage.model,
                        bucket -> new ArrayList<>())
                    .add(usage));
    return buckets.values().stream().map(usages -> row(usages, granularity)).toList();
  }

  private Row row(List<Billed> usages, ChronoUnit granularity) {
    Billed first = usages.get(0);
    boolean splits =
        tariff.book(first.customer).prices().stream().noneMatch(price -> price.graduated());
    return new Row(
        bucket(first, granularity),
        first.key,
        first.model,
        usages.size(),
        sum(usages, Kind.INPUT) + sum(usages, Kind.CACHED_INPUT) + sum(usages, Kind.CACHE_WRITE),
        sum(usages, Kind.CACHED_INPUT),
        sum(usages, Kind.CACHE_WRITE),
        sum(usages, Kind.OUTPUT) + sum(usages, Kind.REASONING),
        sum(usages, Kind.REASONING),
        splits ? cost(lines(usages)) : null);
  }

  private static Instant bucket(Billed usage, ChronoUnit granularity) {
    if (granularity == ChronoUnit.HOURS) {
      return usage.completion.truncatedTo(ChronoUnit.HOURS);
    }
    ZonedDateTime local = usage.completion.atZone(usage.customer.zone());
    LocalDate day = local.toLocalDate();
    LocalDate first = granularity == ChronoUnit.MONTHS ? day.withDayOfMonth(1) : day;
    return first.atStartOfDay(usage.customer.zone()).toInstant();
  }

  TreeSet<YearMonth> months(Customer customer) {
    TreeSet<YearMonth> months = new TreeSet<>();
    of(customer).forEach(usage -> months.add(usage.month()));
    return months;
  }

  /** The lines of a month's bill, in the order of {@link BillLine}. */
  List<BillLine> bill(Customer customer, YearMonth month) {
    return lines(of(customer).filter(usage -> usage.month().equals(month)).toList());
  }

  BigDecimal total(Customer customer, YearMonth month) {
    return cost(bill(customer, month));
  }

  /** The exact cost of everything since the account began. */
  BigDecimal spent(Customer customer) {
    return months(customer).stream()
        .map(month -> total(customer, month))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  BigDecimal granted(Customer customer) {
    return tariff.grants().stream()
        .filter(grant -> grant.account().equals(customer.id()))
        .map(grant -> new BigDecimal(grant.amount()))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  long requests(Customer customer) {
    return of(customer).count();
  }

  private Stream<Billed> of(Customer customer) {
    return billed.stream().filter(usage -> usage.customer.equals(customer));
  }

  /**
   * The bill lines of usages of one account and month: per model or, if tiered, per price entry; a
   * price change makes lines of its own.
   */
  private List<BillLine> lines(List<Billed> usages) {
    record Position(Price price, String model, Kind kind) {}
    Map<Position, Long> quantities = new java.util.HashMap<>();
    BigDecimal perRequest = BigDecimal.ZERO;
    long requests = 0;
    for (Billed usage : usages) {
      Price price = tariff.price(usage.customer, usage.model, usage.completion);
      perRequest = usage.customer.perRequest();
      requests++;
      if (price != null) {
        String model = price.graduated() ? price.model() : usage.model;
        usage.tokens.forEach(
            (kind, tokens) ->
                quantities.merge(
                    new Position(price, model, price.priced(kind)), tokens, Long::sum));
      }
    }
    List<BillLine> lines = new ArrayList<>();
    quantities.forEach(
        (position, quantity) -> {
          if (quantity > 0) {
            BigDecimal amount = position.price.of(position.kind, quantity);
            lines.add(
                new BillLine(
                    position.model, position.kind.billName, quantity, amount.stripTrailingZeros()));
          }
        });
    if (perRequest.signum() > 0 && requests > 0) {
      BigDecimal amount = perRequest.multiply(BigDecimal.valueOf(requests));
      lines.add(new BillLine("*", Kind.REQUEST.billName, requests, amount.stripTrailingZeros()));
    }
    lines.sort(null);
    return lines;
  }

  private static BigDecimal cost(List<BillLine> lines) {
    return lines.stream().map(BillLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static long sum(List<Billed> usages, Kind kind) {
    return usages.stream().mapToLong(usage -> usage.of(kind)).sum();
  }
}
