package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/**
 * OpenAI and all that count like it: input includes cached tokens, output includes reasoning. An
 * upstream without a rule is read like this, so it also meets the names of other protocols.
 */
final class OpenAiDialect extends Dialect {
  @Override
  String name() {
    return "openai";
  }

  @Override
  Counted split(ReportedCounts counts) {
    if (counts.thoughts() > 0 && counts.reasoning() == 0) {
      return withThoughts(counts);
    }
    return inclusive(
        counts.input(),
        counts.cacheRead(),
        counts.cacheWrite(),
        counts.output(),
        counts.reasoning());
  }

  /** Only Gemini uses this name, and its output excludes them unless the total says otherwise. */
  private static Counted withThoughts(ReportedCounts counts) {
    if (totalProvesInclusion(counts)) {
      return inclusive(
          counts.input(),
          counts.cacheRead(),
          counts.cacheWrite(),
          counts.output(),
          counts.thoughts());
    }
    TokenCounts prompt =
        inclusive(counts.input(), counts.cacheRead(), counts.cacheWrite(), 0, 0).tokens();
    TokenCounts answer = new TokenCounts(0, 0, 0, counts.output(), counts.thoughts());
    return new Counted(prompt.plus(answer), true, false);
  }
}
