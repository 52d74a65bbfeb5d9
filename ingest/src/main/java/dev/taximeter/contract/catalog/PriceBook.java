package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;

/**
 * A list of prices in one currency: what accounts pay, or what a provider charges.
 *
 * @param id unique among price books and cost books
 * @param currency ISO 4217 code
 * @param purpose whose prices they are
 */
public record PriceBook(String id, String currency, List<PriceEntry> prices, Purpose purpose) {
  public PriceBook {
    prices = List.copyOf(prices);
    // Absent in records from before there were cost books.
    purpose = purpose == null ? Purpose.PRICE : purpose;
  }

  /** A book of what accounts pay. */
  public PriceBook(String id, String currency, List<PriceEntry> prices) {
    this(id, currency, prices, Purpose.PRICE);
  }

  public PriceBook withPrices(List<PriceEntry> others) {
    return new PriceBook(id, currency, others, purpose);
  }

  /**
   * @return whether it says what a provider charges
   */
  public boolean isCost() {
    return purpose != Purpose.PRICE;
  }

  /** Whose prices a book has. */
  public enum Purpose {
    /** What accounts pay. */
    PRICE,
    /** What a provider charges, for the accounts and plans that name the book. */
    COST,
    /** What a provider charges, for all others. */
    COMMON_COST;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
