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
    // Only Gemini uses these names, and counts both beside the rest.
    boolean gemini = counts.toolPrompt() > 0 || (counts.thoughts() > 0 && counts.reasoning() == 0);
    if (gemini && !totalProvesInclusion(counts)) {
      return new Counted(GEMINI.split(counts).tokens(), true, false);
    }
    return inclusive(
        counts.input(),
        counts.cacheRead(),
        counts.cacheWrite(),
        counts.output(),
        gemini ? Math.max(counts.thoughts(), counts.reasoning()) : counts.reasoning());
  }
}
