package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prices an event by what it adds to the account's bill lines. The price of a line is a function f
 * of its quantity, and an event costs f(after) - f(before): the costs of any events, in any order,
 * add up to the price of their total.
 */
public final class Rater {
  /** The model on the bill line of the per-request charge. */
  private static final String ALL_MODELS = "*";

  private final AccountTerms terms;
  private final PriceList prices;

  public Rater(AccountTerms terms) {
    this.terms = terms;
    this.prices = new PriceList(terms.prices());
  }

  public AccountTerms terms() {
    return terms;
  }

  /** The bill lines of an account as they stand before an event. */
  public interface Lines {
    /** What stands on a line already, 0 if there is none. */
    long quantity(LineKey line);

    /** Whether the line is there or may be opened. A line of an entry's pattern always may. */
    default boolean hasRoomFor(LineKey line) {
      return true;
    }
  }

  public Rating rate(Usage usage, Lines lines) {
    YearMonth period = period(usage.completion(), terms.account().timezone());
    PriceEntry entry = prices.entryFor(usage.model(), usage.completion());
    if (entry == null) {
      return Rating.free(period, true);
    }
    Map<TokenClass, Long> quantities = quantitiesByPricedClass(entry, usage.tokens());
    List<UsageEvent.Charge> charges = new ArrayList<>();
    List<Rating.Tiered> tiered = new ArrayList<>();
    boolean unpriced = false;
    boolean merged = false;
    for (Map.Entry<TokenClass, Long> counted : quantities.entrySet()) {
      TokenClass tokenClass = counted.getKey();
      PriceSchedule schedule = entry.prices().get(tokenClass);
      if (schedule == null) {
        unpriced = true;
        continue;
      }
      LineKey ofEntry = new LineKey(period, entry.model(), tokenClass, entry.version());
      LineKey line = ofEntry;
      if (!entry.isTiered(tokenClass)) {
        LineKey ofModel = new LineKey(period, usage.model(), tokenClass, entry.version());
        boolean hasRoom = lines.hasRoomFor(ofModel);
        line = hasRoom ? ofModel : ofEntry;
        merged |= !hasRoom;
      }
      long before = lines.quantity(line);
      long after = Math.addExact(before, counted.getValue());
      BigDecimal amount = Price.of(schedule, after).subtract(Price.of(schedule, before));
      UsageEvent.Charge charge = charge(line, counted.getValue(), amount);
      charges.add(charge);
      if (entry.isTiered(tokenClass)) {
        tiered.add(new Rating.Tiered(charge, schedule, before));
      }
    }
    addRequestCharge(period, charges);
    return new Rating(period, charges, sum(charges), unpriced, merged, tiered);
  }

  /**
   * Usage that nobody has claimed: counted, without a price, in UTC months.
   *
   * @return a rating that costs nothing
   */
  public static Rating unattributed(Usage usage) {
    return Rating.free(period(usage.completion(), ZoneOffset.UTC), false);
  }

  /** A class without a price of its own stands on its parent's line. */
  private static Map<TokenClass, Long> quantitiesByPricedClass(
      PriceEntry entry, TokenCounts tokens) {
    Map<TokenClass, Long> quantities = new EnumMap<>(TokenClass.class);
    for (TokenClass tokenClass : TokenClass.values()) {
      long quantity = tokenClass == TokenClass.REQUEST ? 0 : tokens.of(tokenClass);
      if (quantity > 0) {
        TokenClass parent = parent(tokenClass);
        boolean priced = parent == null || entry.prices().containsKey(tokenClass);
        quantities.merge(priced || parent == null ? tokenClass : parent, quantity, Math::addExact);
      }
    }
    return quantities;
  }

  private static @Nullable TokenClass parent(TokenClass tokenClass) {
    return switch (tokenClass) {
      case CACHED_INPUT, CACHE_WRITE -> TokenClass.INPUT;
      case REASONING -> TokenClass.OUTPUT;
      case INPUT, OUTPUT, REQUEST -> null;
    };
  }

  private void addRequestCharge(YearMonth period, List<UsageEvent.Charge> charges) {
    Plan plan = terms.plan();
    if (plan.perRequest().signum() > 0) {
      LineKey line = new LineKey(period, ALL_MODELS, TokenClass.REQUEST, plan.version());
      charges.add(charge(line, 1, plan.perRequest()));
    }
  }

  private static UsageEvent.Charge charge(LineKey line, long quantity, BigDecimal amount) {
    return new UsageEvent.Charge(
        line.tokenClass(), line.model(), line.priceVersion(), quantity, amount);
  }

  private static BigDecimal sum(List<UsageEvent.Charge> charges) {
    return charges.stream().map(UsageEvent.Charge::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static YearMonth period(Instant completion, ZoneId zone) {
    return YearMonth.from(completion.atZone(zone));
  }
}
