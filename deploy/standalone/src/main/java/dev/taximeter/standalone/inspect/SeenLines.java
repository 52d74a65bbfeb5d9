package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.security.LineIdentity;
import java.nio.ByteBuffer;

/**
 * Remembers lines by their identity, 18 bytes each at most two thirds full, up to a bound. Not
 * thread-safe.
 */
final class SeenLines {
  /** Lines remembered: 150 MB. */
  static final int MOST_LINES = 6_000_000;

  private static final int FIRST_SLOTS = 1 << 16;

  /** Slots are doubled when three of four are taken. */
  private static final int MOST_TAKEN_OF_FOUR = 3;

  private final int mostLines;
  private long[] high = new long[FIRST_SLOTS];
  private long[] low = new long[FIRST_SLOTS];

  /** Where the line was first seen; files beyond the range of the type count as one. */
  private char[] file = new char[FIRST_SLOTS];

  private int lines;
  private boolean full;

  SeenLines() {
    this(MOST_LINES);
  }

  SeenLines(int mostLines) {
    this.mostLines = mostLines;
  }

  /** What a line is, compared with those before it. */
  enum Seen {
    FIRST,
    /**
     * The same bytes stand in the same file: an honest twin, or a request that was played twice.
     */
    IN_THIS_FILE,
    /** The same bytes stand in an earlier file: the files overlap. */
    IN_EARLIER_FILE
  }

  /**
   * Looks a line up and remembers it.
   *
   * @param identity {@value LineIdentity#BYTES} bytes
   * @param fileNumber of the file that it stands in
   */
  Seen add(byte[] identity, int fileNumber) {
    ByteBuffer buffer = ByteBuffer.wrap(identity);
    long first = buffer.getLong();
    // A slot of zeros is empty.
    long second = buffer.getLong() | 1;
    char from = (char) Math.min(fileNumber, Character.MAX_VALUE);
    int slot = slot(first, second);
    if (low[slot] != 0) {
      return file[slot] == from ? Seen.IN_THIS_FILE : Seen.IN_EARLIER_FILE;
    }
    if (lines == mostLines) {
      full = true;
      return Seen.FIRST;
    }
    put(slot, first, second, from);
    lines++;
    if (lines > low.length / 4 * MOST_TAKEN_OF_FOUR) {
      grow();
    }
    return Seen.FIRST;
  }

  /** Whether some lines were not remembered, so that copies of them were not recognised. */
  boolean isFull() {
    return full;
  }

  private int slot(long first, long second) {
    int mask = low.length - 1;
    int slot = (int) first & mask;
    while (low[slot] != 0 && (low[slot] != second || high[slot] != first)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void put(int slot, long first, long second, char from) {
    high[slot] = first;
    low[slot] = second;
    file[slot] = from;
  }

  private void grow() {
    long[] oldHigh = high;
    long[] oldLow = low;
    char[] oldFile = file;
    high = new long[oldHigh.length * 2];
    low = new long[oldLow.length * 2];
    file = new char[oldFile.length * 2];
    for (int i = 0; i < oldLow.length; i++) {
      if (oldLow[i] != 0) {
        put(slot(oldHigh[i], oldLow[i]), oldHigh[i], oldLow[i], oldFile[i]);
      }
    }
  }
}
