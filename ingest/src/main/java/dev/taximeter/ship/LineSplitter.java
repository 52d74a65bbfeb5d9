package dev.taximeter.ship;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Splits a stream of bytes into lines: the bytes before LF or CRLF, unless there are none. Holds
 * one block and the longest line at most.
 */
final class LineSplitter {
  /** Longest line that is shipped whole. */
  static final int LONGEST_LINE_BYTES = 10 * 1024 * 1024;

  /** What is shipped of a longer line, so that it is seen and quarantined. */
  static final int TRUNCATED_LINE_BYTES = 64 * 1024;

  private final LineSink sink;
  private final int blockBytes;

  /** Empty until bytes are expected: most files that are followed do not grow any more. */
  private byte[] buffer = new byte[0];

  /** Where the unfinished line begins, where no line end has been looked for, where bytes end. */
  private int start;

  private int searched;
  private int end;

  /** Offset in the stream of the unfinished line. */
  private long lineOffset;

  /** Beginning of a line that is too long; empty for other lines. */
  private byte[] truncated = new byte[0];

  /** Bytes of a line that is too long which are no longer in the buffer. */
  private long dropped;

  /**
   * @param offset in the stream of the first byte that will come
   * @param blockBytes most bytes that are asked for at once
   */
  LineSplitter(long offset, int blockBytes, LineSink sink) {
    this.lineOffset = offset;
    this.blockBytes = blockBytes;
    this.sink = sink;
  }

  /**
   * @return room for the next bytes, at least one; tell {@link #filled} how many came
   */
  ByteBuffer room() {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      searched -= start;
      start = 0;
    }
    if (end == 0 && buffer.length != blockBytes) {
      buffer = new byte[blockBytes];
    }
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    return ByteBuffer.wrap(buffer, end, Math.min(blockBytes, buffer.length - end));
  }

  /** Splits bytes that have been put into {@link #room}, and passes on the lines they complete. */
  void filled(int count) {
    end += count;
    for (int i = searched; i < end; i++) {
      if (buffer[i] == '\n') {
        endLine(i, i + 1);
      }
    }
    searched = end;
    // One more for the CR that does not belong to the line.
    if (dropped + (end - start) > LONGEST_LINE_BYTES + 1) {
      drop();
    }
  }

  /** Takes what has no line end as a line: no more will come. */
  void finish() {
    if (unfinished() > 0) {
      endLine(end, end);
      searched = end;
    }
  }

  /**
   * @return offset after the last complete line
   */
  long consumed() {
    return lineOffset;
  }

  /**
   * @return bytes that came after {@link #consumed}
   */
  long unfinished() {
    return dropped + (end - start);
  }

  private void endLine(int contentEnd, int next) {
    int to = contentEnd > start && buffer[contentEnd - 1] == '\r' ? contentEnd - 1 : contentEnd;
    if (dropped + (to - start) > LONGEST_LINE_BYTES) {
      drop();
      sink.line(lineOffset, truncated, 0, truncated.length, true);
      lineOffset += dropped - (end - next);
      truncated = new byte[0];
      dropped = 0;
    } else {
      if (to > start) {
        sink.line(lineOffset, buffer, start, to, false);
      }
      lineOffset += next - start;
    }
    start = next;
  }

  private void drop() {
    if (truncated.length == 0) {
      truncated = Arrays.copyOfRange(buffer, start, start + TRUNCATED_LINE_BYTES);
    }
    dropped += end - start;
    start = end;
  }
}
