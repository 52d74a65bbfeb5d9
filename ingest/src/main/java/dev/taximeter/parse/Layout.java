package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
          "DYNAMIC_METADATA(ISTIO.MIXER:STATUS)",
          "DYNAMIC_METADATA(IO.ENVOY.AI_GATEWAY:BACKEND_NAME)");

  /** Metadata that Envoy AI Gateway counts; what it names models by can be a client's word. */
  private static final String AI_GATEWAY_NUMBERS = "DYNAMIC_METADATA(IO.ENVOY.AI_GATEWAY:LLM_";

  /** What is known to show a client's text. */
  private static final Set<String> CLIENT_OPERATORS =
      Set.of("REQ", "REQ_WITHOUT_QUERY", "REQUESTED_SERVER_NAME", "RESP", "DYNAMIC_METADATA");

  // Arrays, since every value of every line asks for them.
  private final Field[] fields;
  private final boolean[] escaped;
  private final byte[][] literals;
  private final NameTable names;
  private final int[] slotOfField;
  private final int[] fieldOfSlot;

  /** Which of {@link Role#NUMBERS} the template has, a bit each. */
  private int bareNumbers;

  private Layout(List<Field> fields, List<byte[]> literals, List<String> payer) {
    this.fields = fields.toArray(Field[]::new);
    escaped = new boolean[fields.size()];
    for (int i = 0; i < escaped.length; i++) {
      escaped[i] = fields.get(i).escaped();
    }
    this.literals = literals.toArray(byte[][]::new);
    List<String> list = fields.stream().map(Field::name).toList();
    names = new NameTable(list);
    slotOfField = new int[fields.size()];
    fieldOfSlot = new int[Role.COUNT + payer.size()];
    Arrays.fill(slotOfField, ABSENT);
    Arrays.fill(fieldOfSlot, ABSENT);
    for (Role role : Role.values()) {
      play(first(role.names(), list), role.ordinal());
    }
    List<String> calls = fields.stream().map(Field::call).toList();
    for (Role role : Role.values()) {
      if (fieldOf(role) == ABSENT) {
        play(first(role.calls(), calls), role.ordinal());
      }
    }
    for (int rank = 0; rank < payer.size(); rank++) {
      play(list.indexOf(payer.get(rank)), Role.COUNT + rank);
    }
    for (int i = 0; i < Role.NUMBERS.size(); i++) {
      bareNumbers |= fieldOf(Role.NUMBERS.get(i)) == ABSENT ? 0 : 1 << i;
    }
  }

  private static int first(List<String> wanted, List<String> all) {
    return wanted.stream()
        .mapToInt(all::indexOf)
        .filter(i -> i != ABSENT)
        .findFirst()
        .orElse(ABSENT);
  }

  private void play(int field, int slot) {
    if (field != ABSENT && slotOfField[field] == ABSENT) {
      slotOfField[field] = slot;
      fieldOfSlot[slot] = field;
    }
  }

  /**
   * One field of the template.
   *
   * @param opening the text from the name's first quote to the value's
   * @param escaped whether a plugin wrote the value and escaped it: it ends at the first quote
   *     without a backslash
   * @param clientControlled whether a client can put any text there
   * @param known whether it is known who writes all that it holds
   * @param format what the template fills in
   * @param call the only operator of {@code format}, in capitals and without a time's format; empty
   *     if there are several, or other text
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Field(
      String name,
      byte[] opening,
      boolean escaped,
      boolean clientControlled,
      boolean known,
      String format,
      String call) {}

  /**
   * @param payer fields that name the payer's key, in order
   * @throws IllegalArgumentException with the reason, if the text is no usable template or the
   *     payer does not fit
   */
  static Layout of(String template, List<String> payer) {
    Layout layout = of(template);
    String problem = layout.payerProblem(payer);
    if (problem != null) {
      throw new IllegalArgumentException("the payer " + problem);
    }
    return new Layout(List.of(layout.fields), List.of(layout.literals), payer);
  }

  /**
   * A template without a payer.
   *
   * @throws IllegalArgumentException with the reason, if the text is no usable template
   */
  static Layout of(String template) {
    Reader reader = new Reader(onOneLine(template));
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
    Layout layout = new Layout(fields, literals, List.of());
    if (layout.fieldOf(Role.START_TIME) == ABSENT) {
      throw new IllegalArgumentException(
          "the template has no field 'start_time', so nothing could be dated; add"
              + " \"start_time\":\"%START_TIME%\"");
    }
    return layout;
  }

  /** Configuration files often carry the line feed along, as a character or as an escape. */
  private static String onOneLine(String template) {
    String text = template.strip();
    return text.endsWith("\\n") ? text.substring(0, text.length() - 2).strip() : text;
  }

  /**
   * Why these fields cannot name the payer.
   *
   * @return to be read after "the payer"; null if they can
   */
  @Nullable String payerProblem(List<String> payer) {
    if (payer.isEmpty()) {
      return "must have at least one field of the template";
    }
    for (String field : payer) {
      int at = names().indexOf(field);
      if (at == ABSENT || slotOfField[at] != ABSENT) {
        return "'%s' must be a field of the template and no other than a key; the template has %s"
            .formatted(field, names());
      }
    }
    return new HashSet<>(payer).size() < payer.size() ? "names a field twice" : null;
  }

  private List<String> names() {
    return Arrays.stream(fields).map(Field::name).toList();
  }

  private static Field field(String name, byte[] opening, String format) {
    Matcher matcher = OPERATOR.matcher(format);
    boolean client = false;
    boolean escaped = false;
    boolean known = true;
    String call = "";
    int operators = 0;
    while (matcher.find()) {
      operators++;
      String operator = matcher.group(1);
      String argument = matcher.group(2);
      boolean gateways = isGateways(operator, argument);
      client |= !gateways;
      known &= gateways || CLIENT_OPERATORS.contains(operator);
      boolean alone = matcher.group().length() == format.length();
      escaped = operator.equals("FILTER_STATE") && alone;
      call = alone ? call(operator, argument) : "";
    }
    if (operators == 0 || format.indexOf('\\') >= 0) {
      throw new IllegalArgumentException(
          "the template's field '%s' must hold an operator such as %%DURATION%%, not %s"
              .formatted(name, format));
    }
    return new Field(name, opening, escaped, client, known, format, call);
  }

  private static String call(String operator, @Nullable String argument) {
    return argument == null || operator.equals("START_TIME")
        ? operator
        : "%s(%s)".formatted(operator, argument).toUpperCase(Locale.ROOT);
  }

  /** Whether the gateway itself writes what the operator shows. */
  private static boolean isGateways(String operator, @Nullable String argument) {
    String call = call(operator, argument);
    return GATEWAY_CALLS.contains(call)
        || call.startsWith(AI_GATEWAY_NUMBERS)
        || GATEWAY_OPERATORS.contains(operator)
        || GATEWAY_PREFIXES.stream().anyMatch(operator::startsWith);
  }

  int size() {
    return fields.length;
  }

  Field field(int index) {
    return fields[index];
  }

  /** Whether a plugin wrote the field's value and escaped it. */
  boolean isEscaped(int index) {
    return escaped[index];
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
    return fieldOfSlot[role.ordinal()];
  }

  /** Which of {@link Role#NUMBERS} the template has, a bit each. */
  int bareNumbers() {
    return bareNumbers;
  }

  /** The bit of the field among {@link #bareNumbers}; 0 if it is no number. */
  int bareNumber(int field) {
    for (int i = 0; i < Role.NUMBERS.size(); i++) {
      if (plays(field, Role.NUMBERS.get(i))) {
        return 1 << i;
      }
    }
    return 0;
  }

  /** Whether the template has usage in fields of its own instead of {@code ai_log}. */
  boolean hasTokenFields() {
    return fieldOf(Role.AI_LOG) == ABSENT
        && Role.TOKENS.stream().anyMatch(role -> fieldOf(role) != ABSENT);
  }

  /** Where the field's value is kept; {@link #ABSENT} if it decides nothing. */
  int slotOf(int field) {
    return slotOfField[field];
  }

  /** Whether the field plays the role. */
  boolean plays(int field, Role role) {
    return slotOfField[field] == role.ordinal();
  }

  /** Places for values: one for each role, then one for each field that can name the payer. */
  int slots() {
    return fieldOfSlot.length;
  }

  /** Number of fields that can name the payer. */
  int payers() {
    return fieldOfSlot.length - Role.COUNT;
  }

  /** Whether the field can name the payer. */
  boolean isPayer(int field) {
    return slotOfField[field] >= Role.COUNT;
  }

  /** Index of the field of this rank among those that can name the payer. */
  int payerField(int rank) {
    return fieldOfSlot[Role.COUNT + rank];
  }

  /** A payer's value without the escapes that a plugin has put on. */
  byte[] payerBytes(int rank, byte[] bytes, int from, int to) {
    return field(payerField(rank)).escaped()
        ? JsonText.unescape(bytes, from, to)
        : Arrays.copyOfRange(bytes, from, to);
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
