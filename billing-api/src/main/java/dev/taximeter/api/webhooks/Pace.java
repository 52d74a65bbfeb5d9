package dev.taximeter.api.webhooks;

import dev.taximeter.contract.catalog.Recipient.Channel;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How fast a recipient takes messages. Only in memory: whoever takes over finds out anew.
 *
 * @param address where it was tried, sealed: another address knows nothing of it
 * @param failures in a row
 * @param quick whether it took the last message within moments
 * @param notBefore when it may be tried next
 * @param last when it was tried last
 */
record Pace(String address, int failures, boolean quick, Instant notBefore, Instant last) {
  private static final Duration FIRST_HOLD = Duration.ofSeconds(1);
  private static final Duration LONGEST_HOLD = Duration.ofMinutes(1);

  /** Of whoever says that it is too much, and not for how long. */
  private static final Duration TOO_MANY_HOLD = Duration.ofSeconds(30);

  /** Who is slower does not keep up with a burst. */
  private static final Duration QUICK = Duration.ofSeconds(1);

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int MOST_DOUBLINGS = 6;

  /** {@return the pace after a try} */
  static Pace after(
      @Nullable Pace before,
      Channel channel,
      String address,
      Verdict verdict,
      Instant at,
      long millis) {
    Instant end = at.plusMillis(millis);
    if (verdict.accepted()) {
      Duration spacing = spacing(channel);
      Instant notBefore = spacing.isZero() ? at : end.plus(spacing);
      return new Pace(address, 0, millis < QUICK.toMillis(), notBefore, at);
    }
    int failures = before == null || !before.address.equals(address) ? 1 : before.failures + 1;
    Duration hold = FIRST_HOLD.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    Duration wanted = verdict.retryAfter();
    Integer status = verdict.status();
    if (wanted == null && status != null && status == TOO_MANY_REQUESTS) {
      wanted = TOO_MANY_HOLD;
    }
    Duration least = hold.compareTo(LONGEST_HOLD) < 0 ? hold : LONGEST_HOLD;
    Instant notBefore = end.plus(wanted != null && wanted.compareTo(least) > 0 ? wanted : least);
    return new Pace(address, failures, false, notBefore, at);
  }

  /** Robots are blocked if they are told more than so often: 20 or 100 times a minute. */
  static Duration spacing(Channel channel) {
    return switch (channel) {
      case WEBHOOK, ALERTMANAGER, EMAIL -> Duration.ZERO;
      case SLACK -> Duration.ofMillis(1_100);
      case FEISHU -> Duration.ofMillis(700);
      case DINGTALK, WECOM -> Duration.ofMillis(3_100);
    };
  }

  boolean holdsBack(String where, Instant now) {
    return address.equals(where) && now.isBefore(notBefore);
  }
}
