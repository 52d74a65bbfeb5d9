package dev.taximeter.streams.landing;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes one row in ClickHouse's {@code TabSeparated} format. Refuses what a column cannot hold, so
 * that nothing lands that differs from what was sent.
 *
 * <p>Not a binary format: the embedded engine takes two line feeds in a row for the end of the
 * data. No row contains them, because line feeds within values are escaped and no row is empty.
 */
final class TabSeparated {
  /** First instant that no column of type {@code DateTime} can hold. */
  static final Instant END_OF_TIME = Instant.parse("2106-01-01T00:00:00Z");

  private static final int ID_CHARACTERS = 32;
  private static final int INITIAL_CHARACTERS = 512;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final int MAX_UNSIGNED_16 = 0xffff;

  private final StringBuilder text = new StringBuilder(INITIAL_CHARACTERS);

  /**
   * @return the row with its line feed, in UTF-8
   */
  byte[] toBytes() {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Comes before each value but the first. */
  void next() {
    text.append('\t');
  }

  void text(String value) {
    for (int i = 0; i < value.length(); i++) {
      escaped(value.charAt(i));
    }
  }

  void flag(boolean value) {
    text.append(value);
  }

  void unsigned16(int value) {
    if (value < 0 || value > MAX_UNSIGNED_16) {
      throw new UnlandableException("a number does not fit 16 bits");
    }
    text.append(value);
  }

  /** {@code UInt64}, of which our numbers use 63 bits. */
  void unsigned(long value) {
    if (value < 0) {
      throw new UnlandableException("a count is negative");
    }
    text.append(value);
  }

  /** The largest {@code UInt64}. */
  void unbounded() {
    text.append(Long.toUnsignedString(-1));
  }

  void signed(long value) {
    text.append(value);
  }

  /** {@code DateTime64(3, 'UTC')}. */
  void millis(Instant value) {
    checkRange(value);
    dateTime(value);
    int millis = value.getNano() / NANOS_PER_MILLI;
    text.append(millis < 100 ? ".0" : ".");
    padded(millis);
  }

  /** {@code DateTime('UTC')}. */
  void seconds(Instant value) {
    checkRange(value);
    dateTime(value);
  }

  /** {@code Decimal(38, 12)}. */
  void decimal(BigDecimal value) {
    if (!Decimals.isExact(value)) {
      throw new UnlandableException("an amount does not fit " + Decimals.SCALE + " decimal places");
    }
    text.append(Decimals.plain(value));
  }

  /**
   * @param hex 32 hex digits
   */
  void uuid(String hex) {
    if (!isId(hex)) {
      throw new UnlandableException("an id is not 32 hex digits");
    }
    text.append(hex);
  }

  /** There are several in every row: a formatter would take longer than all the rest of it. */
  private void dateTime(Instant value) {
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(value.getEpochSecond(), SECONDS_PER_DAY));
    int second = (int) Math.floorMod(value.getEpochSecond(), SECONDS_PER_DAY);
    text.append(date.getYear()).append('-');
    padded(date.getMonthValue());
    text.append('-');
    padded(date.getDayOfMonth());
    text.append(' ');
    padded(second / 3600);
    text.append(':');
    padded(second / 60 % 60);
    text.append(':');
    padded(second % 60);
  }

  /** At least two digits. */
  private void padded(int number) {
    if (number < 10) {
      text.append('0');
    }
    text.append(number);
  }

  private static boolean isId(String hex) {
    if (hex.length() != ID_CHARACTERS) {
      return false;
    }
    for (int i = 0; i < ID_CHARACTERS; i++) {
      char digit = hex.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
  }

  <E> void array(List<E> elements, BiConsumer<TabSeparated, E> element) {
    text.append('[');
    String separator = "";
    for (E each : elements) {
      text.append(separator);
      element.accept(this, each);
      separator = ",";
    }
    text.append(']');
  }

  /** A text or an instant within an array. */
  <E> void quoted(BiConsumer<TabSeparated, E> writer, E value) {
    text.append('\'');
    writer.accept(this, value);
    text.append('\'');
  }

  private void escaped(char character) {
    switch (character) {
      case '\t' -> text.append("\\t");
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\b' -> text.append("\\b");
      case '\f' -> text.append("\\f");
      case '\0' -> text.append("\\0");
      case '\'' -> text.append("\\'");
      case '\\' -> text.append("\\\\");
      default -> text.append(character);
    }
  }

  private static void checkRange(Instant value) {
    if (value.isBefore(Instant.EPOCH) || !value.isBefore(END_OF_TIME)) {
      throw new UnlandableException("an instant is outside of 1970 to 2105");
    }
  }
}
