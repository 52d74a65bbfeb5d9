package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/** Embeddings: there is no output. Should one be reported, it is billed and flagged. */
final class EmbeddingsDialect extends Dialect {
  @Override
  String name() {
    return "embeddings";
  }

  @Override
  Counted split(ReportedCounts counts) {
    Counted input = inclusive(counts.input(), counts.cacheRead(), counts.cacheWrite(), 0, 0);
    if (counts.output() == 0) {
      return input;
    }
    TokenCounts output = new TokenCounts(0, 0, 0, counts.output(), 0);
    return new Counted(input.tokens().plus(output), true, false);
  }
}
