package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/**
 * Reported counts, sorted into classes that do not overlap.
 *
 * @param contradicting whether the counts contradict the dialect, so that another form was taken
 * @param totalAsInput whether nothing but a total was reported
 */
record Counted(TokenCounts tokens, boolean contradicting, boolean totalAsInput) {
  static final Counted NOTHING = new Counted(TokenCounts.ZERO, false, false);

  /** Which of two readings bills more: more tokens, or of as many tokens more at the full price. */
  Counted orMore(Counted other) {
    long more = other.tokens.totalTokens() - tokens.totalTokens();
    if (more == 0) {
      more = tokens.cachedInput() - other.tokens.cachedInput();
    }
    return more > 0 ? other : this;
  }
}
