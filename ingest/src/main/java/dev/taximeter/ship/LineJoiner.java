package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.gateway.LineFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the gateway's lines from those of a collector's files: takes off what stands around them
 * and joins pieces of the same stream, across a rotation too. A piece is never passed on as a line.
 * Lines of another shape are passed on as they are. Holds two lines of the longest size at most.
 */
final class LineJoiner {
  /** Between two pieces of a line: its writer writes them one after another, at once. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** A line of which the last piece has not come. */
  private static final class Unfinished {
    final ReadFile file;
    final long offset;

    /** The first piece in each file. */
    final Map<ReadFile, Long> starts = new HashMap<>();

    byte[] bytes = new byte[0];
    int length;
    boolean tooLong;

    /** When the collector got the last piece; null if it does not say. */
    @Nullable Instant lastPiece;

    Unfinished(ReadFile file, long offset) {
      this.file = file;
      this.offset = offset;
    }

    void add(byte[] piece, int from, int to) {
      int added = to - from;
      if (tooLong) {
        return;
      }
      if (length + added > LineSplitter.LONGEST_LINE_BYTES + 1) {
        // One more for a CR that does not belong to the line.
        int kept = Math.min(LineSplitter.TRUNCATED_LINE_BYTES, length);
        byte[] head = Arrays.copyOf(bytes, LineSplitter.TRUNCATED_LINE_BYTES);
        int rest = Math.min(added, head.length - kept);
        System.arraycopy(piece, from, head, kept, rest);
        bytes = head;
        length = kept + rest;
        tooLong = true;
        return;
      }
      if (length + added > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(length + added, bytes.length * 2));
      }
      System.arraycopy(piece, from, bytes, length, added);
      length += added;
    }
  }

  private final LineFormat format;
  private final WrappedLine line;

  /** Of plain lines that are none. */
  private final WrappedLine unnamed = new WrappedLine(LineFormat.CRI);

  private final JoinedLineSink sink;
  private final Map<WrappedLine.Stream, Unfinished> unfinished =
      new EnumMap<>(WrappedLine.Stream.class);

  /** Streams whose next line lacks its beginning, {@link LineExtent#PART}, or may lack it. */
  private final Map<WrappedLine.Stream, LineExtent> beheaded =
      new EnumMap<>(WrappedLine.Stream.class);

  /** The same, as of the last commit. */
  private final Map<WrappedLine.Stream, LineExtent> committedBeheaded =
      new EnumMap<>(WrappedLine.Stream.class);

  LineJoiner(LineFormat format, JoinedLineSink sink) {
    this.format = format;
    this.line = new WrappedLine(format);
    this.sink = sink;
  }

  /**
   * @param offset of the line's first byte in its file
   * @param truncated whether it is only the beginning of a line that is too long
   */
  void line(ReadFile file, long offset, byte[] bytes, int from, int to, boolean truncated) {
    if (format == LineFormat.PLAIN || truncated || !line.read(bytes, from, to)) {
      if (!file.isDone(offset, null)) {
        LineExtent extent =
            format == LineFormat.PLAIN
                ? extentOfUnnamed(offset, bytes, from, to)
                : extentOfForeign(offset);
        sink.line(file, offset, bytes, from, to, truncated ? LineExtent.PART : extent);
      }
    } else if (!file.isDone(offset, line.stream())) {
      pieces(file, offset);
    }
  }

  /** Most contents are one piece; one that holds line ends is several lines. */
  private void pieces(ReadFile file, long offset) {
    byte[] bytes = line.bytes();
    int start = line.from();
    for (int i = start; i < line.to(); i++) {
      if (bytes[i] == '\n') {
        piece(file, offset, bytes, start, i, true);
        start = i + 1;
      }
    }
    if (start < line.to() || line.isLast()) {
      piece(file, offset, bytes, start, line.to(), line.isLast());
    }
  }

  private void piece(ReadFile file, long offset, byte[] bytes, int from, int to, boolean last) {
    WrappedLine.Stream stream = line.stream();
    Unfinished begun = unfinished.get(stream);
    if (begun == null && last) {
      passContent(file, offset, bytes, from, to, extentOfNext(stream));
      return;
    }
    if (begun == null) {
      begun = new Unfinished(file, offset);
      unfinished.put(stream, begun);
    }
    begun.starts.putIfAbsent(file, offset);
    begun.add(bytes, from, to);
    begun.lastPiece = last ? null : line.instant();
    if (last) {
      unfinished.remove(stream);
      LineExtent next = extentOfNext(stream);
      LineExtent extent = begun.tooLong ? LineExtent.PART : next;
      passContent(begun.file, begun.offset, begun.bytes, 0, begun.length, extent);
    }
  }

  /**
   * A file that was cut anywhere begins within a line of the collector, which then is none of this
   * format; its end can be what a client wrote.
   */
  private LineExtent extentOfForeign(long offset) {
    return offset == 0 && !beheaded.isEmpty() ? LineExtent.UNCERTAIN_BEGINNING : LineExtent.WHOLE;
  }

  /**
   * A collector that nobody has named: its lines are passed on as they are, but the end of one in
   * pieces is no line, whatever its client made it look like.
   */
  private LineExtent extentOfUnnamed(long offset, byte[] bytes, int from, int to) {
    if (!unnamed.read(bytes, from, to)) {
      return LineExtent.WHOLE;
    }
    LineExtent extent = extentOfNext(unnamed.stream());
    if (!unnamed.isLast()) {
      beheaded.put(unnamed.stream(), LineExtent.PART);
    }
    // The first piece tells what it is: its usage can wait in suspense.
    return offset == 0 && extent == LineExtent.WHOLE ? LineExtent.UNCERTAIN_BEGINNING : extent;
  }

  private LineExtent extentOfNext(WrappedLine.Stream stream) {
    LineExtent marked = beheaded.remove(stream);
    return marked == null ? LineExtent.WHOLE : marked;
  }

  private void passContent(
      ReadFile file, long offset, byte[] bytes, int from, int to, LineExtent extent) {
    int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
    boolean tooLong = end - from > LineSplitter.LONGEST_LINE_BYTES;
    int kept = tooLong ? from + LineSplitter.TRUNCATED_LINE_BYTES : end;
    if (kept > from) {
      sink.line(file, offset, bytes, from, kept, tooLong ? LineExtent.PART : extent);
    }
  }

  /**
   * @return the first piece in this file of each stream's unfinished line, by the stream's code
   */
  Map<String, Long> unfinished(ReadFile file) {
    Map<String, Long> starts = new HashMap<>();
    unfinished.forEach(
        (stream, begun) -> {
          Long start = begun.starts.get(file);
          if (start != null) {
            starts.put(stream.code(), start);
          }
        });
    return starts;
  }

  /**
   * @return whether all lines are complete
   */
  boolean isEmpty() {
    return unfinished.isEmpty();
  }

  /**
   * @param first when the first line of another file was written
   * @return whether that may be the next piece of a line that is not complete
   */
  boolean isContinuedAt(Instant first) {
    return unfinished.values().stream()
        .map(begun -> begun.lastPiece)
        .anyMatch(
            last ->
                last != null && Duration.between(last, first).abs().compareTo(LONGEST_PAUSE) <= 0);
  }

  /**
   * Gives up lines with pieces in a file: their ends will not come. If they come all the same, they
   * are marked as what they are.
   */
  void giveUp(ReadFile file) {
    for (WrappedLine.Stream stream : WrappedLine.Stream.values()) {
      Unfinished begun = unfinished.get(stream);
      if (begun != null && begun.starts.containsKey(file)) {
        unfinished.remove(stream);
        beheaded.put(stream, LineExtent.PART);
      }
    }
  }

  /** Forgets the pieces of a file, which will be read again. */
  void forget(ReadFile file) {
    unfinished.values().removeIf(begun -> begun.starts.containsKey(file));
  }

  /** A file that held the beginning of lines is gone: what comes next may be their ends. */
  void lostPieces() {
    for (WrappedLine.Stream stream : WrappedLine.Stream.values()) {
      mark(stream, LineExtent.PART);
    }
  }

  /**
   * Nobody knows what came before: the first line of each stream may be the end of one. Of formats
   * that do not cut lines nothing is doubted.
   */
  void doubtBeginning() {
    if (format == LineFormat.CRI || format == LineFormat.DOCKER_JSON) {
      for (WrappedLine.Stream stream : WrappedLine.Stream.values()) {
        if (beheaded.get(stream) != LineExtent.PART) {
          mark(stream, LineExtent.UNCERTAIN_BEGINNING);
        }
      }
    }
  }

  boolean doubtsBeginning() {
    return beheaded.containsValue(LineExtent.UNCERTAIN_BEGINNING);
  }

  /** Nothing came before that is not known. */
  void trustBeginning() {
    beheaded.values().removeIf(extent -> extent == LineExtent.UNCERTAIN_BEGINNING);
    committedBeheaded.values().removeIf(extent -> extent == LineExtent.UNCERTAIN_BEGINNING);
  }

  /** Reading again does not bring back what came before. */
  private void mark(WrappedLine.Stream stream, LineExtent extent) {
    beheaded.put(stream, extent);
    committedBeheaded.put(stream, extent);
  }

  /**
   * Looks at a file that is not read: what comes next may be the end of a line that begins there.
   *
   * @param end the last bytes of the file
   */
  void passOver(byte[] end) {
    int start = 0;
    for (int i = 0; i < end.length; i++) {
      if (end[i] == '\n') {
        if (line.read(end, start, i)) {
          passOver(line.stream(), line.isLast());
        }
        start = i + 1;
      }
    }
  }

  private void passOver(WrappedLine.Stream stream, boolean last) {
    if (last) {
      beheaded.remove(stream);
      committedBeheaded.remove(stream);
    } else {
      mark(stream, LineExtent.PART);
    }
  }

  /**
   * Takes up where a run before this one ended.
   *
   * @param position tells the streams whose next line lacks its beginning, or may lack it
   */
  void resume(ShipperPosition position) {
    for (WrappedLine.Stream stream : WrappedLine.Stream.values()) {
      if (position.beheaded().contains(stream.code())) {
        mark(stream, LineExtent.PART);
      } else if (position.doubtful().contains(stream.code())) {
        mark(stream, LineExtent.UNCERTAIN_BEGINNING);
      }
    }
  }

  /**
   * @return codes of the streams whose next line has this extent
   */
  Set<String> streamsBefore(LineExtent extent) {
    return beheaded.entrySet().stream()
        .filter(next -> next.getValue() == extent)
        .map(next -> next.getKey().code())
        .collect(Collectors.toSet());
  }

  /** {@return codes of the streams that there are} */
  static Set<String> allStreams() {
    return Arrays.stream(WrappedLine.Stream.values())
        .map(WrappedLine.Stream::code)
        .collect(Collectors.toSet());
  }

  /** What has been passed on is committed. */
  void committed() {
    committedBeheaded.clear();
    committedBeheaded.putAll(beheaded);
  }

  /**
   * Forgets what came since the last commit; the files will be read again from their unfinished
   * lines on.
   */
  void reset() {
    unfinished.clear();
    beheaded.clear();
    beheaded.putAll(committedBeheaded);
  }
}
