package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit on usage in a window.
 *
 * @param account id
 * @param key name of the key it limits; null for the whole account
 * @param model exact name or glob it limits; null for all
 * @param limit tokens, requests or money, above 0
 * @param thresholds percent of the limit, ascending, 1 to 1,000
 */
public record Quota(
    String id,
    String account,
    @Nullable String key,
    @Nullable String model,
    Metric metric,
    Window window,
    BigDecimal limit,
    List<Integer> thresholds) {
  public Quota {
    limit = Decimals.canonical(limit);
    thresholds = List.copyOf(thresholds);
  }

  /** Whether it counts the same usage over the same windows, whatever the limit. */
  public boolean countsSameAs(Quota other) {
    return account.equals(other.account)
        && Objects.equals(key, other.key)
        && Objects.equals(model, other.model)
        && metric == other.metric
        && window == other.window;
  }

  /** What is limited. */
  public enum Metric {
    TOTAL_TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    REQUESTS,
    COST;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Over which calendar window, in the account's zone. */
  public enum Window {
    MINUTE,
    HOUR,
    DAY,
    WEEK,
    MONTH;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
