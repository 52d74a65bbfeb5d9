package dev.taximeter.parse;

import dev.taximeter.contract.security.KeyText;
import org.jspecify.annotations.Nullable;

/**
 * The values of one line that may be believed, by role, and those that name its payer. A value that
 * is not here must not be guessed: the line does not have the field, or a client may have written
 * it.
 */
final class LineFields {
  /** How a plugin writes a separate field that it could not find. */
  private static final byte[] NIL = Bytes.ascii("<nil>");

  private final Layout layout;
  private final byte[] line;

  /** By slot: index of the first byte, plus one; 0 if the value is not known. */
  private final int[] starts;

  private final int[] ends;

  /** Roles of which the line names values that are not believed, a bit each. */
  private long contested;

  /** Values that do not stand in the line as they are; made for the first of them. */
  private byte @Nullable [] @Nullable [] decoded;

  private AiLog aiLog = AiLog.MISSING;

  LineFields(Layout layout, byte[] line) {
    this.layout = layout;
    this.line = line;
    starts = new int[layout.slots()];
    ends = new int[layout.slots()];
  }

  /** Nothing of the line may be believed. */
  static LineFields none(Layout layout) {
    return new LineFields(layout, new byte[0]);
  }

  /** Keeps a value that stands in the line. */
  void put(int slot, int from, int to) {
    starts[slot] = from + 1;
    ends[slot] = to;
  }

  /** Keeps a value that had to be decoded. */
  void putDecoded(int slot, byte[] value) {
    if (decoded == null) {
      decoded = new byte[starts.length][];
    }
    decoded[slot] = value;
    put(slot, 0, value.length);
  }

  /** The line names one value or several, and which of them is the gateway's is not known. */
  void contest(int slot) {
    contested |= slot < Role.COUNT ? 1L << slot : 0;
  }

  /**
   * Whether values are named of which none is believed, and one of them is like this. Unless the
   * line was cut before it the gateway's is among them, so if none is, neither is that.
   */
  boolean isAnyContested(Role role, ValueReader<Boolean> test) {
    if ((contested >> role.ordinal() & 1) == 0 || knows(role)) {
      return false;
    }
    byte[] opening = layout.field(layout.fieldOf(role)).opening();
    int at = Bytes.indexOf(line, 0, line.length, opening);
    while (at >= 0) {
      int from = at + opening.length;
      int quote = Bytes.indexOf(line, from, line.length, '"');
      int to = quote < 0 ? line.length : quote;
      if (Boolean.TRUE.equals(test.read(line, from, to))) {
        return true;
      }
      at = Bytes.indexOf(line, from, line.length, opening);
    }
    return false;
  }

  void putAiLog(AiLog value) {
    aiLog = value;
  }

  AiLog aiLog() {
    return aiLog;
  }

  boolean knows(Role role) {
    return starts[role.ordinal()] > 0;
  }

  /** Whether it is known that there is no value: {@code -}, nothing, or JSON's null. */
  boolean isAbsent(Role role) {
    return knows(role) && isAbsent(role.ordinal());
  }

  private boolean isAbsent(int slot) {
    int length = ends[slot] - from(slot);
    return length == 0 || (length == 1 && bytes(slot)[from(slot)] == '-');
  }

  boolean is(Role role, byte[] wanted) {
    int slot = role.ordinal();
    return knows(role) && Bytes.equal(bytes(slot), from(slot), ends[slot], wanted);
  }

  boolean startsWith(Role role, byte[] wanted) {
    int slot = role.ordinal();
    return knows(role) && Bytes.startsWith(bytes(slot), from(slot), ends[slot], wanted);
  }

  boolean endsWith(Role role, byte[] wanted) {
    int slot = role.ordinal();
    return knows(role) && Bytes.endsWith(bytes(slot), from(slot), ends[slot], wanted);
  }

  boolean contains(Role role, byte[] wanted) {
    int slot = role.ordinal();
    return knows(role) && Bytes.indexOf(bytes(slot), from(slot), ends[slot], wanted) >= 0;
  }

  /** The value's decimal digits as a number, or -1 if it is not known or no number. */
  long number(Role role) {
    int slot = role.ordinal();
    return knows(role) ? Numbers.digits(bytes(slot), from(slot), ends[slot]) : -1;
  }

  /** Applies a function to the bytes of a value; null if it is not known. */
  <T> @Nullable T read(Role role, ValueReader<T> reader) {
    int slot = role.ordinal();
    return knows(role) ? reader.read(bytes(slot), from(slot), ends[slot]) : null;
  }

  /** Reads the bytes from {@code from} to before {@code to}. */
  interface ValueReader<T> {
    @Nullable T read(byte[] bytes, int from, int to);
  }

  /**
   * Whether it is certain who pays, which may be nobody: every field that could name the payer is
   * known, up to the first that does.
   */
  boolean knowsPayer() {
    for (int rank = 0; rank < layout.payers(); rank++) {
      int slot = Role.COUNT + rank;
      if (starts[slot] == 0) {
        return false;
      }
      if (!namesNobody(slot, rank)) {
        return true;
      }
    }
    return true;
  }

  /** The payer's key, as {@link KeyText#of}; null if there is none, or if it is not certain. */
  @Nullable String payer() {
    for (int rank = 0; rank < layout.payers(); rank++) {
      int slot = Role.COUNT + rank;
      if (starts[slot] == 0) {
        return null;
      }
      if (!namesNobody(slot, rank)) {
        return KeyText.of(payerBytes(slot, rank));
      }
    }
    return null;
  }

  /** Whether a payer's value, decoded, names nobody. */
  static boolean isNobody(String key) {
    return key.isEmpty() || key.equals("-") || key.equals("<nil>");
  }

  private boolean namesNobody(int slot, int rank) {
    if (isAbsent(slot)) {
      return true;
    }
    byte[] bytes = bytes(slot);
    byte first = bytes[from(slot)];
    if (first != NIL[0] && first != '\\') {
      return false;
    }
    byte[] key = payerBytes(slot, rank);
    return Bytes.equal(key, 0, key.length, NIL);
  }

  /** The value without the escapes that a plugin has put on. */
  private byte[] payerBytes(int slot, int rank) {
    return layout.payerBytes(rank, bytes(slot), from(slot), ends[slot]);
  }

  private byte[] bytes(int slot) {
    byte[] own = decoded == null ? null : decoded[slot];
    return own == null ? line : own;
  }

  private int from(int slot) {
    return starts[slot] - 1;
  }
}
