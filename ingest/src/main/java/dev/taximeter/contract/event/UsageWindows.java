package dev.taximeter.contract.event;

import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * The windows of one account, key and model that a transaction changed, each as it is now.
 *
 * @param key the key's name, as in {@link Usage#key}
 * @param currency ISO 4217 code; empty while unattributed
 */
public record UsageWindows(
    String account, String key, String model, String currency, List<Part> parts) {
  public UsageWindows {
    parts = List.copyOf(parts);
  }

  /** One window; the fields are those of {@link UsageWindow}. */
  public record Part(
      Granularity granularity,
      Instant start,
      long segment,
      long sequence,
      long requests,
      TokenCounts tokens,
      BigDecimal cost) {
    public Part {
      cost = Decimals.canonical(cost);
    }
  }

  /** {@return the windows, each by itself} */
  public List<UsageWindow> each() {
    return parts.stream()
        .map(
            part ->
                new UsageWindow(
                    account,
                    key,
                    model,
                    part.granularity,
                    part.start,
                    part.segment,
                    part.sequence,
                    part.requests,
                    part.tokens,
                    currency,
                    part.cost))
        .toList();
  }
}
