package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What has landed of an account's money: all that its bills, credits and credit notes are derived
 * from once more.
 *
 * @param currency ISO 4217 code
 * @param zone of the account's months
 * @param sequence usage up to this number counts
 * @param posting postings of the ledger up to this number count
 * @param postedTo the greatest sequence number of those
 * @param postedAt when the last one of those was decided, in milliseconds; 0 if there is none
 * @param state the account's state, as it was published
 * @param documents final bills by number, void ones, too
 * @param entries those of the ledger that are neither usage nor expiry, in its order
 * @param followed those that are, added up
 * @param terms when credits pay, by id, as the ledger has it; none of those that were posted before
 *     it was kept
 * @param prices those that depend on a running total, by price version, space, and class
 */
public record MoneyHistory(
    String account,
    String currency,
    String zone,
    long sequence,
    long posting,
    long postedTo,
    long postedAt,
    JsonNode state,
    List<Document> documents,
    List<Entry> entries,
    List<Followed> followed,
    Map<String, Terms> terms,
    Map<String, Price> prices,
    Usage usage) {
  public MoneyHistory {
    documents = List.copyOf(documents);
    entries = List.copyOf(entries);
    followed = List.copyOf(followed);
    terms = Map.copyOf(terms);
    prices = Map.copyOf(prices);
  }

  /**
   * A bill.
   *
   * @param sequenceTo the account's sequence number when it became final
   * @param posting number of its posting; 0 if the ledger has none, as that of an earlier version
   * @param before number of the last posting that is not later than it
   * @param json all of it
   */
  public record Document(
      long number,
      String period,
      long sequenceTo,
      long posting,
      long before,
      JsonNode json,
      String contentHash) {}

  /**
   * An entry of a posting.
   *
   * @param at when it was decided, in milliseconds
   * @param sequence the account's sequence number then
   * @param commandId empty if nobody asked
   * @param author who asked
   * @param period empty if it concerns none; so is the credit
   */
  public record Entry(
      long posting,
      String kind,
      long at,
      long sequence,
      String commandId,
      String author,
      String reason,
      long bill,
      String ledger,
      String period,
      String credit,
      BigDecimal amount) {}

  /**
   * What the ledger has of usage and expiry.
   *
   * @param kind usage or expiry
   * @param period empty if it concerns none; so is the credit
   */
  public record Followed(
      String kind, String ledger, String period, String credit, BigDecimal amount) {}

  /**
   * When a credit pays.
   *
   * @param priority lower ones are drawn down first
   * @param from first millisecond; {@link Long#MIN_VALUE} for all that was before
   * @param until first millisecond after it; {@link Long#MAX_VALUE} if it never expires
   */
  public record Terms(int priority, long from, long until) {}

  /**
   * A price that depends on a running total.
   *
   * @param model graduated, volume or package
   * @param free what of the total costs nothing
   * @param tiers of a package its size and its price
   */
  public record Price(String model, long free, List<Tier> tiers) {
    public Price {
      tiers = List.copyOf(tiers);
    }

    BigDecimal of(long total) {
      BigDecimal quantity = BigDecimal.valueOf(Math.max(0, total - free));
      if (model.equals("package")) {
        Tier one = tiers.get(0);
        return one.price.multiply(quantity.divide(one.end, 0, RoundingMode.CEILING));
      }
      if (model.equals("volume")) {
        for (Tier tier : tiers) {
          if (quantity.compareTo(tier.end) <= 0) {
            return quantity.multiply(tier.price).movePointLeft(6);
          }
        }
      }
      BigDecimal rest = quantity;
      BigDecimal start = BigDecimal.ZERO;
      BigDecimal price = BigDecimal.ZERO;
      for (Tier tier : tiers) {
        BigDecimal inTier = rest.min(tier.end.subtract(start)).max(BigDecimal.ZERO);
        price = price.add(inTier.multiply(tier.price).movePointLeft(6));
        rest = rest.subtract(inTier);
        start = tier.end;
      }
      return price;
    }
  }

  /**
   * @param end the last quantity that it holds for
   * @param price per million
   */
  public record Tier(BigDecimal end, BigDecimal price) {}

  /**
   * Usage that counts together.
   *
   * @param segment how many of the cuts are not after it
   * @param step how many of the steps came before it
   */
  public record Sum(
      String period,
      int segment,
      int step,
      String model,
      String tokenClass,
      String priceVersion,
      long quantity,
      BigDecimal amount) {}

  /**
   * Events that count together.
   *
   * @param step how many of the steps came before them
   * @param first earliest completion, in milliseconds
   * @param last latest completion
   */
  public record Count(
      String period, int step, long requests, long unpriced, long first, long last) {}

  /** What was used, up to the history's sequence number. */
  public interface Usage {
    /**
     * @param steps as of {@link #sums}
     * @throws SQLException if ClickHouse does not answer
     */
    List<Count> counts(List<Long> steps) throws SQLException;

    /**
     * @param cuts instants in milliseconds, rising
     * @param steps sequence numbers, rising
     * @throws SQLException if ClickHouse does not answer
     */
    List<Sum> sums(List<Long> cuts, List<Long> steps) throws SQLException;
  }

  /**
   * @return what is not as it follows from usage, commands and prices
   * @throws SQLException if ClickHouse does not answer
   */
  public List<Difference> differences() throws SQLException {
    return new BillReplay(this).differences();
  }

  /**
   * @return what no bill has at the end of the history
   * @throws SQLException as {@link #differences}
   */
  public MoneyThen then() throws SQLException {
    return new BillReplay(this).then();
  }
}
