package dev.taximeter.ship;

import dev.taximeter.contract.event.ShipperPosition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One file, whatever its name is by now, and how far it has been read. */
final class FollowedFile implements AutoCloseable {
  /** What a reading found. */
  enum Outcome {
    /** Bytes; there may be more. */
    READ,
    /** Nothing new. */
    END,
    /** The file no longer holds what has been read of it. */
    REWRITTEN
  }

  /**
   * Everything that a rollback restores.
   *
   * @param head the file's first bytes, of those before the offset
   * @param tail its last bytes before the offset
   */
  private record State(long offset, byte[] head, byte[] tail) {}

  private final String source;
  private final String fileKey;
  private final int blockBytes;
  private final LineSink sink;

  /** Null while it is not expected to grow. An open file keeps its inode from being used again. */
  private @Nullable FileChannel channel;

  private LineSplitter splitter;
  private State current;
  private State committed;
  private boolean everCommitted;
  private boolean finished;

  /**
   * Whether writers are still expected; a file that is not is done after a while without growth.
   */
  private boolean live;

  private long lastChangeNanos;

  /**
   * @param source path that its lines are said to come from
   * @param fileKey identity of the file
   * @param channel the open file; closed with this
   * @param offset next byte to read
   * @param everCommitted whether a position with this key and offset has been committed
   * @param live whether writers are still expected
   */
  FollowedFile(
      String source,
      String fileKey,
      FileChannel channel,
      long offset,
      boolean everCommitted,
      boolean live,
      long nowNanos,
      int blockBytes,
      LineSink sink)
      throws IOException {
    this.source = source;
    this.fileKey = fileKey;
    this.channel = channel;
    this.blockBytes = blockBytes;
    this.sink = sink;
    this.everCommitted = everCommitted;
    this.live = live;
    this.lastChangeNanos = nowNanos;
    this.splitter = new LineSplitter(offset, blockBytes, sink);
    this.current =
        new State(offset, FileContent.head(channel, offset), FileContent.tail(channel, offset));
    this.committed = current;
  }

  String fileKey() {
    return fileKey;
  }

  long offset() {
    return current.offset;
  }

  void setLive(boolean live, long nowNanos) {
    if (this.live != live) {
      this.live = live;
      this.lastChangeNanos = nowNanos;
    }
  }

  boolean isLive() {
    return live;
  }

  @Nullable FileChannel channel() {
    return channel;
  }

  /** Reads on, after a file that was thought complete has grown. */
  void reopen(FileChannel reopened, long nowNanos) {
    channel = reopened;
    finished = false;
    lastChangeNanos = nowNanos;
  }

  /** Reads one block and passes on its lines. */
  Outcome read(long nowNanos) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      return Outcome.END;
    }
    long position = splitter.consumed() + splitter.unfinished();
    int count = open.read(splitter.room(), position);
    // Looked at after reading, so that bytes written by a rewrite are never taken for what follows.
    if (isRewritten(open, position)) {
      return Outcome.REWRITTEN;
    }
    if (count <= 0) {
      return Outcome.END;
    }
    splitter.filled(count);
    lastChangeNanos = nowNanos;
    finished = false;
    advance(open);
    return Outcome.READ;
  }

  /**
   * @return whether the file no longer holds what has been read of it
   */
  boolean isRewritten() throws IOException {
    FileChannel open = channel;
    return open != null && isRewritten(open, splitter.consumed() + splitter.unfinished());
  }

  private boolean isRewritten(FileChannel open, long position) throws IOException {
    byte[] head = current.head;
    return open.size() < position || !Arrays.equals(head, FileContent.read(open, 0, head.length));
  }

  private void advance(FileChannel open) throws IOException {
    long offset = splitter.consumed();
    if (offset != current.offset) {
      byte[] head =
          current.head.length == FileContent.WITNESS_BYTES
              ? current.head
              : FileContent.head(open, offset);
      current = new State(offset, head, FileContent.tail(open, offset));
    }
  }

  /**
   * @return whether no writer is expected and nothing has come for a while
   */
  boolean isQuiet(long nowNanos, long graceNanos) {
    return !live && nowNanos - lastChangeNanos >= graceNanos;
  }

  /** Takes the rest as a line, since no more is expected. */
  void finish() throws IOException {
    FileChannel open = channel;
    if (!finished && open != null) {
      splitter.finish();
      advance(open);
      finished = true;
    }
  }

  /**
   * @return whether all of it has been read and committed
   */
  boolean isDone() {
    return finished && !hasChanged();
  }

  /**
   * @return whether its position must be committed
   */
  boolean hasChanged() {
    return !everCommitted || current.offset != committed.offset;
  }

  ShipperPosition position(String host) {
    return new ShipperPosition(
        host,
        source,
        fileKey,
        FileContent.checksum(current.head),
        current.head.length,
        FileContent.checksum(current.tail),
        current.offset);
  }

  void committed() {
    committed = current;
    everCommitted = true;
  }

  void rolledBack() {
    current = committed;
    splitter = new LineSplitter(current.offset, blockBytes, sink);
    finished = false;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
      splitter = new LineSplitter(current.offset, blockBytes, sink);
    }
  }
}
