package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Usage that an account's writer has rated. Immutable.
 *
 * @param account the payer's id; {@code unattributed:…} while nobody has claimed it
 * @param sequence the account's sequence number of this event, from 1, without gaps
 * @param currency ISO 4217 code; empty while unattributed
 * @param cost exact sum over {@code charges}
 * @param unpriced whether no price entry matched the model, or the entry has no price for a class
 *     that was counted; what has no price costs 0
 * @param charges what was priced, class by class; empty if no entry matched, or unattributed
 * @param providerCost what the provider charges for it; null if no cost entry says it
 * @param settled when it was rated; null in records from before that was kept
 */
public record UsageEvent(
    String account,
    long sequence,
    Usage usage,
    String currency,
    BigDecimal cost,
    boolean unpriced,
    List<Charge> charges,
    @Nullable ProviderCost providerCost,
    @Nullable Instant settled) {
  public UsageEvent {
    cost = Decimals.canonical(cost);
    charges = List.copyOf(charges);
  }

  /** Usage of which nobody knows what the provider charges. */
  public UsageEvent(
      String account,
      long sequence,
      Usage usage,
      String currency,
      BigDecimal cost,
      boolean unpriced,
      List<Charge> charges) {
    this(account, sequence, usage, currency, cost, unpriced, charges, null, null);
  }

  /** Usage of which is not known when it was rated. */
  public UsageEvent(
      String account,
      long sequence,
      Usage usage,
      String currency,
      BigDecimal cost,
      boolean unpriced,
      List<Charge> charges,
      @Nullable ProviderCost providerCost) {
    this(account, sequence, usage, currency, cost, unpriced, charges, providerCost, null);
  }

  /**
   * What the provider charges for a request, all of it.
   *
   * @param currency ISO 4217 code, the cost book's
   * @param amount exact sum over {@code charges}
   * @param charges class by class
   */
  public record ProviderCost(String currency, BigDecimal amount, List<Charge> charges) {
    /** Stands for a cost that is not known. */
    public static final ProviderCost UNKNOWN = new ProviderCost("", BigDecimal.ZERO, List.of());

    public ProviderCost {
      amount = Decimals.canonical(amount);
      charges = List.copyOf(charges);
    }
  }

  /**
   * One class of one event, priced.
   *
   * @param tokenClass the bill line's class: a class without a price of its own stands on its
   *     parent's line
   * @param model the bill line's model: the event's, or the price entry's pattern if tiered
   * @param priceVersion the price entry or plan that gave the price: {@link
   *     dev.taximeter.contract.catalog.PriceEntry#version}
   * @param quantity tokens or requests
   * @param amount exact
   */
  public record Charge(
      TokenClass tokenClass,
      String model,
      @Nullable String priceVersion,
      long quantity,
      BigDecimal amount) {
    public Charge {
      amount = Decimals.canonical(amount);
    }
  }
}
