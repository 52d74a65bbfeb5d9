package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How an event adds to the minute, hour, day and month it completed in. */
public final class Windows {
  private Windows() {}

  /**
   * @param open the window's open segment; null opens a new one, numbered by the event
   * @param start of the window
   */
  public static UsageWindow after(
      @Nullable UsageWindow open, UsageEvent event, Granularity granularity, Instant start) {
    UsageWindow window = open == null ? empty(event, granularity, start) : open;
    return new UsageWindow(
        window.account(),
        window.key(),
        window.model(),
        window.granularity(),
        window.start(),
        window.segment(),
        event.sequence(),
        window.requests() + 1,
        window.tokens().plus(event.usage().tokens()),
        window.currency(),
        window.cost().add(event.cost()));
  }

  /**
   * Adds what came later to a segment.
   *
   * @param open null if there is none: what came becomes one
   * @param added usage of the same window
   */
  public static UsageWindow together(@Nullable UsageWindow open, UsageWindow added) {
    return open == null
        ? added
        : new UsageWindow(
            open.account(),
            open.key(),
            open.model(),
            open.granularity(),
            open.start(),
            open.segment(),
            Math.max(open.sequence(), added.sequence()),
            open.requests() + added.requests(),
            open.tokens().plus(added.tokens()),
            open.currency(),
            open.cost().add(added.cost()));
  }

  /** {@return the same usage as part of the window of all keys} */
  public static UsageWindow ofAllKeys(UsageWindow window) {
    return new UsageWindow(
        window.account(),
        null,
        window.model(),
        window.granularity(),
        window.start(),
        window.segment(),
        window.sequence(),
        window.requests(),
        window.tokens(),
        window.currency(),
        window.cost());
  }

  private static UsageWindow empty(UsageEvent event, Granularity granularity, Instant start) {
    return new UsageWindow(
        event.account(),
        event.usage().key(),
        event.usage().model(),
        granularity,
        start,
        event.sequence(),
        event.sequence(),
        0,
        TokenCounts.ZERO,
        event.currency(),
        BigDecimal.ZERO);
  }
}
