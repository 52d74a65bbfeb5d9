package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.rating.PlanRates;
import dev.taximeter.contract.rating.Price;
import dev.taximeter.contract.rating.Rates;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Prices an event by what it adds to the account's bill lines. The price of a line is a function f
 * of its quantity, and an event costs f(after) - f(before): the costs of any events, in any order,
 * add up to the price of their total. Which line an event adds to follows from the event alone: its
 * instant decides plan and entry, its prompt the entry's context tier.
 */
public final class Rater {
  private static final TokenClass[] CLASSES = TokenClass.values();

  /** Costs without a running total ask for no line. */
  private static final Lines NO_LINES = line -> 0;

  private final AccountTerms terms;

  private final List<PlanRates> plans;

  public Rater(AccountTerms terms) {
    this.terms = terms;
    this.plans = PlanRates.of(terms);
  }

  public AccountTerms terms() {
    return terms;
  }

  /** The bill lines of an account as they stand before an event. */
  public interface Lines {
    /** What stands on a line already, 0 if there is none. */
    long quantity(LineKey line);

    /**
     * Whether the line of a model is there or may be opened. A line of an entry's pattern always
     * may.
     *
     * @param opened lines of models that the event opens besides
     */
    default boolean hasRoomFor(LineKey line, int opened) {
      return true;
    }
  }

  /** Rates usage of an account whose costs have no running totals. */
  public Rating rate(Usage usage, Lines lines) {
    return rate(usage, lines, NO_LINES);
  }

  /**
   * @param costLines running totals of what the provider charges
   */
  public Rating rate(Usage usage, Lines lines, Lines costLines) {
    Instant completion = usage.completion();
    YearMonth period = period(completion, terms.account().timezone());
    PlanRates plan = PlanRates.at(plans, completion);
    long promptTokens = usage.tokens().inputTokens();
    Rates rates = plan.prices().ratesFor(usage.model(), completion, promptTokens);
    Charging charging = new Charging(period, usage, lines);
    if (rates != null) {
      charging.add(rates);
      charging.add(plan.plan());
    }
    Charging costing = new Charging(period, usage, costLines);
    Rates costRates = plan.costs().ratesFor(usage.model(), completion, promptTokens);
    if (costRates != null) {
      costing.add(costRates);
    }
    boolean costKnown = costRates != null && !costing.unpriced;
    return new Rating(
        period,
        charging.charges,
        charging.sum,
        rates == null || charging.unpriced,
        charging.merged,
        costKnown && costRates != null
            ? new UsageEvent.ProviderCost(
                plan.currencyOf(costRates.book()), costing.sum, costing.charges)
            : null,
        costKnown ? costing.running : List.of(),
        charging.tiered);
  }

  /**
   * Usage that nobody has claimed: counted, without a price, in UTC months.
   *
   * @return a rating that costs nothing
   */
  public static Rating unattributed(Usage usage) {
    return Rating.free(period(usage.completion(), ZoneOffset.UTC), false);
  }

  /** The charges of one event, one after the other. */
  private static final class Charging {
    private final YearMonth period;
    private final Usage usage;
    private final Lines lines;
    private final List<UsageEvent.Charge> charges = new ArrayList<>(CLASSES.length);
    private final List<UsageEvent.Charge> running = new ArrayList<>(0);
    private final List<Rating.Tiered> tiered = new ArrayList<>(0);
    private BigDecimal sum = BigDecimal.ZERO;
    private boolean unpriced;
    private boolean merged;

    /** Lines of the model that were not there before. */
    private int opened;

    Charging(YearMonth period, Usage usage, Lines lines) {
      this.period = period;
      this.usage = usage;
      this.lines = lines;
    }

    void add(Rates rates) {
      long[] quantities = rates.quantities(usage.tokens(), 1);
      for (TokenClass tokenClass : CLASSES) {
        long quantity = quantities[tokenClass.ordinal()];
        PriceSchedule schedule = rates.of(tokenClass);
        if (quantity > 0 && schedule == null) {
          unpriced = true;
        } else if (quantity > 0 && schedule != null) {
          add(rates, tokenClass, quantity, schedule);
        }
      }
    }

    private void add(Rates rates, TokenClass tokenClass, long quantity, PriceSchedule schedule) {
      LineKey ofEntry = new LineKey(period, rates.pattern(), tokenClass, rates.version());
      if (schedule instanceof PriceSchedule.Flat) {
        LineKey ofModel = new LineKey(period, usage.model(), tokenClass, rates.version());
        boolean hasRoom = ofModel.equals(ofEntry) || lines.hasRoomFor(ofModel, opened);
        opened += hasRoom && lines.quantity(ofModel) == 0 ? 1 : 0;
        merged |= !hasRoom;
        // f(after) - f(before) of a straight line.
        charge(hasRoom ? ofModel : ofEntry, quantity, Price.of(schedule, quantity));
        return;
      }
      long before = lines.quantity(ofEntry);
      long after = Math.addExact(before, quantity);
      UsageEvent.Charge charge =
          charge(ofEntry, quantity, Price.of(schedule, after).subtract(Price.of(schedule, before)));
      running.add(charge);
      tiered.add(new Rating.Tiered(charge, schedule, before));
    }

    void add(Plan plan) {
      if (plan.perRequest().signum() > 0) {
        charge(
            new LineKey(period, PlanRates.ALL_MODELS, TokenClass.REQUEST, plan.version()),
            1,
            plan.perRequest());
      }
    }

    private UsageEvent.Charge charge(LineKey line, long quantity, BigDecimal amount) {
      UsageEvent.Charge charge =
          new UsageEvent.Charge(
              line.tokenClass(), line.model(), line.priceVersion(), quantity, amount);
      charges.add(charge);
      sum = sum.add(amount);
      return charge;
    }
  }

  private static YearMonth period(Instant completion, ZoneId zone) {
    return YearMonth.from(completion.atZone(zone));
  }
}
