package dev.taximeter.parse;

/**
 * Anthropic's API in front of an OpenAI-like upstream: the details look native, but they repeat
 * cache tokens that the input includes (and the total counts twice, which does not matter here).
 */
final class AnthropicOverOpenAiDialect extends Dialect {
  @Override
  String name() {
    return "anthropic-over-openai";
  }

  @Override
  Counted split(ReportedCounts counts) {
    return inclusive(
        counts.input(),
        counts.cacheRead(),
        counts.cacheWrite(),
        counts.output(),
        counts.reasoning());
  }
}
