package dev.taximeter.ship;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses gzip, any number of members one after another. Unlike the JDK's own stream it takes
 * what follows a member for a member or for damage, never silently for the end: lines would be
 * lost.
 */
final class GzipMembersInputStream extends InputStream {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MAGIC_FIRST = 0x1f;
  private static final int MAGIC_SECOND = 0x8b;
  private static final int DEFLATE = 8;
  private static final int FLAG_HEADER_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;
  private static final int RESERVED_FLAGS = 0xe0;
  private static final int TIME_AND_SYSTEM_BYTES = 6;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int next;
  private int end;
  private boolean inMember;
  private boolean done;

  /**
   * @param in closed with this
   */
  GzipMembersInputStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!done) {
      if (!inMember) {
        beginMember();
        continue;
      }
      int count = inflate(bytes, offset, length);
      if (count > 0) {
        checksum.update(bytes, offset, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw new ZipException("a preset dictionary is needed");
      } else if (inflater.needsInput()) {
        fill();
        inflater.setInput(buffer, next, end - next);
        next = end;
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int offset, int length) throws ZipException {
    try {
      return inflater.inflate(bytes, offset, length);
    } catch (DataFormatException e) {
      throw new ZipException("damaged data: " + e.getMessage());
    }
  }

  private void beginMember() throws IOException {
    int first = peek();
    if (first == 0) {
      // Tapes and some tools pad with zeros, which end the data.
      while (peek() == 0) {
        next++;
      }
      first = peek();
      if (first >= 0) {
        throw new ZipException("something other than gzip data follows the padding");
      }
    }
    if (first < 0) {
      done = true;
      return;
    }
    if (take() != MAGIC_FIRST || take() != MAGIC_SECOND) {
      throw new ZipException("not gzip data, or something else behind it");
    }
    int method = take();
    int flags = take();
    if (method != DEFLATE || (flags & RESERVED_FLAGS) != 0) {
      throw new ZipException("a kind of gzip data that does not exist");
    }
    skip(TIME_AND_SYSTEM_BYTES);
    if ((flags & FLAG_EXTRA) != 0) {
      skip(take() | take() << 8);
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_HEADER_CRC) != 0) {
      skip(2);
    }
    inflater.reset();
    checksum.reset();
    inflater.setInput(buffer, next, end - next);
    next = end;
    inMember = true;
  }

  private void endMember() throws IOException {
    next = end - inflater.getRemaining();
    long expectedChecksum = takeInt();
    long expectedLength = takeInt();
    if (expectedChecksum != checksum.getValue()
        || expectedLength != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("the checksum does not match the data");
    }
    inMember = false;
  }

  private long takeInt() throws IOException {
    return take() | (long) take() << 8 | (long) take() << 16 | (long) take() << 24;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      take();
    }
  }

  private void skipText() throws IOException {
    while (take() != 0) {
      // Up to the zero that ends it.
    }
  }

  private int take() throws IOException {
    if (next == end) {
      fill();
    }
    return buffer[next++] & 0xff;
  }

  /** The next byte, or -1 at the end of the file. */
  private int peek() throws IOException {
    if (next == end) {
      int count = in.read(buffer);
      if (count < 0) {
        return -1;
      }
      next = 0;
      end = count;
    }
    return buffer[next] & 0xff;
  }

  private void fill() throws IOException {
    int count = in.read(buffer);
    if (count <= 0) {
      throw new EOFException("the file ends in the middle of its data");
    }
    next = 0;
    end = count;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
