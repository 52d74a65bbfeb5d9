package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.ShipperPosition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One file, whatever its name is by now, and how far it has been read. */
final class FollowedFile implements ReadFile, AutoCloseable {
  /** A writer that was idle for so long is taken not to have written within the next moment. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** That moment: some polls, each of which may wait for a transaction. */
  private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(2);

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

  /**
   * Bytes read and shipped, or given up, since the last commit.
   *
   * @param to of the bytes shipped; before an unfinished line, if there is one
   * @param size of the file, as far as it was seen
   * @param lostFrom first byte that was given up
   * @param lostTo first byte after; the same if none was
   */
  record Progress(
      String file, long from, long to, long size, boolean ended, long lostFrom, long lostTo) {}

  private final String host;
  private final String source;
  private final String fileKey;
  private final int blockBytes;
  private final LineJoiner joiner;

  /** Null while it is not expected to grow. An open file keeps its inode from being used again. */
  private @Nullable FileChannel channel;

  private LineSplitter splitter;
  private State current;
  private State committed;

  /**
   * While nothing is shipped, the file's first bytes as they were when there first were any, and
   * anew once they are all that its identity depends on. No rollback takes them back.
   */
  private byte[] seen;

  private int committedSeenLength;

  /** Lines of which the end has not come, by stream; the joiner knows them for what was read. */
  private Map<String, Long> committedUnfinished;

  /** Streams whose next line lacks its beginning, as its position tells. */
  private Set<String> committedBeheaded;

  /** Streams whose next line may lack its beginning, as its position tells. */
  private Set<String> committedDoubtful;

  /** As it was when reading resumed. */
  private Map<String, Long> resumedUnfinished;

  /** All else before was shipped when reading resumed. */
  private long shippedUntil;

  /** Null until the file's first line is complete. */
  private @Nullable String identity;

  /** Identity of the directory that it was last seen in under its own name; null if unknown. */
  private @Nullable String directory;

  private @Nullable String committedDirectory;

  private long reportedTo;
  private boolean reportedEnd;
  private long size;
  private long lostFrom;
  private long lostTo;
  private boolean everCommitted;
  private boolean finished;

  /**
   * Whether writers are still expected; a file that is not is done after a while without growth.
   */
  private boolean live;

  private long lastChangeNanos;

  /** When it was last read to its end; {@link #lastChangeNanos} until it was. */
  private long lastEndNanos;

  /**
   * @param position where it was left, and what its lines are said to come from
   * @param fileKey identity of the file
   * @param channel the open file; closed with this
   * @param everCommitted whether a position with this key and offset has been committed
   * @param live whether writers are still expected
   */
  FollowedFile(
      ShipperPosition position,
      String fileKey,
      FileChannel channel,
      boolean everCommitted,
      boolean live,
      long nowNanos,
      int blockBytes,
      LineJoiner joiner)
      throws IOException {
    long offset = position.offset();
    this.host = position.host();
    this.source = position.path();
    this.fileKey = fileKey;
    this.channel = channel;
    this.blockBytes = blockBytes;
    this.joiner = joiner;
    this.everCommitted = everCommitted;
    this.reportedEnd = position.isEnded();
    this.directory = position.directory();
    this.committedDirectory = position.directory();
    this.live = live;
    this.lastChangeNanos = nowNanos;
    this.lastEndNanos = nowNanos;
    this.splitter = new LineSplitter(position.resumeFrom(), blockBytes, this::take);
    this.committedUnfinished = position.unfinished();
    this.committedBeheaded = position.beheaded();
    this.committedDoubtful = position.doubtful();
    this.resumedUnfinished = position.unfinished();
    this.shippedUntil = offset;
    this.reportedTo = position.resumeFrom();
    this.size = channel.size();
    // One that is live again or has grown goes on, whatever was said of it.
    this.finished = position.isEnded() && !live && size <= offset;
    this.current =
        new State(offset, FileContent.head(channel, offset), FileContent.tail(channel, offset));
    this.committed = current;
    this.seen = offset == 0 ? FileContent.read(channel, 0, position.headLength()) : current.head;
    this.committedSeenLength = seen.length;
    if (offset == 0 && FileIdentity.isStable(seen)) {
      this.identity = FileIdentity.of(host, fileKey, seen, seen.length);
    }
  }

  private void take(long offset, byte[] bytes, int from, int to, boolean truncated) {
    joiner.line(this, offset, bytes, from, to, truncated);
  }

  @Override
  public boolean isDone(long offset, WrappedLine.@Nullable Stream stream) {
    if (offset >= shippedUntil) {
      return false;
    }
    Long unfinished = stream == null ? null : resumedUnfinished.get(stream.code());
    return unfinished == null || offset < unfinished;
  }

  /**
   * @return the file's identity for headers and reports
   */
  String identity() {
    return identity == null
        ? FileIdentity.of(host, fileKey, current.head, current.head.length)
        : identity;
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
      finished &= !live;
    }
  }

  boolean isLive() {
    return live;
  }

  /** Notes where it is, so that whoever misses it one day knows where to look. */
  void setDirectory(@Nullable String key) {
    directory = key == null ? directory : key;
  }

  @Nullable FileChannel channel() {
    return channel;
  }

  /** Reads on, after a file that was thought complete has grown, or is written to again. */
  void reopen(FileChannel reopened, long nowNanos) {
    channel = reopened;
    finished = false;
    lastChangeNanos = nowNanos;
  }

  /**
   * Notes what it begins with before any of it is shipped: should it go away unread, another file
   * with its inode must not pass for it.
   */
  void look(long nowNanos) throws IOException {
    FileChannel open = channel;
    if (open == null
        || current.offset > 0
        || FileIdentity.isStable(seen)
        || open.size() <= seen.length) {
      return;
    }
    byte[] head = FileContent.read(open, 0, FileContent.WITNESS_BYTES);
    boolean stable = FileIdentity.isStable(head);
    // Each change is written: not each time that its first line grows.
    if ((seen.length == 0 || stable) && startsWith(head, seen)) {
      seen = head;
      lastChangeNanos = nowNanos;
      identity = stable ? FileIdentity.of(host, fileKey, head, head.length) : identity;
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] beginning) {
    return bytes.length >= beginning.length
        && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
  }

  /** Whether it was seen to hold something. */
  boolean hasBytes() {
    return size > 0 || seen.length > 0;
  }

  /** Its first bytes: those before the offset, or what was seen if that is nothing. */
  private byte[] head() {
    return current.offset == 0 ? seen : current.head;
  }

  /** Reads one block and passes on its lines. */
  Outcome read(long nowNanos) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      return Outcome.END;
    }
    long position = splitter.consumed() + splitter.unfinished();
    int count = open.read(splitter.room(), position);
    if (identity == null && count > 0) {
      identity = FileIdentity.of(host, fileKey, open);
    }
    // Looked at after reading, so that bytes written by a rewrite are never taken for what follows.
    if (isRewritten(open, position)) {
      return Outcome.REWRITTEN;
    }
    if (count <= 0) {
      lastEndNanos = nowNanos;
      return Outcome.END;
    }
    size = Math.max(size, open.size());
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
    byte[] head = head();
    return open.size() < Math.max(position, current.offset)
        || !Arrays.equals(head, FileContent.read(open, 0, head.length));
  }

  private void advance(FileChannel open) throws IOException {
    long offset = splitter.consumed();
    if (offset > current.offset) {
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
      if (identity == null) {
        byte[] head = FileContent.read(open, 0, FileContent.WITNESS_BYTES);
        identity = FileIdentity.of(host, fileKey, head, head.length);
      }
      splitter.finish();
      advance(open);
      long shippedTo = shippedTo();
      if (shippedTo < current.offset) {
        joiner.giveUp(this);
        lostFrom = shippedTo;
        lostTo = current.offset;
      }
      finished = true;
    }
  }

  /**
   * @return whether all bytes that were there at the last reading belong to lines that are shipped
   */
  boolean isClean() {
    return channel == null
        || (splitter.unfinished() == 0
            && splitter.consumed() >= current.offset
            && unfinished().isEmpty());
  }

  /** While lines are read again, the joiner does not know yet. */
  private Map<String, Long> unfinished() {
    return splitter.consumed() < current.offset ? resumedUnfinished : joiner.unfinished(this);
  }

  private long shippedTo() {
    return unfinished().values().stream().reduce(current.offset, Math::min);
  }

  /**
   * @return what is to be reported together with the lines passed on; null if nothing changed
   */
  @Nullable Progress progress() {
    long to = Math.max(shippedTo(), reportedTo);
    return to == 0 || (to == reportedTo && reportedEnd == finished)
        ? null
        : new Progress(identity(), reportedTo, to, Math.max(size, to), finished, lostFrom, lostTo);
  }

  /**
   * Whether its writer had been idle, as seen from one look at its end to the next, until a moment
   * ago. Nobody can know what is written between the last look and a truncation; of a busy writer
   * something is to be expected.
   */
  boolean wasIdle(long nowNanos) {
    return nowNanos - lastEndNanos < MOMENT_NANOS && lastEndNanos - lastChangeNanos >= IDLE_NANOS;
  }

  /**
   * @return whether all of it has been read and committed
   */
  boolean isDone() {
    return finished && !hasChanged() && committedUnfinished.isEmpty();
  }

  /**
   * @return whether its position must be committed, or what is to be reported beside it: that it
   *     was read to its end must be known before it is forgotten
   */
  boolean hasChanged() {
    return !everCommitted
        || finished != reportedEnd
        || current.offset != committed.offset
        || (current.offset == 0 && seen.length != committedSeenLength)
        || !unfinished().equals(committedUnfinished)
        || !beheaded().equals(committedBeheaded)
        || !doubtful().equals(committedDoubtful)
        || !Objects.equals(directory, committedDirectory);
  }

  private Set<String> beheaded() {
    return joiner.streamsBefore(LineExtent.PART);
  }

  private Set<String> doubtful() {
    return joiner.streamsBefore(LineExtent.UNCERTAIN_BEGINNING);
  }

  ShipperPosition position() {
    return new ShipperPosition(
        host,
        source,
        fileKey,
        FileContent.checksum(head()),
        head().length,
        FileContent.checksum(current.tail),
        current.offset,
        unfinished(),
        beheaded(),
        doubtful(),
        current.offset == 0 && identity == null ? null : identity(),
        directory,
        finished,
        null);
  }

  void committed() {
    reportedTo = Math.max(shippedTo(), reportedTo);
    reportedEnd = finished;
    lostFrom = 0;
    lostTo = 0;
    committedUnfinished = unfinished();
    committedBeheaded = beheaded();
    committedDoubtful = doubtful();
    committedDirectory = directory;
    committed = current;
    committedSeenLength = seen.length;
    everCommitted = true;
  }

  /** To be called after the joiner was reset. */
  void rolledBack() {
    long resume = committedUnfinished.values().stream().reduce(committed.offset, Math::min);
    current = committed;
    shippedUntil = committed.offset;
    resumedUnfinished = committedUnfinished;
    splitter = new LineSplitter(resume, blockBytes, this::take);
    // What is open is looked at again; of what is closed the last word holds.
    finished = reportedEnd && channel == null;
    lostFrom = 0;
    lostTo = 0;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
      splitter = new LineSplitter(current.offset, blockBytes, this::take);
    }
  }
}
