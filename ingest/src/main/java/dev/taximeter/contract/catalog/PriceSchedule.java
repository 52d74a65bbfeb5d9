package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Price of one token class as a function of its quantity. Prices are per 1,000,000 tokens. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PriceSchedule.Flat.class, name = "flat"),
  @JsonSubTypes.Type(value = PriceSchedule.Graduated.class, name = "graduated")
})
public sealed interface PriceSchedule {
  /** Every token costs the same. */
  record Flat(BigDecimal perMillion) implements PriceSchedule {
    public Flat {
      perMillion = Decimals.canonical(perMillion);
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
  }

  /**
   * @param upTo last token of the tier, counted from the first of the month; null for the last tier
   */
  record Tier(@Nullable Long upTo, BigDecimal perMillion) {
    public Tier {
      perMillion = Decimals.canonical(perMillion);
    }
  }
}
