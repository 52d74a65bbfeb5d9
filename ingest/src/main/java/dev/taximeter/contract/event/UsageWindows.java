package dev.taximeter.contract.event;

import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The windows of one account, key and model that a transaction changed, each as it is now.
 *
 * @param key the key's name, as in {@link Usage#key}
 * @param currency ISO 4217 code; empty while unattributed
 * @param ofAllKeys windows of the account's usage of this model by whatever key; with one of the
 *     keys that changed them
 */
public record UsageWindows(
    String account,
    String key,
    String model,
    String currency,
    List<Part> parts,
    List<Part> ofAllKeys) {
  public UsageWindows {
    parts = List.copyOf(parts);
    ofAllKeys = ofAllKeys == null ? List.of() : List.copyOf(ofAllKeys);
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

    /** {@return what a window has of its own} */
    public static Part of(UsageWindow window) {
      return new Part(
          window.granularity(),
          window.start(),
          window.segment(),
          window.sequence(),
          window.requests(),
          window.tokens(),
          window.cost());
    }
  }

  /** {@return the windows, each by itself} */
  public List<UsageWindow> each() {
    return Stream.concat(
            parts.stream().map(part -> window(key, part)),
            ofAllKeys.stream().map(part -> window(null, part)))
        .toList();
  }

  private UsageWindow window(@Nullable String name, Part part) {
    return new UsageWindow(
        account,
        name,
        model,
        part.granularity,
        part.start,
        part.segment,
        part.sequence,
        part.requests,
        part.tokens,
        currency,
        part.cost);
  }
}
