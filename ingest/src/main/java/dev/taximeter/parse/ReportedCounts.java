package dev.taximeter.parse;

/**
 * Token counts as a log reports them, before a dialect says what includes what. Each is {@link
 * Numbers#ABSENT} or from 0 to {@link Numbers#MAX_COUNT}.
 *
 * @param cacheRead tokens read from a cache, whatever the provider calls them
 * @param cacheWrite tokens written to a cache
 * @param reasoning reasoning tokens under the name that OpenAI uses
 * @param thoughts reasoning tokens under the name that Gemini uses
 * @param toolPrompt Gemini's tokens of tool results that were fed back into the prompt
 */
record ReportedCounts(
    long input,
    long output,
    long total,
    long cacheRead,
    long cacheWrite,
    long reasoning,
    long thoughts,
    long toolPrompt) {
  static final ReportedCounts NONE =
      new ReportedCounts(
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT,
          Numbers.ABSENT);

  /** Whether any count is above 0. */
  boolean areAny() {
    return !orZero().equals(NONE.orZero());
  }

  /** All counts, with 0 for those that are absent. */
  ReportedCounts orZero() {
    return new ReportedCounts(
        Math.max(0, input),
        Math.max(0, output),
        Math.max(0, total),
        Math.max(0, cacheRead),
        Math.max(0, cacheWrite),
        Math.max(0, reasoning),
        Math.max(0, thoughts),
        Math.max(0, toolPrompt));
  }
}
