package dev.taximeter.contract.yaml;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A value of the file with its place. Each reading method returns null after it has reported why it
 * cannot read the value.
 *
 * @param path field path such as {@code accounts[0].plan}
 */
public record Value(Problems problems, Node node, String path) {
  /** Characters of an id or name. */
  public static final int LONGEST_ID = 64;

  /** Characters of a text that people read, and of a glob. */
  public static final int LONGEST_TEXT = 256;

  /** Elements of one list. */
  private static final int LONGEST_LIST = 100_000;

  /** Characters of a number: more than a column of 38 digits can hold. */
  private static final int LONGEST_NUMBER = 40;

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]*");
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern RFC_3339 =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})");
  private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
  private static final int NANOS_PER_MILLI = 1_000_000;

  public void problem(String rest) {
    problems.add(node.getStartMark(), path + " " + rest);
  }

  /** Whether the field is there but nothing is written behind it. */
  public boolean isNull() {
    return node instanceof ScalarNode scalar
        && scalar.isPlain()
        && (scalar.getValue().isEmpty()
            || scalar.getValue().equals("~")
            || scalar.getValue().equals("null"));
  }

  /** Any scalar, as it is written. Callers decide whether it may be shown. */
  public @Nullable String scalar() {
    if (node instanceof ScalarNode scalar && !isNull()) {
      return scalar.getValue();
    }
    problem("must be a single value");
    return null;
  }

  /** Printable text of 1 to {@code longest} characters. */
  public @Nullable String text(int longest) {
    String text = scalar();
    if (text == null) {
      return null;
    }
    boolean printable = text.chars().noneMatch(Character::isISOControl);
    if (text.isBlank() || text.length() > longest || !printable) {
      problem("must be 1 to %d printable characters".formatted(longest));
      return null;
    }
    return text;
  }

  public @Nullable String id() {
    String text = scalar();
    if (text == null) {
      return null;
    }
    if (text.length() > LONGEST_ID || !ID.matcher(text).matches()) {
      problem(
          "must be 1 to %d of a-z 0-9 - _ . and begin with a letter or digit, not %s"
              .formatted(LONGEST_ID, shown(text)));
      return null;
    }
    return text;
  }

  public @Nullable String currency() {
    String text = scalar();
    if (text == null) {
      return null;
    }
    TreeSet<String> known = new TreeSet<>();
    for (Currency currency : Currency.getAvailableCurrencies()) {
      // Codes without a minor unit stand for metals and tests.
      if (currency.getDefaultFractionDigits() >= 0) {
        known.add(currency.getCurrencyCode());
      }
    }
    return known.contains(text) ? text : unknown(text, "an ISO 4217 currency code", known);
  }

  public @Nullable ZoneId zone() {
    String text = scalar();
    if (text == null) {
      return null;
    }
    if (ZoneId.getAvailableZoneIds().contains(text)) {
      return ZoneId.of(text);
    }
    unknown(text, "an IANA time zone", ZoneId.getAvailableZoneIds());
    return null;
  }

  /**
   * @param codes in the order of {@code constants}
   */
  public <E> @Nullable E oneOf(List<E> constants, List<String> codes) {
    String text = scalar();
    if (text == null) {
      return null;
    }
    int index = codes.indexOf(text);
    if (index < 0) {
      unknown(text, "one of its values", codes);
      return null;
    }
    return constants.get(index);
  }

  public @Nullable Instant instant() {
    String text = scalar();
    if (text == null) {
      return null;
    }
    try {
      if (RFC_3339.matcher(text).matches()) {
        Instant instant = OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
        if (!instant.isBefore(EARLIEST)
            && instant.isBefore(LATEST)
            && instant.getNano() % NANOS_PER_MILLI == 0) {
          return instant;
        }
      }
    } catch (DateTimeException e) {
      // Reported below: a date that does not exist.
    }
    problem(
        "must be an RFC 3339 instant from 1970 to 2199 with at most milliseconds, such as"
            + " 2026-01-01T00:00:00Z, not "
            + shown(text));
    return null;
  }

  public @Nullable Long wholeNumber(long least, long most) {
    String text = scalar();
    if (text == null) {
      return null;
    }
    if (WHOLE.matcher(text).matches()) {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    problem("must be a whole number from %d to %d, not %s".formatted(least, most, shown(text)));
    return null;
  }

  /**
   * An exact decimal, quoted or not, read from its digits as they are written.
   *
   * @param scale most digits after the point, trailing zeros aside
   */
  public @Nullable BigDecimal decimal(int scale, boolean zeroAllowed, BigDecimal most) {
    String text = scalar();
    if (text == null) {
      return null;
    }
    if (text.length() > LONGEST_NUMBER || !DECIMAL.matcher(text).matches()) {
      problem(
          "must be a decimal such as \"0.40\", without exponent or separators, not " + shown(text));
      return null;
    }
    BigDecimal number = new BigDecimal(text);
    if (number.signum() < 0 || (number.signum() == 0 && !zeroAllowed)) {
      problem("must be %s, not %s".formatted(zeroAllowed ? "0 or more" : "above 0", text));
      return null;
    }
    if (number.compareTo(most) > 0) {
      problem("must be at most %s, not %s".formatted(Decimals.plain(most), text));
      return null;
    }
    BigDecimal plain = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    if (plain.scale() > scale) {
      problem(
          "has %d digits after the point where %d can be kept exactly: %s"
              .formatted(plain.scale(), scale, text));
      return null;
    }
    return plain.scale() < 0 ? plain.setScale(0) : plain;
  }

  /** The list's elements, or none after a report. */
  public List<Value> elements() {
    if (!(node instanceof SequenceNode sequence)) {
      problem("must be a list");
      return List.of();
    }
    List<Node> nodes = sequence.getValue();
    if (nodes.size() > LONGEST_LIST) {
      problem("has %d elements, more than %d".formatted(nodes.size(), LONGEST_LIST));
      return List.of();
    }
    List<Value> elements = new ArrayList<>(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      elements.add(new Value(problems, nodes.get(i), path + "[" + i + "]"));
    }
    return elements;
  }

  /**
   * @param kind what the mapping is, with its article
   * @param names its fields
   */
  public @Nullable Fields fields(String kind, String... names) {
    if (node instanceof MappingNode mapping) {
      return new Fields(this, mapping, kind, Arrays.asList(names));
    }
    problem("must be " + kind + " with the fields " + String.join(", ", names));
    return null;
  }

  private @Nullable String unknown(String text, String what, Collection<String> valid) {
    problem("is not " + what + ": " + shown(text) + Nearest.hint(text, valid));
    return null;
  }

  /** A wrong value as it may stand in a sentence: short and on one line. */
  public static String shown(String text) {
    String clean = text.codePoints().anyMatch(Character::isISOControl) ? "?" : text;
    return clean.length() <= LONGEST_ID ? clean : clean.substring(0, LONGEST_ID) + "...";
  }
}
