package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes lines of the bytes of one file that is read from its start to its end. */
final class InputLines implements ReadFile {
  private final LineSource source;
  private final String fileKey;
  private final LineJoiner joiner;
  private final LineSplitter splitter;
  private final PathLineSink sink;

  /** The file's first bytes, which its identity is made of. */
  private final byte[] head = new byte[FileContent.WITNESS_BYTES];

  private int headLength;
  private @Nullable String identity;
  private boolean ended;
  private long reportedTo;
  private boolean reportedEnd;

  /**
   * A file that may begin with the end of a line of the file before.
   *
   * @param fileKey tells the file from others on its machine
   * @param joiner as {@link #joiner} makes it, which has joined the lines of the file before
   * @param sink takes the lines that begin in this file, also those that end in a later one
   */
  InputLines(
      LineSource source, String fileKey, LineJoiner joiner, int blockBytes, PathLineSink sink) {
    this.source = source;
    this.fileKey = fileKey;
    this.joiner = joiner;
    this.sink = sink;
    this.splitter =
        new LineSplitter(
            0,
            blockBytes,
            (offset, bytes, from, to, truncated) ->
                joiner.line(this, offset, bytes, from, to, truncated));
  }

  /** Joins the lines of files that were written one after another; what came before is unknown. */
  static LineJoiner joiner(LineFormat format) {
    LineJoiner joiner =
        new LineJoiner(
            format,
            (file, offset, bytes, from, to, extent) -> {
              InputLines begun = (InputLines) file;
              begun.sink.line(begun.identity(), offset, bytes, from, to, extent);
            });
    joiner.doubtBeginning();
    return joiner;
  }

  @Override
  public boolean isDone(long offset, WrappedLine.@Nullable Stream stream) {
    return false;
  }

  /** A line is only passed on once its end is known, so that the first one decides for all. */
  private String identity() {
    String known = identity;
    if (known == null) {
      known = FileIdentity.of(source.host(), fileKey, head, headLength);
      identity = known;
    }
    return known;
  }

  /**
   * @return room for the next bytes; tell {@link #filled} how many came
   */
  ByteBuffer room() {
    return splitter.room();
  }

  /**
   * @param room as given by {@link #room}
   * @param count bytes that were put there
   */
  void filled(ByteBuffer room, int count) {
    int missing = Math.min(head.length - headLength, count);
    System.arraycopy(room.array(), room.position(), head, headLength, missing);
    headLength += missing;
    splitter.filled(count);
  }

  /** No more will come: the rest is a line. A line in pieces without its end is none. */
  void finish() {
    splitter.finish();
    ended = true;
  }

  /**
   * @return how many bytes at the end belong to a line in pieces without its end, and to what came
   *     after it began
   */
  long unfinished() {
    return splitter.consumed() - passedOnTo();
  }

  private long passedOnTo() {
    return joiner.unfinished(this).values().stream().reduce(splitter.consumed(), Math::min);
  }

  /**
   * @param lines lines passed on since the last report
   * @param shipment that passes them on
   * @return what was passed on since; null if nothing was
   */
  SourceInput.@Nullable Shipped report(long lines, Instant at, String shipment) {
    long to = passedOnTo();
    if (to == 0 || (to == reportedTo && reportedEnd == ended)) {
      return null;
    }
    long from = reportedTo;
    reportedTo = to;
    reportedEnd = ended;
    return new SourceInput.Shipped(
        source, identity(), from, to, splitter.consumed(), ended, lines, at, shipment);
  }
}
