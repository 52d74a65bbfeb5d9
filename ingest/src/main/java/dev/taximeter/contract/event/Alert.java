package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Usage has reached a threshold of a quota. There is one per quota, window and threshold, decided
 * by the account's writer in the transaction of the usage itself.
 *
 * @param account id
 * @param quota the quota's id
 * @param metric what it limits
 * @param window over which window
 * @param key name of the key it limits; null for the whole account
 * @param model exact name or glob it limits; null for all
 * @param period the window's label, as in {@link dev.taximeter.contract.catalog.QuotaPeriod}
 * @param periodStart inclusive
 * @param periodEnd exclusive
 * @param threshold percent of the limit, 1 to 1,000
 * @param limit as it was when it was reached: tokens, requests, or money in {@code currency}
 * @param value of the window with the usage that reached it, at least {@code threshold} percent of
 *     {@code limit}
 * @param currency ISO 4217 code, the account's
 * @param crossedAt when the request that reached it completed; when the quota was changed, if that
 *     did
 * @param line identity of that request's line; null if a change of the quota did
 * @param arrival when that line was read; null if a change of the quota did
 * @param late whether the window had ended before the line was read
 * @param sequence the account's sequence number with that usage
 * @param decidedAt when the writer decided
 */
public record Alert(
    String account,
    String quota,
    Quota.Metric metric,
    Quota.Window window,
    @Nullable String key,
    @Nullable String model,
    String period,
    Instant periodStart,
    Instant periodEnd,
    int threshold,
    BigDecimal limit,
    BigDecimal value,
    String currency,
    Instant crossedAt,
    @Nullable String line,
    @Nullable Instant arrival,
    boolean late,
    long sequence,
    Instant decidedAt) {
  public Alert {
    limit = Decimals.canonical(limit);
    value = Decimals.canonical(value);
  }

  /**
   * @return the same for the same quota, window and threshold, whatever is decided again
   */
  public String id() {
    String name =
        String.join(
            "\t", account, quota, Long.toString(periodStart.getEpochSecond()), "" + threshold);
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
