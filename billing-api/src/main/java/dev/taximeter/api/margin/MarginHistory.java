package dev.taximeter.api.margin;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Revenue and provider cost of landed usage. */
public interface MarginHistory {
  /**
   * Sums, by the fields asked for and by currency.
   *
   * @param most rows at most
   */
  List<MarginSum> sums(MarginQuery query, int most);

  /**
   * What to sum.
   *
   * @param account null for all
   * @param model as the log names it; null for all
   * @param from first completion
   * @param to first completion after
   */
  record MarginQuery(
      @Nullable String account,
      @Nullable String model,
      Instant from,
      Instant to,
      boolean byAccount,
      boolean byModel) {}

  /**
   * Requests of one account and model, with one pair of currencies.
   *
   * @param account empty if all together
   * @param model empty if all together
   * @param currency of the revenue
   * @param costCurrency of the provider cost; empty for requests whose cost is not known
   */
  record MarginSum(
      String account,
      String model,
      String currency,
      String costCurrency,
      long requests,
      BigDecimal revenue,
      BigDecimal cost) {}
}
