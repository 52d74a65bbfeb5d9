package dev.taximeter.standalone.engine;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * A request text that grows outside of the Java heap, so that large inserts need neither a large
 * heap nor a second copy. All texts together share one budget.
 */
final class NativeText implements AutoCloseable {
  private static final int FIRST_CAPACITY_BYTES = 64 * 1024;
  private static final int READ_BYTES = 64 * 1024;
  private static final int KIBIBYTE = 1024;
  private static final long NONE = -1;

  private final long mostBytes;
  private final Semaphore budgetKibibytes;
  private Memory memory;
  private int heldKibibytes;
  private long length;
  private boolean endsWithLineFeed;
  private long lastEmptyLine = NONE;

  /**
   * @param mostBytes a longer text is refused
   * @param budgetKibibytes memory that all texts share
   */
  NativeText(long mostBytes, Semaphore budgetKibibytes) throws EngineException {
    this.mostBytes = mostBytes;
    this.budgetKibibytes = budgetKibibytes;
    hold(FIRST_CAPACITY_BYTES);
    this.memory = new Memory(FIRST_CAPACITY_BYTES);
  }

  void append(String text) throws EngineException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    append(bytes, bytes.length);
  }

  void append(InputStream input) throws IOException, EngineException {
    byte[] chunk = new byte[READ_BYTES];
    for (int count = input.read(chunk); count >= 0; count = input.read(chunk)) {
      append(chunk, count);
    }
  }

  private void append(byte[] bytes, int count) throws EngineException {
    if (length + count > mostBytes) {
      throw EngineException.tooLarge(mostBytes);
    }
    if (length + count > memory.size()) {
      grow(Math.max(memory.size() * 2, length + count));
    }
    findEmptyLines(bytes, count);
    memory.write(length, bytes, 0, count);
    length += count;
  }

  /** While the bytes are on the heap: outside of it, looking at each costs many times as much. */
  private void findEmptyLines(byte[] bytes, int count) {
    boolean lineFeed = endsWithLineFeed;
    for (int i = 0; i < count; i++) {
      boolean another = bytes[i] == '\n';
      if (another && lineFeed) {
        lastEmptyLine = length + i - 1;
      }
      lineFeed = another;
    }
    endsWithLineFeed = lineFeed;
  }

  private void grow(long capacity) throws EngineException {
    hold(capacity);
    Memory larger = new Memory(capacity);
    larger.getByteBuffer(0, length).put(memory.getByteBuffer(0, length));
    Memory smaller = memory;
    memory = larger;
    release(smaller);
  }

  private void hold(long capacity) throws EngineException {
    int kibibytes = kibibytes(capacity);
    if (!budgetKibibytes.tryAcquire(kibibytes)) {
      throw EngineException.of(
          EngineException.TOO_MANY_SIMULTANEOUS_QUERIES,
          "the requests under way fill the memory set aside for them; try again");
    }
    heldKibibytes += kibibytes;
  }

  private void release(Memory unused) {
    int kibibytes = kibibytes(unused.size());
    unused.close();
    budgetKibibytes.release(kibibytes);
    heldKibibytes -= kibibytes;
  }

  private static int kibibytes(long bytes) {
    return Math.toIntExact((bytes + KIBIBYTE - 1) / KIBIBYTE);
  }

  /**
   * @return where the last two line feeds in a row begin; negative if there are none
   */
  long lastIndexOfEmptyLine() {
    return lastEmptyLine;
  }

  Pointer pointer() {
    return memory;
  }

  /** In bytes. */
  long length() {
    return length;
  }

  @Override
  public void close() {
    if (heldKibibytes > 0) {
      release(memory);
    }
  }
}
