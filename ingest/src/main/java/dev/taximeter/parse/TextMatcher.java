package dev.taximeter.parse;

import org.jspecify.annotations.Nullable;

/**
 * Matches a line in TEXT encoding against the template: every key once, in order, nothing after the
 * brace, no quote and no backslash inside a plain value. The road of nearly every line, so each
 * byte is touched about once.
 */
final class TextMatcher {
  private static final int AI_LOG = Role.AI_LOG.ordinal();

  private TextMatcher() {}

  /** Matches a line; null if it does not match exactly. */
  static @Nullable LineFields match(Layout layout, byte[] line) {
    LineFields fields = new LineFields(layout, line);
    int at = 0;
    int size = layout.size();
    for (int i = 0; i < size; i++) {
      byte[] literal = layout.literal(i);
      if (!Bytes.startsWith(line, at, line.length, literal)) {
        return null;
      }
      int from = at + literal.length;
      int slot = layout.slotOf(i);
      if (slot == AI_LOG) {
        AiLog aiLog = AiLogScanner.scan(line, from, line.length);
        fields.putAiLog(aiLog);
        at = aiLog.end();
      } else {
        at = endOfValue(layout.isEscaped(i), line, from);
      }
      if (at < 0) {
        return null;
      }
      if (slot != Layout.ABSENT) {
        fields.put(slot, from, at);
      }
    }
    byte[] closing = layout.literal(size);
    return Bytes.equal(line, at, line.length, closing) ? fields : null;
  }

  private static int endOfValue(boolean escaped, byte[] line, int from) {
    if (escaped) {
      return Bytes.unescapedQuote(line, from, line.length);
    }
    int end = Bytes.quoteOrBackslash(line, from, line.length);
    return end < line.length && line[end] == '"' ? end : -1;
  }
}
