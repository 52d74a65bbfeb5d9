package dev.taximeter.streams.landing;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
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
  private static final int FIRST_BYTES = 1_024;
  private static final int MOST_DIGITS = 20;
  private static final int TEN = 10;
  private static final int FIRST_BEYOND_ASCII = 0x80;

  /** Stands for no letter. */
  private static final char NOT_ESCAPED = 0;

  private static final int UNSIGNED_BYTE = 0xff;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final int MAX_UNSIGNED_16 = 0xffff;

  /** There are forty values in the row of an event: they are written where they stay. */
  private byte[] bytes = new byte[FIRST_BYTES];

  private int size;

  /** Most instants lie on the day of the one before. */
  private LocalDate lastDate = LocalDate.EPOCH;

  private long lastEpochDay;

  /** Begins the next row. */
  void begin() {
    size = 0;
  }

  /**
   * @return the row with its line feed, in UTF-8
   */
  byte[] toBytes() {
    append('\n');
    return Arrays.copyOf(bytes, size);
  }

  /** Comes before each value but the first. */
  void next() {
    append('\t');
  }

  void text(String value) {
    int length = value.length();
    reserve(2 * length);
    for (int i = 0; i < length; i++) {
      char character = value.charAt(i);
      if (character >= FIRST_BEYOND_ASCII) {
        encoded(value, i);
        return;
      }
      escaped(character);
    }
  }

  /** The rest of a text, from the first character on that takes more than a byte. */
  private void encoded(String value, int start) {
    for (byte each : value.substring(start).getBytes(StandardCharsets.UTF_8)) {
      escaped((char) (each & UNSIGNED_BYTE));
    }
  }

  void flag(boolean value) {
    append(Boolean.toString(value));
  }

  void unsigned16(int value) {
    if (value < 0 || value > MAX_UNSIGNED_16) {
      throw new UnlandableException("a number does not fit 16 bits");
    }
    append(value);
  }

  /** {@code UInt64}, of which our numbers use 63 bits. */
  void unsigned(long value) {
    if (value < 0) {
      throw new UnlandableException("a count is negative");
    }
    append(value);
  }

  /** The largest {@code UInt64}. */
  void unbounded() {
    append(Long.toUnsignedString(-1));
  }

  void signed(long value) {
    append(value);
  }

  /** {@code DateTime64(3, 'UTC')}. */
  void millis(Instant value) {
    checkRange(value);
    dateTime(value);
    int millis = value.getNano() / NANOS_PER_MILLI;
    append(millis < 100 ? ".0" : ".");
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
    append(Decimals.plain(value));
  }

  /**
   * @param hex 32 hex digits
   */
  void uuid(String hex) {
    if (!isId(hex)) {
      throw new UnlandableException("an id is not 32 hex digits");
    }
    append(hex);
  }

  /** There are several in every row: a formatter would take longer than all the rest of it. */
  private void dateTime(Instant value) {
    LocalDate date = date(Math.floorDiv(value.getEpochSecond(), SECONDS_PER_DAY));
    int second = (int) Math.floorMod(value.getEpochSecond(), SECONDS_PER_DAY);
    append(date.getYear());
    append('-');
    padded(date.getMonthValue());
    append('-');
    padded(date.getDayOfMonth());
    append(' ');
    padded(second / 3600);
    append(':');
    padded(second / 60 % 60);
    append(':');
    padded(second % 60);
  }

  private LocalDate date(long epochDay) {
    if (epochDay != lastEpochDay) {
      lastEpochDay = epochDay;
      lastDate = LocalDate.ofEpochDay(epochDay);
    }
    return lastDate;
  }

  /** At least two digits. */
  private void padded(int number) {
    if (number < 10) {
      append('0');
    }
    append(number);
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
    append('[');
    String separator = "";
    for (E each : elements) {
      append(separator);
      element.accept(this, each);
      separator = ",";
    }
    append(']');
  }

  /** A text or an instant within an array. */
  <E> void quoted(BiConsumer<TabSeparated, E> writer, E value) {
    append('\'');
    writer.accept(this, value);
    append('\'');
  }

  private void escaped(char character) {
    char letter =
        switch (character) {
          case '\t' -> 't';
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\b' -> 'b';
          case '\f' -> 'f';
          case '\0' -> '0';
          case '\'', '\\' -> character;
          default -> NOT_ESCAPED;
        };
    if (letter == NOT_ESCAPED) {
      append(character);
    } else {
      append('\\');
      append(letter);
    }
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
    }
  }

  /** ASCII only. */
  private void append(char character) {
    reserve(1);
    bytes[size++] = (byte) character;
  }

  /** ASCII only. */
  private void append(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
  }

  private void append(long number) {
    if (number < 0) {
      append(Long.toString(number));
      return;
    }
    reserve(MOST_DIGITS);
    int digits = 1;
    for (long rest = number / TEN; rest > 0; rest /= TEN) {
      digits++;
    }
    size += digits;
    long rest = number;
    for (int i = 1; i <= digits; i++) {
      bytes[size - i] = (byte) ('0' + rest % TEN);
      rest /= TEN;
    }
  }

  private static void checkRange(Instant value) {
    if (value.isBefore(Instant.EPOCH) || !value.isBefore(END_OF_TIME)) {
      throw new UnlandableException("an instant is outside of 1970 to 2105");
    }
  }
}
