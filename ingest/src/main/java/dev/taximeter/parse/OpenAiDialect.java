package dev.taximeter.parse;

/**
 * OpenAI and all that count like it: input includes cached tokens, output includes reasoning. An
 * upstream without a rule is read like this, so it also meets the names of other protocols.
 */
final class OpenAiDialect extends Dialect {
  private static final Dialect GEMINI = new GeminiDialect();

  @Override
  String name() {
    return "openai";
  }

  @Override
  Counted split(ReportedCounts counts) {
    boolean hasThoughts = counts.thoughts() > 0 && counts.reasoning() == 0;
    if ((hasThoughts || counts.toolPrompt() > 0) && !totalProvesInclusion(counts)) {
      // Only Gemini uses these names, and its input and output exclude what they count.
      return new Counted(GEMINI.split(counts).tokens(), true, false);
    }
    return inclusive(
        counts.input(),
        counts.cacheRead(),
        counts.cacheWrite(),
        counts.output(),
        hasThoughts ? counts.thoughts() : counts.reasoning());
  }
}
