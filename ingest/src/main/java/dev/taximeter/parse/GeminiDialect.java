package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/**
 * Gemini: input includes cached tokens but not the results of tools, output excludes thoughts. Seen
 * through an OpenAI-like API the same tokens are called reasoning, and only the total tells whether
 * the output has them. Nor are results of tools added to an input that has them, as the total
 * tells.
 */
final class GeminiDialect extends Dialect {
  @Override
  String name() {
    return "gemini";
  }

  @Override
  Counted split(ReportedCounts counts) {
    long thoughts = Math.max(counts.thoughts(), counts.reasoning());
    long apart = counts.input() + counts.output() + thoughts;
    boolean excluded =
        counts.thoughts() > 0
            || counts.total() == apart
            || counts.total() == apart + counts.toolPrompt();
    long whole = excluded ? apart : counts.input() + counts.output();
    long prompt = counts.input() + (counts.total() == whole ? 0 : counts.toolPrompt());
    if (!excluded) {
      return inclusive(
          prompt, counts.cacheRead(), counts.cacheWrite(), counts.output(), counts.reasoning());
    }
    Counted input = inclusive(prompt, counts.cacheRead(), counts.cacheWrite(), 0, 0);
    TokenCounts answer = new TokenCounts(0, 0, 0, counts.output(), thoughts);
    return new Counted(input.tokens().plus(answer), input.contradicting(), false);
  }
}
