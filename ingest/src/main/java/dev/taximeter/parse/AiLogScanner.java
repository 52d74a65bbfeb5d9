package dev.taximeter.parse;

import dev.taximeter.parse.AiLog.ModelName;
import dev.taximeter.parse.AiLog.State;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the {@code ai_log} value where it stands: JSON whose quotes and backslashes are escaped
 * once more, so that a string begins and ends with {@code \"} and a bare quote ends the value.
 * Prompts and answers are skipped without being decoded, nesting is counted and not followed, and
 * each byte is touched about once. Used for one value and thrown away.
 *
 * <p>What is skipped is not validated: a client's text must not be able to make a line unreadable.
 */
final class AiLogScanner {
  private static final int MODEL = 0;
  private static final int INPUT = 1;
  private static final int OUTPUT = 2;
  private static final int TOTAL = 3;
  private static final int INPUT_DETAILS = 4;
  private static final int OUTPUT_DETAILS = 5;
  private static final int REASONING = 6;
  private static final int CACHED = 7;
  private static final int CACHE_STATUS = 8;
  private static final NameTable KEYS =
      new NameTable(
          List.of(
              "model",
              "input_token",
              "output_token",
              "total_token",
              "input_token_details",
              "output_token_details",
              "reasoning_tokens",
              "cached_tokens",
              "cache_status"));

  private static final int FIRST_CACHE_READ = 0;
  private static final int LAST_CACHE_READ = 2;
  private static final int CACHE_WRITE = 3;
  private static final int DETAIL_REASONING = 4;
  private static final int THOUGHTS = 5;
  private static final int TOOL_PROMPT = 6;
  private static final NameTable DETAIL_KEYS =
      new NameTable(
          List.of(
              "cached_tokens",
              "cache_read_input_tokens",
              "cached_content_token_count",
              "cache_creation_input_tokens",
              "reasoning_tokens",
              "thoughts_token_count",
              "tool_use_prompt_token_count"));

  private static final byte[] HIT = Bytes.ascii("hit");
  private static final byte[] NULL = Bytes.ascii("null");
  private static final byte[] NIL = Bytes.ascii("<nil>");

  private final byte[] text;
  private final int limit;
  private int at;

  // The string that was read last: its content without the quotes, and whether it has escapes.
  private int stringFrom;
  private int stringTo;
  private boolean stringEscaped;

  private int seenKeys;
  private ModelName model = ModelName.NONE;
  private long input = Numbers.ABSENT;
  private long output = Numbers.ABSENT;
  private long total = Numbers.ABSENT;
  private long cached = Numbers.ABSENT;
  private long reasoning = Numbers.ABSENT;
  private boolean cacheHit;
  private boolean detailsUnreadable;

  private final long[] details = new long[7];
  private boolean impossible;

  private AiLogScanner(byte[] text, int from, int limit) {
    this.text = text;
    this.limit = limit;
    at = from;
    Arrays.fill(details, Numbers.ABSENT);
  }

  /**
   * Reads the value that begins at {@code from}; its closing quote must come before {@code limit}.
   */
  static AiLog scan(byte[] text, int from, int limit) {
    AiLogScanner scanner = new AiLogScanner(text, from, limit);
    if (scanner.isAbsent()) {
      return AiLog.without(State.NONE, scanner.at);
    }
    if (scanner.readObject()) {
      return scanner.result();
    }
    int end = Bytes.unescapedQuote(text, from, limit);
    return AiLog.without(end < 0 ? State.CUT : State.UNREADABLE, end);
  }

  /** Reads a value that stands unescaped in a text of its own. */
  static AiLog scanPlain(byte[] json) {
    byte[] escaped = JsonText.escapeAndClose(json);
    return scan(escaped, 0, escaped.length);
  }

  private boolean isAbsent() {
    if (at < limit && text[at] == '"') {
      return true;
    }
    if (at + 1 < limit && text[at] == '-' && text[at + 1] == '"') {
      at++;
      return true;
    }
    return false;
  }

  private boolean readObject() {
    skipSpaces();
    if (!accept('{') || !readMembers(true)) {
      return false;
    }
    skipSpaces();
    return at < limit && text[at] == '"';
  }

  private AiLog result() {
    long cacheRead = Numbers.ABSENT;
    for (int i = FIRST_CACHE_READ; i <= LAST_CACHE_READ; i++) {
      cacheRead = Math.max(cacheRead, details[i]);
    }
    ReportedCounts counts =
        new ReportedCounts(
            input,
            output,
            total,
            cacheRead == Numbers.ABSENT ? cached : cacheRead,
            details[CACHE_WRITE],
            details[DETAIL_REASONING] == Numbers.ABSENT ? reasoning : details[DETAIL_REASONING],
            details[THOUGHTS],
            details[TOOL_PROMPT]);
    return new AiLog(
        State.OBJECT,
        at,
        impossible ? ReportedCounts.NONE : counts,
        impossible,
        model.text(),
        model.truncated(),
        cacheHit,
        detailsUnreadable);
  }

  /** Reads the members of an object and its closing brace. */
  private boolean readMembers(boolean top) {
    skipSpaces();
    if (accept('}')) {
      return true;
    }
    int seenDetails = 0;
    do {
      skipSpaces();
      if (!readString()) {
        return false;
      }
      int key = keyOfString(top ? KEYS : DETAIL_KEYS);
      skipSpaces();
      if (!accept(':')) {
        return false;
      }
      skipSpaces();
      if (key == NameTable.NOT_FOUND) {
        if (!skipValue()) {
          return false;
        }
      } else {
        int bit = 1 << key;
        // The plugin writes every key once. Whoever wrote this one, it was not the plugin.
        if (((top ? seenKeys : seenDetails) & bit) != 0) {
          return false;
        }
        if (top) {
          seenKeys |= bit;
        } else {
          seenDetails |= bit;
        }
        if (!(top ? readKnown(key) : readDetail(key))) {
          return false;
        }
      }
      skipSpaces();
    } while (accept(','));
    return accept('}');
  }

  private boolean readKnown(int key) {
    return switch (key) {
      case MODEL -> readModel();
      case INPUT_DETAILS, OUTPUT_DETAILS -> readDetails();
      case CACHE_STATUS -> readCacheStatus();
      default -> readTopCount(key);
    };
  }

  private boolean readTopCount(int key) {
    int before = at;
    long count = readCount();
    switch (key) {
      case INPUT -> input = count;
      case OUTPUT -> output = count;
      case TOTAL -> total = count;
      case REASONING -> reasoning = count;
      case CACHED -> cached = count;
      default -> throw new IllegalStateException("no count: " + key);
    }
    return at > before;
  }

  private boolean readDetail(int key) {
    int before = at;
    details[key] = Math.max(details[key], readCount());
    return at > before;
  }

  private boolean readModel() {
    if (!isAtString()) {
      return skipValue();
    }
    if (!readString()) {
      return false;
    }
    if (stringEscaped) {
      byte[] name = stringContent();
      model = ModelName.of(name, 0, name.length);
    } else {
      model = ModelName.of(text, stringFrom, stringTo);
    }
    return true;
  }

  private boolean readCacheStatus() {
    if (!isAtString()) {
      return skipValue();
    }
    if (!readString()) {
      return false;
    }
    cacheHit = Bytes.equal(text, stringFrom, stringTo, HIT);
    return true;
  }

  /** Details are an object; configured as attributes they are a string with JSON in it, or null. */
  private boolean readDetails() {
    if (accept('{')) {
      return readMembers(false);
    }
    if (isAtString()) {
      if (!readString()) {
        return false;
      }
      byte[] json = stringContent();
      if (!isNothing(json, 0, json.length)) {
        readDetailsOf(json);
      }
      return true;
    }
    detailsUnreadable |= !Bytes.startsWith(text, at, limit, NULL);
    return skipValue();
  }

  private void readDetailsOf(byte[] json) {
    byte[] escaped = JsonText.escapeAndClose(json);
    AiLogScanner inner = new AiLogScanner(escaped, 0, escaped.length);
    inner.skipSpaces();
    if (!inner.accept('{') || !inner.readMembers(false)) {
      detailsUnreadable = true;
      return;
    }
    impossible |= inner.impossible;
    for (int i = 0; i < details.length; i++) {
      details[i] = Math.max(details[i], inner.details[i]);
    }
  }

  /**
   * Reads a count: a number, a number in a string, or nothing. Does not move if there is no value.
   */
  private long readCount() {
    int from = at;
    if (isAtString()) {
      if (!readString()) {
        at = from;
        return Numbers.ABSENT;
      }
      byte[] content = stringEscaped ? stringContent() : text;
      int contentFrom = stringEscaped ? 0 : stringFrom;
      int contentTo = stringEscaped ? content.length : stringTo;
      return isNothing(content, contentFrom, contentTo)
          ? Numbers.ABSENT
          : possible(Numbers.count(content, contentFrom, contentTo));
    }
    if (!skipValue()) {
      at = from;
      return Numbers.ABSENT;
    }
    return Bytes.equal(text, from, at, NULL)
        ? Numbers.ABSENT
        : possible(Numbers.count(text, from, at));
  }

  private long possible(long count) {
    if (count == Numbers.IMPOSSIBLE) {
      impossible = true;
      return Numbers.ABSENT;
    }
    return count;
  }

  /** How a plugin writes an attribute that it could not find. */
  private static boolean isNothing(byte[] bytes, int from, int to) {
    return from == to
        || (to - from == 1 && bytes[from] == '-')
        || Bytes.equal(bytes, from, to, NULL)
        || Bytes.equal(bytes, from, to, NIL);
  }

  private int keyOfString(NameTable table) {
    if (stringEscaped) {
      byte[] key = stringContent();
      return table.find(key, 0, key.length);
    }
    return table.find(text, stringFrom, stringTo);
  }

  /** The last string's content, freed from both levels of escaping. */
  private byte[] stringContent() {
    byte[] once = JsonText.unescape(text, stringFrom, stringTo);
    return stringEscaped ? JsonText.unescape(once, 0, once.length) : once;
  }

  private boolean accept(char wanted) {
    if (at < limit && text[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private boolean isAtString() {
    return at + 1 < limit && text[at] == '\\' && text[at + 1] == '"';
  }

  private void skipSpaces() {
    while (at < limit) {
      byte b = text[at];
      if (b == ' ' || b == '\t') {
        at++;
      } else if (b == '\\'
          && at + 1 < limit
          && (text[at + 1] == 'n' || text[at + 1] == 't' || text[at + 1] == 'r')) {
        at += 2;
      } else {
        return;
      }
    }
  }

  /** Reads a string with its quotes; false if the value ends before it does. */
  private boolean readString() {
    if (!isAtString()) {
      return false;
    }
    at += 2;
    stringFrom = at;
    stringEscaped = false;
    while (true) {
      at = Bytes.quoteOrBackslash(text, at, limit);
      if (at + 1 >= limit || text[at] == '"') {
        return false;
      }
      byte escaped = text[at + 1];
      if (escaped == '"') {
        stringTo = at;
        at += 2;
        return true;
      }
      stringEscaped = true;
      at += 2;
      if (escaped == '\\' && !skipEscapedCharacter()) {
        return false;
      }
    }
  }

  /** Skips the character that an inner backslash escapes. It may be escaped itself, once more. */
  private boolean skipEscapedCharacter() {
    if (at >= limit || text[at] == '"') {
      return false;
    }
    at += text[at] == '\\' ? 2 : 1;
    return true;
  }

  /** Skips a value of any kind; false if there is none or the text ends inside it. */
  private boolean skipValue() {
    if (isAtString()) {
      return readString();
    }
    if (at < limit && (text[at] == '{' || text[at] == '[')) {
      return skipNested();
    }
    int from = at;
    while (at < limit && !endsScalar(text[at])) {
      at++;
    }
    return at > from;
  }

  private static boolean endsScalar(byte b) {
    return b == ',' || b == '}' || b == ']' || b == '\\' || b == '"' || b == ' ' || b == '\t';
  }

  private boolean skipNested() {
    int depth = 0;
    while (at < limit) {
      switch (text[at]) {
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          depth--;
          at++;
          if (depth == 0) {
            return true;
          }
        }
        case '\\' -> {
          if (!isAtString()) {
            at += 2;
          } else if (!readString()) {
            return false;
          }
        }
        case '"' -> {
          return false;
        }
        default -> at++;
      }
    }
    return false;
  }
}
