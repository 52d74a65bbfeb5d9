package dev.taximeter.standalone.inspect;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Looks for {@link Trait}s in a line: one pass over its bytes, nothing decoded, nothing kept. A
 * client could fake some of them, so that they serve advice and decide no money. Not thread-safe.
 */
final class TraitScanner {
  /** Text stands one level deeper than its keys, and is not looked at. */
  private static final int MOST_ESCAPES = 3;

  private static final byte[] AI_LOG = ascii("ai_log\":");
  private static final byte[] DURATION = ascii("duration\":");
  private static final byte[] START_TIME = ascii("start_time\":\"");
  private static final byte[] PATH = ascii("path\":\"");
  private static final byte[] CONSUMER = ascii("consumer\":\"");
  private static final byte[] CUT = ascii("[truncated]");
  private static final byte[] NULL = ascii("null");

  private static final byte[][] PROMPTS = {ascii("question"), ascii("messages"), ascii("system")};
  private static final byte[][] ANSWERS = {
    ascii("answer"), ascii("reasoning"), ascii("tool_calls")
  };
  private static final byte[][] COUNTS = {
    ascii("input_token"), ascii("output_token"), ascii("total_token")
  };
  private static final byte[][] DETAILS = {
    ascii("input_token_details"), ascii("output_token_details"), ascii("cached_tokens")
  };
  private static final byte[][] CACHE_COUNTS = {
    ascii("cached_tokens"),
    ascii("cache_read_input_tokens"),
    ascii("cache_creation_input_tokens"),
    ascii("cached_content_token_count")
  };
  private static final byte[] RESPONSE_TYPE = ascii("response_type");
  private static final byte[] STREAM = ascii("stream");
  private static final byte[] INNER_CONSUMER = ascii("consumer");
  private static final byte[][] KEY_PARAMETERS = {
    ascii("api_key="),
    ascii("apikey="),
    ascii("api-key="),
    ascii("key="),
    ascii("access_token="),
    ascii("token=")
  };

  private static final int MILLISECOND_DIGITS = 3;

  private byte[] line = new byte[0];
  private int traits;

  /** Backslashes before the quotes of the plugin's own keys: 1 in TEXT, 3 in JSON; 0 unknown. */
  private int escapes;

  /** {@return the bits of all traits that the line has} */
  int scan(byte[] bytes) {
    line = bytes;
    traits = 0;
    escapes = 0;
    if (isLoneBrace()) {
      return Trait.PRETTY_PRINTED.bit();
    }
    int at = 0;
    while (at < bytes.length) {
      switch (bytes[at]) {
        case '"' -> at = outerQuote(at + 1);
        case '\\' -> at = backslashes(at);
        case '[' -> {
          if (is(at, CUT)) {
            add(Trait.CUT_VALUE);
          }
          at++;
        }
        default -> at++;
      }
    }
    return traits;
  }

  /** A brace and nothing else but what printers put around it: spaces, and a comma. */
  private boolean isLoneBrace() {
    int from = 0;
    int to = line.length;
    while (from < to && line[from] == ' ') {
      from++;
    }
    while (to > from && (line[to - 1] == ' ' || line[to - 1] == ',')) {
      to--;
    }
    return to - from == 1 && (line[from] == '{' || line[from] == '}');
  }

  private void add(Trait trait) {
    traits |= trait.bit();
  }

  /** Looks at what follows a quote of the line itself. */
  private int outerQuote(int at) {
    if (at >= line.length) {
      return at;
    }
    switch (line[at]) {
      case 'a' -> {
        if (is(at, AI_LOG) && startsObject(at + AI_LOG.length)) {
          add(Trait.AI_LOG);
        }
      }
      case 'd' -> {
        if (is(at, DURATION)) {
          encoding(at + DURATION.length);
        }
      }
      case 's' -> {
        if (is(at, START_TIME)) {
          start(at + START_TIME.length);
        }
      }
      case 'p' -> {
        if (is(at, PATH)) {
          path(at + PATH.length);
        }
      }
      case 'c' -> {
        if (is(at, CONSUMER) && isPresent(at + CONSUMER.length, 0)) {
          add(Trait.CONSUMER);
        }
      }
      default -> {}
    }
    return at;
  }

  private boolean startsObject(int at) {
    return at + 1 < line.length && line[at] == '"' && line[at + 1] == '{';
  }

  private void encoding(int at) {
    if (at < line.length) {
      boolean bare = line[at] >= '0' && line[at] <= '9';
      add(bare ? Trait.JSON_ENCODING : Trait.TEXT_ENCODING);
    }
  }

  private void start(int at) {
    int digits = 0;
    boolean fraction = false;
    for (int i = at; i < line.length && line[i] != '"'; i++) {
      if (line[i] == '.') {
        fraction = true;
      } else if (fraction && line[i] >= '0' && line[i] <= '9') {
        digits++;
      }
    }
    if (digits > MILLISECOND_DIGITS) {
      add(Trait.FINE_START);
    }
  }

  private void path(int at) {
    boolean query = false;
    for (int i = at; i < line.length && line[i] != '"'; i++) {
      if (line[i] == '?' || (query && line[i] == '&')) {
        query = true;
        for (byte[] parameter : KEY_PARAMETERS) {
          if (is(i + 1, parameter) && isPresent(i + 1 + parameter.length, 0)) {
            add(Trait.KEY_IN_QUERY);
          }
        }
      }
    }
  }

  /** Looks at a run of backslashes: followed by a quote, it may begin a key of the plugin's. */
  private int backslashes(int at) {
    int end = at;
    while (end < line.length && line[end] == '\\') {
      end++;
    }
    int run = end - at;
    if (end >= line.length || line[end] != '"') {
      // Not a quote's: the character that is escaped is skipped with it.
      return Math.min(line.length, end + 1);
    }
    if (escapes == 0 && at > 0 && line[at - 1] == '{' && run <= MOST_ESCAPES) {
      escapes = run;
    }
    if (run == escapes && at > 0 && (line[at - 1] == '{' || line[at - 1] == ',')) {
      key(end + 1);
    }
    return end + 1;
  }

  private void key(int at) {
    int end = at;
    while (end < line.length && line[end] != '\\' && line[end] != '"') {
      end++;
    }
    int value = end + escapes + 2;
    if (value >= line.length || line[value - 1] != ':') {
      return;
    }
    boolean present = isPresent(value, escapes);
    if (isAny(at, end, CACHE_COUNTS)) {
      add(Trait.CACHE_COUNTS);
    }
    if (isAny(at, end, DETAILS)) {
      add(Trait.DETAILS);
    } else if (isAny(at, end, COUNTS) && line[value] == '\\') {
      add(Trait.COUNTS_AS_TEXT);
    } else if (isAny(at, end, PROMPTS) && present) {
      add(Trait.PROMPT);
    } else if (isAny(at, end, ANSWERS) && present) {
      add(Trait.ANSWER);
    } else if (equal(at, end, INNER_CONSUMER) && present) {
      add(Trait.CONSUMER);
    } else if (equal(at, end, RESPONSE_TYPE) && is(value + escapes + 1, STREAM)) {
      add(Trait.STREAM);
    }
  }

  /** Whether a value is more than null, empty, or a hyphen. */
  private boolean isPresent(int value, int escaped) {
    if (is(value, NULL)) {
      return false;
    }
    int from = value;
    if (escaped > 0) {
      if (line[value] != '\\') {
        return !is(value, new byte[] {'[', ']'});
      }
      from = value + escaped + 1;
    }
    int end = from;
    while (end < line.length && line[end] != '"' && line[end] != '\\' && line[end] != '&') {
      end++;
    }
    return end > from && !(end == from + 1 && line[from] == '-');
  }

  private boolean isAny(int from, int to, byte[][] names) {
    for (byte[] name : names) {
      if (equal(from, to, name)) {
        return true;
      }
    }
    return false;
  }

  private boolean equal(int from, int to, byte[] name) {
    return to - from == name.length && is(from, name);
  }

  private boolean is(int at, byte @Nullable [] wanted) {
    if (wanted == null || at < 0 || at + wanted.length > line.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (line[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
