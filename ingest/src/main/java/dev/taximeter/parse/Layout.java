package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An access-log template, compiled: the text between the values, and what is known of each field.
 * Immutable.
 */
final class Layout {
  static final int ABSENT = -1;

  /** More fields than any gateway logs; bounds the work per line. */
  private static final int MAX_FIELDS = 200;

  private static final Pattern OPERATOR =
      Pattern.compile("%([A-Z0-9_]+)(?:\\(([^)]*)\\))?(?::\\d+)?%");

  /**
   * What Envoy itself writes. An operator that is neither named here nor begins with one of {@link
   * #GATEWAY_PREFIXES} counts as client-controlled, which is always safe.
   */
  private static final Set<String> GATEWAY_OPERATORS =
      Set.of(
          "DURATION", "REQUEST_DURATION", "PROTOCOL", "HOSTNAME", "CONNECTION_ID", "FILTER_STATE");

  private static final List<String> GATEWAY_PREFIXES =
      List.of(
          "BYTES_",
          "DOWNSTREAM_DIRECT_",
          "DOWNSTREAM_LOCAL_ADDRESS",
          "DOWNSTREAM_REMOTE_ADDRESS",
          "RESPONSE_",
          "ROUTE_",
          "START_TIME",
          "UPSTREAM_");

  /** Headers and metadata that the gateway writes although the operator could show others. */
  private static final Set<String> GATEWAY_CALLS =
      Set.of(
          "REQ(:METHOD)",
          "RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)",
          "DYNAMIC_METADATA(ISTIO.MIXER:STATUS)");

  private final List<Field> fields;
  private final byte[][] literals;
  private final NameTable names;
  private final @Nullable Role[] roleOfField;
  private final Map<Role, Integer> fieldOfRole = new EnumMap<>(Role.class);

  private Layout(List<Field> fields, List<byte[]> literals, String payerField) {
    this.fields = List.copyOf(fields);
    this.literals = literals.toArray(byte[][]::new);
    List<String> list = fields.stream().map(Field::name).toList();
    names = new NameTable(list);
    roleOfField = new Role[fields.size()];
    for (Role role : Role.values()) {
      int field = list.indexOf(role == Role.PAYER ? payerField : role.field());
      if (field != ABSENT) {
        fieldOfRole.put(role, field);
        roleOfField[field] = role;
      }
    }
  }

  /**
   * One field of the template.
   *
   * @param opening the text from the name's first quote to the value's
   * @param escaped whether a plugin wrote the value and escaped it: it ends at the first quote
   *     without a backslash
   * @param clientControlled whether a client can put any text there
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Field(String name, byte[] opening, boolean escaped, boolean clientControlled) {}

  /**
   * @throws IllegalArgumentException with the reason, if the text is no usable template
   */
  static Layout of(String template, String payerField) {
    Reader reader = new Reader(template.strip());
    List<Field> fields = new ArrayList<>();
    List<byte[]> literals = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    reader.expect('{');
    do {
      if (fields.size() == MAX_FIELDS) {
        throw new IllegalArgumentException("the template has more than " + MAX_FIELDS + " fields");
      }
      reader.skipSpaces();
      int opening = reader.at;
      String name = reader.quoted();
      if (name.isEmpty() || !seen.add(name)) {
        throw new IllegalArgumentException(
            "the template's field '" + name + "' is empty or repeated");
      }
      reader.skipSpaces();
      reader.expect(':');
      reader.skipSpaces();
      reader.expect('"');
      byte[] openingBytes = reader.bytesFrom(opening);
      literals.add(reader.takeLiteral());
      String format = reader.untilQuote();
      fields.add(field(name, openingBytes, format));
      reader.startLiteral();
      reader.expect('"');
      reader.skipSpaces();
    } while (reader.accept(','));
    reader.expect('}');
    reader.expectEnd();
    literals.add(reader.takeLiteral());
    if (!seen.contains(Role.START_TIME.field())) {
      throw new IllegalArgumentException(
          "the template has no field 'start_time', so nothing could be dated; add"
              + " \"start_time\":\"%START_TIME%\"");
    }
    if (!seen.contains(payerField)
        || Arrays.stream(Role.values()).anyMatch(r -> r.field().equals(payerField))) {
      throw new IllegalArgumentException(
          "the payer's field '%s' must be a field of the template and no other than a key; the template has %s"
              .formatted(payerField, seen));
    }
    return new Layout(fields, literals, payerField);
  }

  private static Field field(String name, byte[] opening, String format) {
    Matcher matcher = OPERATOR.matcher(format);
    boolean client = false;
    boolean escaped = false;
    boolean any = false;
    while (matcher.find()) {
      any = true;
      String operator = matcher.group(1);
      client |= isClientControlled(operator, matcher.group(2));
      escaped = operator.equals("FILTER_STATE") && matcher.group().length() == format.length();
    }
    if (!any || format.indexOf('\\') >= 0) {
      throw new IllegalArgumentException(
          "the template's field '%s' must hold an operator such as %%DURATION%%, not %s"
              .formatted(name, format));
    }
    return new Field(name, opening, escaped, client);
  }

  private static boolean isClientControlled(String operator, @Nullable String argument) {
    String call = operator + '(' + argument + ')';
    return !GATEWAY_CALLS.contains(call.toUpperCase(Locale.ROOT))
        && !GATEWAY_OPERATORS.contains(operator)
        && GATEWAY_PREFIXES.stream().noneMatch(operator::startsWith);
  }

  int size() {
    return fields.size();
  }

  Field field(int index) {
    return fields.get(index);
  }

  /**
   * The text before the value of a field; for {@code index == size()} the text that ends a line.
   */
  byte[] literal(int index) {
    return literals[index];
  }

  /** Index of the field with this name, or {@link #ABSENT}. */
  int find(byte[] bytes, int from, int to) {
    return names.find(bytes, from, to);
  }

  /** Index of the field that plays the role, or {@link #ABSENT}. */
  int fieldOf(Role role) {
    return fieldOfRole.getOrDefault(role, ABSENT);
  }

  /** The role that the field plays; null if it decides nothing. */
  @Nullable Role roleOf(int field) {
    return roleOfField[field];
  }

  /** Reads the template's own text, strictly: it is configuration, and an error is explained. */
  private static final class Reader {
    private final String text;
    private int at;
    private int literalFrom;

    Reader(String text) {
      this.text = text;
      if (text.indexOf('\n') >= 0) {
        throw new IllegalArgumentException(
            "the template must be on one line; one on several lines makes records of several lines");
      }
    }

    boolean accept(char wanted) {
      if (at < text.length() && text.charAt(at) == wanted) {
        at++;
        return true;
      }
      return false;
    }

    void expect(char wanted) {
      if (!accept(wanted)) {
        throw new IllegalArgumentException(
            "the template needs a %s at character %d, as in {\"name\":\"%%OPERATOR%%\",...}"
                .formatted(wanted, at + 1));
      }
    }

    void expectEnd() {
      if (at != text.length()) {
        throw new IllegalArgumentException("the template goes on after its closing brace");
      }
    }

    void skipSpaces() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }

    String quoted() {
      expect('"');
      String name = untilQuote();
      expect('"');
      return name;
    }

    String untilQuote() {
      int from = at;
      while (at < text.length() && text.charAt(at) != '"') {
        at++;
      }
      return text.substring(from, at);
    }

    void startLiteral() {
      literalFrom = at;
    }

    byte[] takeLiteral() {
      return bytesFrom(literalFrom);
    }

    byte[] bytesFrom(int from) {
      return text.substring(from, at).getBytes(StandardCharsets.UTF_8);
    }
  }
}
