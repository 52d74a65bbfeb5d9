package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/**
 * Rerank and others that report nothing but a total, which {@link Dialect#count} has dealt with.
 * Components, should they be reported, are billed as they stand and flagged.
 */
final class TotalOnlyDialect extends Dialect {
  @Override
  String name() {
    return "total-only";
  }

  @Override
  Counted split(ReportedCounts counts) {
    TokenCounts tokens = new TokenCounts(counts.input(), 0, 0, counts.output(), 0);
    return new Counted(tokens, tokens.totalTokens() > 0, false);
  }
}
