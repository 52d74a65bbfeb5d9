package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Price of one token class as a function of its quantity. Prices are per 1,000,000 tokens; those of
 * requests are per 1,000,000 requests.
 *
 * <p>Only a flat price is the same for every token. With all others an event costs f(after) -
 * f(before) of a running total, so that the costs of events add up to the price of the total: a
 * single event may cost nothing, a whole package, or, where a volume price falls, less than
 * nothing.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PriceSchedule.Flat.class, name = "flat"),
  @JsonSubTypes.Type(value = PriceSchedule.Graduated.class, name = "graduated"),
  @JsonSubTypes.Type(value = PriceSchedule.Volume.class, name = "volume"),
  @JsonSubTypes.Type(value = PriceSchedule.Package.class, name = "package"),
  @JsonSubTypes.Type(value = PriceSchedule.Allowance.class, name = "allowance")
})
public sealed interface PriceSchedule {
  /**
   * @param change applied to every price in it
   * @return the same kind of schedule at other prices
   */
  PriceSchedule map(UnaryOperator<BigDecimal> change);

  /** Every token costs the same. */
  record Flat(BigDecimal perMillion) implements PriceSchedule {
    public Flat {
      perMillion = Decimals.canonical(perMillion);
    }

    @Override
    public Flat map(UnaryOperator<BigDecimal> change) {
      return new Flat(change.apply(perMillion));
    }
  }

  /**
   * Each tier prices the tokens that fall into it, by the account's running total in the billing
   * month.
   *
   * @param tiers ascending; only the last has no end
   */
  record Graduated(List<Tier> tiers) implements PriceSchedule {
    public Graduated {
      tiers = List.copyOf(tiers);
    }

    @Override
    public Graduated map(UnaryOperator<BigDecimal> change) {
      return new Graduated(Tier.map(tiers, change));
    }
  }

  /**
   * The tier that the account's running total in the billing month has reached prices all of the
   * month's tokens. An event that reaches a cheaper tier also pays back what those before it cost
   * too much, so its own cost may be negative.
   *
   * @param tiers ascending; only the last has no end
   */
  record Volume(List<Tier> tiers) implements PriceSchedule {
    public Volume {
      tiers = List.copyOf(tiers);
    }

    @Override
    public Volume map(UnaryOperator<BigDecimal> change) {
      return new Volume(Tier.map(tiers, change));
    }
  }

  /**
   * Every started package of the account's running total in the billing month costs the same. The
   * event that begins a package pays for all of it.
   *
   * @param size tokens of a package, 1 or more
   * @param price of a package
   */
  record Package(long size, BigDecimal price) implements PriceSchedule {
    public Package {
      price = Decimals.canonical(price);
    }

    @Override
    public Package map(UnaryOperator<BigDecimal> change) {
      return new Package(size, change.apply(price));
    }
  }

  /**
   * The first tokens of the account's running total in the billing month are free; what follows is
   * priced as if they had not been there.
   *
   * @param free tokens, 1 or more
   * @param rest price of what follows; no allowance itself
   */
  record Allowance(long free, PriceSchedule rest) implements PriceSchedule {
    public Allowance {
      if (rest instanceof Allowance) {
        throw new IllegalArgumentException("an allowance is not given twice");
      }
    }

    @Override
    public Allowance map(UnaryOperator<BigDecimal> change) {
      return new Allowance(free, rest.map(change));
    }
  }

  /**
   * @param upTo last token of the tier, counted from the first of the month; null for the last tier
   */
  record Tier(@Nullable Long upTo, BigDecimal perMillion) {
    public Tier {
      perMillion = Decimals.canonical(perMillion);
    }

    private static List<Tier> map(List<Tier> tiers, UnaryOperator<BigDecimal> change) {
      return tiers.stream()
          .map(tier -> new Tier(tier.upTo(), change.apply(tier.perMillion())))
          .toList();
    }
  }
}
