package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;
import java.util.Comparator;

/**
 * Reported counts, sorted into classes that do not overlap.
 *
 * @param contradicting whether the counts contradict the dialect, so that another form was taken
 * @param totalAsInput whether nothing but a total was reported
 */
record Counted(TokenCounts tokens, boolean contradicting, boolean totalAsInput) {
  static final Counted NOTHING = new Counted(TokenCounts.ZERO, false, false);

  /**
   * Which of two readings bills more: more tokens; of as many, fewer at the price of cached ones;
   * then more cache writes, which cost more than other input; then more reasoning, which can.
   */
  private static final Comparator<Counted> BY_PRICE =
      Comparator.<Counted>comparingLong(counted -> counted.tokens.totalTokens())
          .thenComparingLong(counted -> -counted.tokens.cachedInput())
          .thenComparingLong(counted -> counted.tokens.cacheWrite())
          .thenComparingLong(counted -> counted.tokens.reasoning());

  Counted orMore(Counted other) {
    return BY_PRICE.compare(other, this) > 0 ? other : this;
  }
}
