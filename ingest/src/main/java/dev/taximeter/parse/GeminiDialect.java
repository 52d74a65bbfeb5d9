package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;

/**
 * Gemini: input includes cached tokens but not the results of tools, output excludes thoughts. Seen
 * through an OpenAI-like API the same tokens are called reasoning, and only the total tells whether
 * the output has them.
 */
final class GeminiDialect extends Dialect {
  @Override
  String name() {
    return "gemini";
  }

  @Override
  Counted split(ReportedCounts counts) {
    long prompt = counts.input() + counts.toolPrompt();
    if (counts.thoughts() == 0 && counts.total() != prompt + counts.output() + counts.reasoning()) {
      return inclusive(
          prompt, counts.cacheRead(), counts.cacheWrite(), counts.output(), counts.reasoning());
    }
    Counted input = inclusive(prompt, counts.cacheRead(), counts.cacheWrite(), 0, 0);
    long thoughts = Math.max(counts.thoughts(), counts.reasoning());
    TokenCounts answer = new TokenCounts(0, 0, 0, counts.output(), thoughts);
    return new Counted(input.tokens().plus(answer), input.contradicting(), false);
  }
}
