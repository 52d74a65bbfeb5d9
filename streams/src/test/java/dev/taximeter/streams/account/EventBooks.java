package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Currency;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an account is billed, from single events: no totals, no quarters of an hour, no parts
 * between credits. Each event is priced and paid for by itself, in the order of completion, each
 * time anew. So slow that only a test can afford it, and nothing of it is shared with what it
 * tests. Nothing becomes cheaper in it: no price falls with the total, and no charge is below 0.
 */
final class EventBooks {
  /** Of which a bill shows quantity and amount. */
  record Line(String model, String tokenClass, String version) {}

  /** What one event adds to one line, or a charge. */
  private static final class Item {
    final YearMonth month;
    final Instant at;
    final @Nullable Line line;

    /** Null if the amount is known. */
    final @Nullable PriceSchedule schedule;

    final long quantity;
    final BigDecimal amount;
    final String charge;
    long bill;

    Item(
        YearMonth month,
        Instant at,
        @Nullable Line line,
        @Nullable PriceSchedule schedule,
        long quantity,
        BigDecimal amount,
        String charge) {
      this.month = month;
      this.at = at;
      this.line = line;
      this.schedule = schedule;
      this.quantity = quantity;
      this.amount = amount;
      this.charge = charge;
    }
  }

  /** A credit as it was given. */
  record Given(
      String id,
      int priority,
      CreditKind kind,
      BigDecimal amount,
      @Nullable Instant from,
      @Nullable Instant until) {
    boolean covers(Instant at) {
      return (from == null || !from.isAfter(at)) && (until == null || at.isBefore(until));
    }
  }

  private static final Comparator<Given> ORDER =
      Comparator.comparingInt(Given::priority)
          .thenComparing(credit -> credit.until() == null ? Instant.MAX : credit.until())
          .thenComparing(Given::kind)
          .thenComparing(Given::id);

  private final ZoneId zone;
  private final String currency;
  private final List<Item> items = new ArrayList<>();
  private final Map<String, Given> credits = new TreeMap<>();

  /** What final bills took, by bill and credit. */
  private final Map<Long, Map<String, BigDecimal>> taken = new TreeMap<>();

  private final Map<YearMonth, Long> finals = new TreeMap<>();
  private final Map<YearMonth, Long> requests = new TreeMap<>();

  EventBooks(ZoneId zone, String currency) {
    this.zone = zone;
    this.currency = currency;
  }

  void use(AccountTerms terms, Usage usage) {
    Instant at = usage.completion();
    YearMonth month = YearMonth.from(at.atZone(zone));
    requests.merge(month, 1L, Long::sum);
    Plan plan = plan(terms, at);
    PriceEntry entry = entry(book(terms, plan.priceBook()), usage.model(), at);
    if (entry == null) {
      return;
    }
    TokenCounts tokens = usage.tokens();
    long prompt = tokens.input() + tokens.cachedInput() + tokens.cacheWrite();
    Map<TokenClass, PriceSchedule> prices = entry.prices();
    StringBuilder version = new StringBuilder();
    version.append("b:").append(entry.model()).append(':').append(entry.effectiveFrom());
    version.append(":v").append(entry.knownSince());
    PriceEntry.ContextTier longest = null;
    for (PriceEntry.ContextTier tier : entry.contextTiers()) {
      longest = prompt > tier.above() ? tier : longest;
    }
    if (longest != null) {
      prices = longest.prices();
      version.append(":above-").append(longest.above());
    }
    BigDecimal percent = plan.adjustPercent();
    if (percent.signum() != 0) {
      version.append(percent.signum() > 0 ? ":+" : ":");
      version.append(percent.toPlainString()).append('%');
    }
    Map<TokenClass, Long> counts = new EnumMap<>(TokenClass.class);
    count(counts, prices, TokenClass.INPUT, TokenClass.INPUT, tokens.input());
    count(counts, prices, TokenClass.CACHED_INPUT, TokenClass.INPUT, tokens.cachedInput());
    count(counts, prices, TokenClass.CACHE_WRITE, TokenClass.INPUT, tokens.cacheWrite());
    count(counts, prices, TokenClass.OUTPUT, TokenClass.OUTPUT, tokens.output());
    count(counts, prices, TokenClass.REASONING, TokenClass.OUTPUT, tokens.reasoning());
    if (prices.containsKey(TokenClass.REQUEST)) {
      counts.put(TokenClass.REQUEST, 1L);
    }
    for (Map.Entry<TokenClass, Long> count : counts.entrySet()) {
      PriceSchedule schedule = prices.get(count.getKey());
      if (count.getValue() > 0 && schedule != null) {
        boolean flat = schedule instanceof PriceSchedule.Flat;
        String model = flat ? usage.model() : entry.model();
        String tokenClass = count.getKey().code();
        PriceSchedule adjusted =
            schedule.map(price -> price.multiply(percent.movePointLeft(2).add(BigDecimal.ONE)));
        items.add(
            new Item(
                month,
                at,
                new Line(model, tokenClass, version.toString()),
                adjusted,
                count.getValue(),
                BigDecimal.ZERO,
                ""));
      }
    }
    if (plan.perRequest().signum() > 0) {
      Line line = new Line("*", "request", "plan:" + plan.id() + ":v" + plan.knownSince());
      items.add(new Item(month, at, line, null, 1, plan.perRequest(), ""));
    }
  }

  private static void count(
      Map<TokenClass, Long> counts,
      Map<TokenClass, PriceSchedule> prices,
      TokenClass own,
      TokenClass parent,
      long tokens) {
    counts.merge(prices.containsKey(own) ? own : parent, tokens, Long::sum);
  }

  private static Plan plan(AccountTerms terms, Instant at) {
    Plan plan = terms.plan();
    for (AccountTerms.LaterPlan later : terms.laterPlans()) {
      if (!later.from().isAfter(at)) {
        plan = later.plan();
      }
    }
    return plan;
  }

  private static List<PriceEntry> book(AccountTerms terms, String id) {
    for (PriceBook book : terms.otherBooks()) {
      if (book.id().equals(id)) {
        return book.prices();
      }
    }
    return terms.prices();
  }

  /** Patterns end in a star, or have none. */
  private static @Nullable PriceEntry entry(List<PriceEntry> prices, String model, Instant at) {
    PriceEntry best = null;
    for (PriceEntry entry : prices) {
      String pattern = entry.model();
      boolean star = pattern.endsWith("*");
      String begin = star ? pattern.substring(0, pattern.length() - 1) : pattern;
      boolean matches = star ? model.startsWith(begin) : model.equals(begin);
      if (matches && !entry.effectiveFrom().isAfter(at) && (best == null || better(entry, best))) {
        best = entry;
      }
    }
    return best;
  }

  private static boolean better(PriceEntry entry, PriceEntry than) {
    if (!entry.model().equals(than.model())) {
      boolean exact = !entry.model().endsWith("*");
      return exact
          || (than.model().endsWith("*") && entry.model().length() > than.model().length());
    }
    int later = entry.effectiveFrom().compareTo(than.effectiveFrom());
    return later == 0 ? entry.knownSince() > than.knownSince() : later > 0;
  }

  /** Token by token would be too slow: tier by tier. */
  static BigDecimal price(PriceSchedule schedule, long quantity) {
    BigDecimal million = new BigDecimal("0.000001");
    BigDecimal tokens = BigDecimal.valueOf(quantity);
    if (schedule instanceof PriceSchedule.Flat flat) {
      return flat.perMillion().multiply(tokens).multiply(million);
    } else if (schedule instanceof PriceSchedule.Package each) {
      return each.price().multiply(BigDecimal.valueOf((quantity + each.size() - 1) / each.size()));
    } else if (schedule instanceof PriceSchedule.Allowance allowance) {
      return quantity <= allowance.free()
          ? BigDecimal.ZERO
          : price(allowance.rest(), quantity - allowance.free());
    } else if (schedule instanceof PriceSchedule.Volume volume) {
      for (PriceSchedule.Tier tier : volume.tiers()) {
        if (tier.upTo() == null || quantity <= tier.upTo()) {
          return tier.perMillion().multiply(tokens).multiply(million);
        }
      }
    } else if (schedule instanceof PriceSchedule.Graduated graduated) {
      BigDecimal sum = BigDecimal.ZERO;
      long begin = 0;
      for (PriceSchedule.Tier tier : graduated.tiers()) {
        long end = tier.upTo() == null ? Long.MAX_VALUE : tier.upTo();
        long inside = Math.max(0, Math.min(quantity, end) - begin);
        sum = sum.add(tier.perMillion().multiply(BigDecimal.valueOf(inside)).multiply(million));
        begin = end;
      }
      return sum;
    }
    throw new IllegalArgumentException("unknown");
  }

  /**
   * @param month that it is of
   * @param at when it counts
   */
  void charge(YearMonth month, Instant at, BigDecimal amount, String id) {
    items.add(new Item(month, at, null, null, 0, amount, id));
  }

  void give(Given credit) {
    credits.put(credit.id(), credit);
  }

  Map<String, Given> credits() {
    return credits;
  }

  private record Cost(Item item, BigDecimal amount) {}

  /** In the order in which they are paid. */
  private List<Cost> unbilled() {
    Map<YearMonth, Map<Line, Long>> totals = new HashMap<>();
    for (Item item : items) {
      if (item.line != null && item.bill != 0) {
        totals
            .computeIfAbsent(item.month, first -> new HashMap<>())
            .merge(item.line, item.quantity, Long::sum);
      }
    }
    List<Cost> costs = new ArrayList<>();
    items.stream()
        .filter(item -> item.bill == 0)
        .sorted(Comparator.comparing((Item item) -> item.month).thenComparing(item -> item.at))
        .forEach(
            item -> {
              Line line = item.line;
              PriceSchedule schedule = item.schedule;
              if (line == null || schedule == null) {
                costs.add(new Cost(item, item.amount));
                return;
              }
              Map<Line, Long> ofMonth =
                  totals.computeIfAbsent(item.month, first -> new HashMap<>());
              long before = ofMonth.getOrDefault(line, 0L);
              ofMonth.put(line, before + item.quantity);
              costs.add(
                  new Cost(
                      item,
                      price(schedule, before + item.quantity).subtract(price(schedule, before))));
            });
    return costs;
  }

  /** By month and credit. */
  Map<YearMonth, Map<String, BigDecimal>> draws() {
    Map<String, BigDecimal> left = new HashMap<>();
    credits.forEach((id, credit) -> left.put(id, credit.amount().subtract(applied(id))));
    List<Given> order = credits.values().stream().sorted(ORDER).toList();
    Map<YearMonth, Map<String, BigDecimal>> draws = new TreeMap<>();
    for (Cost cost : unbilled()) {
      BigDecimal due = cost.amount();
      for (Given credit : order) {
        BigDecimal paid = left.getOrDefault(credit.id(), BigDecimal.ZERO).min(due);
        if (credit.covers(cost.item().at) && paid.signum() > 0) {
          due = due.subtract(paid);
          left.merge(credit.id(), paid.negate(), BigDecimal::add);
          draws
              .computeIfAbsent(cost.item().month, first -> new TreeMap<>())
              .merge(credit.id(), paid, BigDecimal::add);
        }
      }
    }
    return draws;
  }

  private BigDecimal applied(String credit) {
    BigDecimal applied = BigDecimal.ZERO;
    for (Map<String, BigDecimal> ofBill : taken.values()) {
      applied = applied.add(ofBill.getOrDefault(credit, BigDecimal.ZERO));
    }
    return applied;
  }

  /** What bills and unbilled usage take of each credit; none of 0. */
  Map<String, BigDecimal> drawn() {
    Map<String, BigDecimal> drawn = new TreeMap<>();
    credits.keySet().forEach(id -> drawn.put(id, applied(id)));
    draws()
        .values()
        .forEach(
            ofMonth -> ofMonth.forEach((id, amount) -> drawn.merge(id, amount, BigDecimal::add)));
    drawn.values().removeIf(amount -> amount.signum() == 0);
    return drawn;
  }

  /** All that usage costs. */
  BigDecimal spent() {
    Map<YearMonth, Map<Line, Long>> totals = new HashMap<>();
    BigDecimal spent = BigDecimal.ZERO;
    for (Item item : items) {
      Line line = item.line;
      PriceSchedule schedule = item.schedule;
      if (line != null && schedule == null) {
        spent = spent.add(item.amount);
      } else if (line != null && schedule != null) {
        Map<Line, Long> ofMonth = totals.computeIfAbsent(item.month, first -> new HashMap<>());
        long before = ofMonth.getOrDefault(line, 0L);
        long after = before + item.quantity;
        spent = spent.add(price(schedule, after)).subtract(price(schedule, before));
        ofMonth.put(line, after);
      }
    }
    return spent;
  }

  /** What can be spent at an instant. */
  BigDecimal balance(Instant now) {
    BigDecimal balance = spent().negate();
    for (Item item : items) {
      balance = item.line == null ? balance.subtract(item.amount) : balance;
    }
    Map<String, BigDecimal> drawn = drawn();
    for (Given credit : credits.values()) {
      balance =
          balance.add(
              credit.covers(now)
                  ? credit.amount()
                  : drawn.getOrDefault(credit.id(), BigDecimal.ZERO));
    }
    return balance;
  }

  boolean isFinal(YearMonth month) {
    return finals.containsKey(month);
  }

  /** {@return the number of the newest bill that counts; 0 if there is none} */
  long newest() {
    return finals.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** The bill of a month as a text that says all of its figures. */
  String bill(YearMonth period, long number) {
    Map<YearMonth, Map<String, BigDecimal>> draws = draws();
    TreeSet<YearMonth> months = new TreeSet<>();
    months.add(period);
    finals.keySet().stream().filter(month -> month.isBefore(period)).forEach(months::add);
    Map<String, BigDecimal> uses = new TreeMap<>();
    months.forEach(
        month ->
            draws
                .getOrDefault(month, Map.of())
                .forEach((credit, amount) -> uses.merge(credit, amount, BigDecimal::add)));
    BigDecimal due = BigDecimal.ZERO;
    for (BigDecimal use : uses.values()) {
      due = due.subtract(use);
    }
    Map<String, String> lines = new TreeMap<>();
    for (YearMonth month : months) {
      String place = month.equals(period) ? "" : month + " ";
      for (Cost cost : unbilled()) {
        due = cost.item().month.equals(month) ? due.add(cost.amount()) : due;
      }
      lines(month)
          .forEach(
              (name, line) -> lines.put(name.startsWith("charge ") ? name : place + name, line));
    }
    items.stream()
        .filter(item -> item.bill == 0 && months.contains(item.month))
        .forEach(item -> item.bill = number);
    taken.put(number, uses);
    finals.put(period, number);
    return told(
        requests.getOrDefault(period, 0L),
        lines,
        uses,
        due,
        due.setScale(
            Currency.getInstance(currency).getDefaultFractionDigits(), RoundingMode.HALF_EVEN));
  }

  /** Quantity and amount of lines and charges of a month that no bill has. */
  Map<String, String> lines(YearMonth month) {
    Map<String, Long> quantities = new TreeMap<>();
    Map<String, BigDecimal> amounts = new TreeMap<>();
    for (Cost cost : unbilled()) {
      Item item = cost.item();
      if (item.month.equals(month)) {
        Line line = item.line;
        String name =
            line == null
                ? "charge " + item.charge
                : line.model() + ' ' + line.tokenClass() + ' ' + line.version();
        quantities.merge(name, item.quantity, Long::sum);
        amounts.merge(name, cost.amount(), BigDecimal::add);
      }
    }
    Map<String, String> lines = new TreeMap<>();
    amounts.forEach((name, amount) -> lines.put(name, quantities.get(name) + " " + plain(amount)));
    return lines;
  }

  void undo(long number) {
    taken.remove(number);
    finals.values().removeIf(bill -> bill == number);
    items.stream().filter(item -> item.bill == number).forEach(item -> item.bill = 0);
  }

  static String told(
      long requests,
      Map<String, String> lines,
      Map<String, BigDecimal> uses,
      BigDecimal exact,
      BigDecimal due) {
    StringBuilder text = new StringBuilder("requests " + requests + '\n');
    lines.forEach((name, amount) -> text.append(name).append(": ").append(amount).append('\n'));
    new TreeMap<>(uses)
        .forEach(
            (id, use) -> text.append("- ").append(id).append(' ').append(plain(use)).append('\n'));
    return text.append(plain(exact)).append(" = ").append(plain(due)).toString();
  }

  static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
