package dev.taximeter.standalone.inspect;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.taximeter.contract.gateway.LineFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where lines first differ from the template that they were read by. Only names that are known are
 * shown; of everything else, its shape. Not thread-safe.
 */
final class TemplateMismatches {
  /** Kinds of mismatch told apart; a template has fewer fields, a client can make up more. */
  static final int MOST_KINDS = 200;

  private static final Pattern FIELD = Pattern.compile("\"([^\"]+)\"\\s*:\\s*\"([^\"]*)\"");
  private static final int LONGEST_NAME = 40;

  /** Opens a line, and the name of its first field. */
  private static final byte[] OPENING = bytes("{\"");

  private static final String TIME =
      "\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:?\\d{2})?";

  /** How lines begin that collectors have wrapped, by the name of the format. */
  private static final Map<String, Pattern> WRAPPINGS =
      Map.of(
          LineFormat.CRI.code(), Pattern.compile(TIME + " std(out|err) [FP] "),
          LineFormat.DOCKER_JSON.code(), Pattern.compile("\\{\"log\":\""),
          LineFormat.TIMESTAMP.code(), Pattern.compile(TIME + "\\s+\\{"));

  /** Bytes in which a collector's prefix ends. */
  private static final int LONGEST_PREFIX = 80;

  /** Ends a value and opens the name of the next field. */
  private static final byte[] NEXT_FIELD = bytes("\",\"");

  /** Fields that gateways log beside those of the template. */
  private static final Set<String> WELL_KNOWN =
      Set.of(
          "ai_log",
          "api_key",
          "client_version",
          "consumer",
          "log",
          "response_code_details",
          "time",
          "user_api_key",
          "x_mse_consumer");

  /** What is wrong at the place where a line first differs. */
  enum Kind {
    /** Another field stands where the template has this one. */
    OTHER_FIELD,
    /** The value before it holds a quote or a backslash, as a client can make it. */
    VALUE_BREAKS_OUT,
    /** A collector has wrapped the line, in a format that {@code found} names. */
    WRAPPED,
    /** The line begins as no line of this log does, wrapped or not. */
    OTHER_BEGINNING,
    /** The line ends before it. */
    LINE_ENDS,
    /** The line goes on after the last field. */
    LINE_GOES_ON
  }

  /**
   * Lines that differ in the same way.
   *
   * @param field of the template where they first differ; empty for what follows the last
   * @param found what stands there: a known name, or the shape of the text; of a wrapped line, the
   *     collector's format
   * @param isShape whether {@code found} is a shape
   * @param lines how many
   * @param firstFile name of the file that holds the first of them
   * @param firstLine its number in the file, from 1
   * @param firstByte place in the line, from 1
   */
  record Mismatch(
      Kind kind,
      String field,
      String found,
      @JsonIgnore boolean isShape,
      long lines,
      String firstFile,
      long firstLine,
      int firstByte) {
    private Mismatch oneMore() {
      return new Mismatch(kind, field, found, isShape, lines + 1, firstFile, firstLine, firstByte);
    }
  }

  private record Key(Kind kind, String field, String found) {}

  private final List<String> names = new ArrayList<>();
  private final List<byte[]> literals = new ArrayList<>();
  private final Map<Key, Mismatch> mismatches = new LinkedHashMap<>();

  TemplateMismatches(String template) {
    String text = template.strip();
    Matcher matcher = FIELD.matcher(text);
    int from = 0;
    while (matcher.find()) {
      names.add(matcher.group(1));
      literals.add(bytes(text.substring(from, matcher.start(2))));
      from = matcher.end(2);
    }
    literals.add(bytes(text.substring(from)));
  }

  /** Notes a line that does not match, and where. Lines in JSON encoding have no order. */
  void add(byte[] line, String file, long lineNumber) {
    int at = 0;
    for (int field = 0; field < names.size(); field++) {
      byte[] literal = literals.get(field);
      if (!startsWith(line, at, literal)) {
        note(kind(line, at, field), field, line, at, file, lineNumber);
        return;
      }
      at = endOfValue(line, at + literal.length, names.get(field).equals("ai_log"));
    }
    if (line.length - at != literals.get(names.size()).length
        || !startsWith(line, at, literals.get(names.size()))) {
      note(Kind.LINE_GOES_ON, names.size(), line, at, file, lineNumber);
    }
  }

  /** {@return all kinds, the most frequent first} */
  List<Mismatch> all() {
    return mismatches.values().stream()
        .sorted(Comparator.comparingLong(Mismatch::lines).reversed())
        .toList();
  }

  private Kind kind(byte[] line, int at, int field) {
    if (field == 0) {
      if (!wrapping(line).isEmpty()) {
        return Kind.WRAPPED;
      }
      return startsWith(line, 0, OPENING) ? Kind.OTHER_FIELD : Kind.OTHER_BEGINNING;
    }
    byte[] rest = Arrays.copyOfRange(line, Math.min(at, line.length), line.length);
    if (startsWith(literals.get(field), 0, rest)) {
      return Kind.LINE_ENDS;
    }
    // If the field still comes, a client may have put others before it: those that it gains by.
    boolean forged =
        names.contains(name(line, at + NEXT_FIELD.length))
            && indexOf(line, at, literals.get(field)) >= 0;
    return !startsWith(line, at, NEXT_FIELD) || forged ? Kind.VALUE_BREAKS_OUT : Kind.OTHER_FIELD;
  }

  private void note(Kind kind, int field, byte[] line, int at, String file, long lineNumber) {
    String name = field < names.size() ? names.get(field) : "";
    String found =
        switch (kind) {
          case WRAPPED -> wrapping(line);
          case OTHER_FIELD -> field == 0 ? shown(name(line, OPENING.length)) : found(line, at);
          case VALUE_BREAKS_OUT, OTHER_BEGINNING, LINE_ENDS, LINE_GOES_ON -> "";
        };
    Key key = new Key(kind, name, found);
    Mismatch known = mismatches.get(key);
    if (known != null) {
      mismatches.put(key, known.oneMore());
    } else if (mismatches.size() < MOST_KINDS) {
      mismatches.put(
          key,
          new Mismatch(
              kind,
              name,
              found,
              kind == Kind.OTHER_FIELD && !isKnown(found),
              1,
              file,
              lineNumber,
              Math.min(at, line.length) + 1));
    }
  }

  /** The format, as a gateway file names it, in which a collector wraps lines so; empty if none. */
  private static String wrapping(byte[] line) {
    String beginning =
        new String(line, 0, Math.min(line.length, LONGEST_PREFIX), StandardCharsets.ISO_8859_1);
    return WRAPPINGS.entrySet().stream()
        .filter(wrapping -> wrapping.getValue().matcher(beginning).lookingAt())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  /** The name of the field that stands there, if it is one that could be no secret. */
  private String found(byte[] line, int at) {
    return shown(name(line, at + NEXT_FIELD.length));
  }

  private String shown(String name) {
    return isKnown(name) ? name : shape(name);
  }

  private boolean isKnown(String name) {
    return names.contains(name) || WELL_KNOWN.contains(name);
  }

  private static String name(byte[] line, int at) {
    int from = Math.min(at, line.length);
    int to = from;
    while (to < line.length && to - from < LONGEST_NAME && line[to] != '"') {
      to++;
    }
    return new String(line, from, to - from, StandardCharsets.UTF_8);
  }

  /** Letters as x, digits as 0, all else that is no plain punctuation as a question mark. */
  private static String shape(String text) {
    StringBuilder shape = new StringBuilder();
    text.codePoints()
        .map(
            character ->
                Character.isLetter(character)
                    ? 'x'
                    : Character.isDigit(character)
                        ? '0'
                        : character == '_' || character == '-' || character == '.'
                            ? character
                            : '?')
        .forEach(shape::appendCodePoint);
    return shape.toString();
  }

  /** Index of the quote that ends a value, or the line's length. */
  private static int endOfValue(byte[] line, int from, boolean escaped) {
    int at = from;
    while (at < line.length && line[at] != '"') {
      at += escaped && line[at] == '\\' ? 2 : 1;
    }
    return Math.min(at, line.length);
  }

  private static boolean startsWith(byte[] line, int at, byte[] wanted) {
    if (at + wanted.length > line.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (line[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private static int indexOf(byte[] line, int from, byte[] wanted) {
    for (int i = from; i + wanted.length <= line.length; i++) {
      if (startsWith(line, i, wanted)) {
        return i;
      }
    }
    return -1;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
