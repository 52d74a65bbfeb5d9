package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line in JSON encoding. A line is in JSON encoding only if it is one valid JSON object in
 * which no key repeats and {@code duration}, {@code response_code}, {@code bytes_received} and
 * {@code bytes_sent} are bare numbers, those of them that the template has. A gateway that writes
 * TEXT writes all four in quotes, between the other texts of its template and in their order. A
 * line in which one of the four can be found so is not taken for JSON, whatever it looks like: a
 * client could hide what the gateway wrote within an object of its own. In JSON the quotes of any
 * text are escaped, and the numbers have none.
 *
 * <p>Strict where {@link AiLogScanner} is lenient: here the gateway's encoder is the only author,
 * and doubt must lead to TEXT.
 */
final class JsonLine {
  /** Arrays and objects inside each other; the gateway nests two. */
  private static final int MAX_DEPTH = 32;

  /** Fields of one line, the template's and others. */
  private static final int MAX_FIELDS = 400;

  private static final int AI_LOG = Role.AI_LOG.ordinal();

  private final Layout layout;
  private final byte[] line;
  private final LineFields fields;
  private final BitSet seen = new BitSet();
  private int bareNumbers;
  private int others;
  private int at;

  // The string that was read last: its content without the quotes, and whether it has escapes.
  private int stringFrom;
  private int stringTo;
  private boolean stringEscaped;

  private JsonLine(Layout layout, byte[] line) {
    this.layout = layout;
    this.line = line;
    fields = new LineFields(layout, line);
  }

  /**
   * What a line in JSON encoding holds.
   *
   * @param complete whether it has every field of the template
   * @param mayBeText whether a client may have made a line of TEXT look so
   */
  record Read(LineFields fields, boolean complete, boolean mayBeText) {}

  /** Reads a line; null if it is not in JSON encoding. */
  static @Nullable Read read(Layout layout, byte[] line) {
    JsonLine reader = new JsonLine(layout, line);
    if (!reader.readObject()) {
      return null;
    }
    for (Role role : Role.TOKENS) {
      reader.putIfLeftOut(layout.fieldOf(role));
    }
    for (int rank = 0; rank < layout.payers(); rank++) {
      reader.putIfLeftOut(layout.payerField(rank));
    }
    boolean complete = reader.seen.cardinality() == layout.size();
    return new Read(reader.fields, complete, reachesNumberInQuotes(layout, line));
  }

  /**
   * Whether the template's texts can be found one after the other from the line's first byte
   * through the one that opens one of the four, as in every line of TEXT, whatever a client put
   * between.
   */
  private static boolean reachesNumberInQuotes(Layout layout, byte[] line) {
    int at = 0;
    for (int i = 0; i < layout.size(); i++) {
      byte[] literal = layout.literal(i);
      int found =
          i > 0
              ? Bytes.indexOf(line, at, line.length, literal)
              : Bytes.startsWith(line, 0, line.length, literal) ? 0 : -1;
      if (found < 0) {
        return false;
      }
      if (layout.bareNumber(i) != 0) {
        return true;
      }
      at = found + literal.length;
    }
    return false;
  }

  /** Encoders may leave out what is absent; in this encoding nobody can have hidden it. */
  private void putIfLeftOut(int field) {
    if (field != Layout.ABSENT && !seen.get(field)) {
      fields.put(layout.slotOf(field), 0, 0);
    }
  }

  private boolean readObject() {
    skipSpaces();
    if (!accept('{')) {
      return false;
    }
    Set<String> otherKeys = new HashSet<>();
    do {
      skipSpaces();
      if (!readString()) {
        return false;
      }
      byte[] key = stringEscaped ? stringContent() : line;
      int keyFrom = stringEscaped ? 0 : stringFrom;
      int keyTo = stringEscaped ? key.length : stringTo;
      int field = layout.find(key, keyFrom, keyTo);
      if (field != Layout.ABSENT) {
        if (seen.get(field)) {
          return false;
        }
        seen.set(field);
      } else if (++others > MAX_FIELDS
          || !otherKeys.add(
              new String(key, keyFrom, keyTo - keyFrom, StandardCharsets.ISO_8859_1))) {
        return false;
      }
      skipSpaces();
      if (!accept(':')) {
        return false;
      }
      skipSpaces();
      if (!readField(field)) {
        return false;
      }
      skipSpaces();
    } while (accept(','));
    // Nothing after the brace: blanks there could be a client's, and the rest cut away.
    return accept('}')
        && at == line.length
        && bareNumbers != 0
        && bareNumbers == layout.bareNumbers();
  }

  private boolean readField(int field) {
    int number = field == Layout.ABSENT ? 0 : layout.bareNumber(field);
    int slot = field == Layout.ABSENT ? Layout.ABSENT : layout.slotOf(field);
    int from = at;
    if (at < line.length && line[at] == '"') {
      // One of the four as text: this is TEXT, whatever else the line looks like.
      if (number != 0 || !readString()) {
        return false;
      }
      if (slot != Layout.ABSENT) {
        putString(slot);
      }
      return true;
    }
    if (!skipValue(0)) {
      return false;
    }
    if (number != 0 && !isNumberStart(line[from])) {
      return false;
    }
    bareNumbers |= number;
    if (slot != Layout.ABSENT) {
      putOther(slot, from);
    }
    return true;
  }

  private void putString(int slot) {
    if (!stringEscaped) {
      fields.put(slot, stringFrom, stringTo);
    }
    if (!stringEscaped && slot != AI_LOG) {
      return;
    }
    byte[] content = stringContent();
    if (stringEscaped) {
      fields.putDecoded(slot, content);
    }
    if (slot == AI_LOG) {
      fields.putAiLog(aiLog(content));
    }
  }

  /** The value as the filter state holds it: escaped once, as in TEXT, or as plain JSON. */
  static AiLog aiLog(byte[] value) {
    if (value.length > 1 && value[0] == '{' && value[1] == '"') {
      return AiLogScanner.scanPlain(value);
    }
    byte[] closed = Arrays.copyOf(value, value.length + 1);
    closed[value.length] = '"';
    AiLog aiLog = AiLogScanner.scan(closed, 0, closed.length);
    // A bare quote inside the value ends it early; nothing may follow.
    return aiLog.end() == value.length ? aiLog : AiLog.without(AiLog.State.UNREADABLE, -1);
  }

  /** A value that is no string: null is an absent one, anything else stands as it is written. */
  private void putOther(int slot, int from) {
    boolean isNull = line[from] == 'n';
    fields.put(slot, from, isNull ? from : at);
    if (slot == AI_LOG) {
      fields.putAiLog(
          isNull
              ? AiLog.without(AiLog.State.NONE, -1)
              : AiLogScanner.scanPlain(Arrays.copyOfRange(line, from, at)));
    }
  }

  private byte[] stringContent() {
    return JsonText.unescape(line, stringFrom, stringTo);
  }

  private boolean accept(char wanted) {
    if (at < line.length && line[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpaces() {
    while (at < line.length && (line[at] == ' ' || line[at] == '\t')) {
      at++;
    }
  }

  private boolean readString() {
    if (!accept('"')) {
      return false;
    }
    stringFrom = at;
    stringEscaped = false;
    while (true) {
      // Control characters should be escaped and bytes should be UTF-8. Neither tells the encodings
      // apart, and a client's odd header must not make its line unreadable.
      at = Bytes.quoteOrBackslash(line, at, line.length);
      if (at == line.length) {
        return false;
      }
      if (line[at] == '"') {
        stringTo = at++;
        return true;
      }
      stringEscaped = true;
      if (!skipEscape()) {
        return false;
      }
    }
  }

  private boolean skipEscape() {
    at++;
    if (at >= line.length) {
      return false;
    }
    return switch (line[at++]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> true;
      case 'u' -> {
        boolean valid = JsonText.hex4(line, at, line.length) >= 0;
        at += valid ? 4 : 0;
        yield valid;
      }
      default -> false;
    };
  }

  private boolean skipValue(int depth) {
    if (at >= line.length || depth > MAX_DEPTH) {
      return false;
    }
    return switch (line[at]) {
      case '"' -> readString();
      case '{' -> skipMembers(depth, true, '}');
      case '[' -> skipMembers(depth, false, ']');
      case 't' -> skipWord("true");
      case 'f' -> skipWord("false");
      case 'n' -> skipWord("null");
      default -> skipNumber();
    };
  }

  private boolean skipMembers(int depth, boolean keys, char closing) {
    at++;
    skipSpaces();
    if (accept(closing)) {
      return true;
    }
    do {
      skipSpaces();
      if (keys) {
        if (!readString()) {
          return false;
        }
        skipSpaces();
        if (!accept(':')) {
          return false;
        }
        skipSpaces();
      }
      if (!skipValue(depth + 1)) {
        return false;
      }
      skipSpaces();
    } while (accept(','));
    return accept(closing);
  }

  private boolean skipWord(String word) {
    byte[] bytes = Bytes.ascii(word);
    if (!Bytes.startsWith(line, at, line.length, bytes)) {
      return false;
    }
    at += bytes.length;
    return true;
  }

  private static boolean isNumberStart(byte b) {
    return b == '-' || (b >= '0' && b <= '9');
  }

  private boolean skipNumber() {
    accept('-');
    int from = at;
    if (!skipDigits() || (at - from > 1 && line[from] == '0')) {
      return false;
    }
    if (accept('.') && !skipDigits()) {
      return false;
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      return skipDigits();
    }
    return true;
  }

  private boolean skipDigits() {
    int from = at;
    while (at < line.length && line[at] >= '0' && line[at] <= '9') {
      at++;
    }
    return at > from;
  }
}
