package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/** Anthropic's own API: input excludes what was read from and written to the cache. */
final class AnthropicDialect extends Dialect {
  @Override
  String name() {
    return "anthropic";
  }

  @Override
  Counted split(ReportedCounts counts) {
    Parts answer = Parts.of(counts.output(), counts.reasoning(), 0);
    return new Counted(
        new TokenCounts(
            counts.input(),
            counts.cacheRead(),
            counts.cacheWrite(),
            answer.rest(),
            counts.reasoning()),
        answer.contradicting(),
        false);
  }
}
