package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.streams.topology.parts.Marks;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What one part of intake learns about sources while lines pass: heartbeats, and where the lines of
 * shippers lie that do not report their files themselves. Gathered in a store, so that what was
 * seen leaves even if the process dies in between; one small record per source and emission.
 */
public final class Sightings {
  /** Places of lines that have not been reported yet, by source. */
  public static final String STORE = "intake-sightings";

  /** Pieces in one report; at this number it leaves at once. */
  private static final int MOST_PIECES = 500;

  private static final int HEAD_BYTES = 3 * Long.BYTES;
  private static final int PIECE_BYTES = 3 * Long.BYTES + 1;

  /** Sources whose host or path is longer are not kept account of. */
  private static final int LONGEST_SOURCE = 5_000;

  /** Sources whose clocks are told between two emissions. */
  private static final int MOST_AHEAD = 1_000;

  /** Bytes of a shipment's name; ours have 16. */
  private static final int LONGEST_SHIPMENT = 100;

  private static final Pattern HEARTBEAT = Pattern.compile("([0-9]{1,15})/([0-9]{1,4})");

  private final ProcessorContext<byte[], byte[]> context;
  private final KeyValueStore<String, byte[]> gathered;
  private final PendingEmissions pending;

  /**
   * By how many seconds lines were completed after they arrived, by source. Not kept in a store: it
   * counts nothing, and as long as it lasts the next lines say the same.
   */
  private final Map<String, Long> ahead = new HashMap<>();

  /**
   * @param marks receives the keys of sources that are to be reported
   */
  public Sightings(ProcessorContext<byte[], byte[]> context, Marks marks) {
    this.context = context;
    this.gathered = context.getStateStore(STORE);
    this.pending = new PendingEmissions(marks, "sighting");
  }

  /**
   * @return whether there is nothing to report
   */
  public boolean isEmpty() {
    return pending.isEmpty();
  }

  /**
   * Passes a heartbeat on. A record with a line in it is none, whatever it says: nobody hides
   * lines.
   *
   * @return whether the record was a heartbeat and no more is to be done with it
   */
  public boolean takeHeartbeat(Record<?, ?> record, @Nullable RawLine line) {
    Header header = record.headers().lastHeader(RawLine.HEARTBEAT_HEADER);
    if (header == null || header.value() == null || line == null || line.line().length > 0) {
      return false;
    }
    Matcher value = HEARTBEAT.matcher(new String(header.value(), StandardCharsets.US_ASCII));
    if (value.matches() && isKept(line)) {
      LineSource source = new LineSource(line.host(), line.path());
      SourceInput.Heartbeat heartbeat =
          new SourceInput.Heartbeat(
              source,
              context.taskId().partition(),
              Integer.parseInt(value.group(2)),
              through(Long.parseLong(value.group(1)), context.currentSystemTimeMs()),
              Instant.ofEpochMilli(record.timestamp()),
              shipment(record));
      Outlets.SIGHTINGS.encode(key(source), heartbeat).forward(context, record.timestamp());
    }
    return true;
  }

  /**
   * A shipper whose clock is ahead vouches for what has not happened yet. Nobody can know of more
   * than what is over here; only an end holds for all time.
   */
  private static Instant through(long claimed, long now) {
    boolean end = SourceInput.Heartbeat.isEnd(Instant.ofEpochMilli(claimed));
    return Instant.ofEpochMilli(end ? claimed : Math.min(claimed, now));
  }

  private static @Nullable String shipment(Record<?, ?> record) {
    Header header = record.headers().lastHeader(RawLine.SHIPMENT_HEADER);
    if (header == null || header.value() == null || header.value().length > LONGEST_SHIPMENT) {
      return null;
    }
    return new String(header.value(), StandardCharsets.US_ASCII);
  }

  private static boolean isKept(RawLine line) {
    return line.host().length() + line.path().length() <= LONGEST_SOURCE;
  }

  /**
   * Notes where a line lies. Our own shippers name the file, and report it themselves.
   *
   * @param again whether it had been seen before
   */
  public void seen(Record<?, ?> record, RawLine line, boolean again) {
    if (record.headers().lastHeader(RawLine.FILE_HEADER) != null || !isKept(line)) {
      return;
    }
    String key = key(new LineSource(line.host(), line.path()));
    byte[] before = gathered.get(key);
    byte[] after = add(before == null ? new byte[HEAD_BYTES] : before, line, again, record);
    gathered.put(key, after);
    pending.mark(key);
    if (after.length >= HEAD_BYTES + MOST_PIECES * PIECE_BYTES) {
      emit();
    }
  }

  /** A line was refused because it claims to have been completed so long after it arrived. */
  public void clockAhead(LineSource source, Duration by) {
    boolean kept = source.host().length() + source.path().length() <= LONGEST_SOURCE;
    String key = key(source);
    if (kept && (ahead.size() < MOST_AHEAD || ahead.containsKey(key))) {
      ahead.merge(key, by.toSeconds(), Math::max);
    }
  }

  private static byte[] add(byte[] before, RawLine line, boolean again, Record<?, ?> record) {
    ByteBuffer head = ByteBuffer.wrap(before);
    long lines = head.getLong(0) + 1;
    long bytes = head.getLong(Long.BYTES) + line.line().length;
    long at = Math.max(head.getLong(2 * Long.BYTES), record.timestamp());
    byte[] after = before.clone();
    if (line.offset() >= 0) {
      long from = line.offset();
      long to = from + line.line().length;
      int last = before.length - PIECE_BYTES;
      boolean joins =
          last >= HEAD_BYTES
              && before[before.length - 1] == (again ? 1 : 0)
              && from >= head.getLong(last + Long.BYTES)
              && from - head.getLong(last + Long.BYTES) <= SeenRules.BRIDGE_BYTES;
      after = joins ? after : Arrays.copyOf(before, before.length + PIECE_BYTES);
      ByteBuffer piece = ByteBuffer.wrap(after, after.length - PIECE_BYTES, PIECE_BYTES);
      piece
          .putLong(joins ? head.getLong(last) : from)
          .putLong(to)
          .putLong(joins ? head.getLong(last + 2 * Long.BYTES) + 1 : 1)
          .put((byte) (again ? 1 : 0));
    }
    ByteBuffer.wrap(after).putLong(lines).putLong(bytes).putLong(at);
    return after;
  }

  /** Reports all that was gathered. */
  public void emit() {
    long now = context.currentSystemTimeMs();
    pending.drain(
        key -> {
          byte[] seen = gathered.get(key);
          if (seen != null) {
            Outlets.SIGHTINGS.encode(key, report(key, seen)).forward(context, now);
            gathered.delete(key);
          }
          return 1;
        });
    ahead.forEach(
        (key, seconds) ->
            Outlets.SIGHTINGS
                .encode(
                    key,
                    new SourceInput.ClockAhead(source(key), seconds, Instant.ofEpochMilli(now)))
                .forward(context, now));
    ahead.clear();
  }

  private static LineSource source(String key) {
    int tab = key.indexOf('\t');
    return new LineSource(key.substring(0, tab), key.substring(tab + 1));
  }

  private static SourceInput report(String key, byte[] seen) {
    ByteBuffer buffer = ByteBuffer.wrap(seen);
    long lines = buffer.getLong();
    long bytes = buffer.getLong();
    Instant at = Instant.ofEpochMilli(buffer.getLong());
    List<SourceInput.Piece> pieces = new ArrayList<>();
    while (buffer.hasRemaining()) {
      long from = buffer.getLong();
      long to = buffer.getLong();
      long count = buffer.getLong();
      pieces.add(new SourceInput.Piece(from, to, count, buffer.get() == 1));
    }
    return new SourceInput.Seen(source(key), pieces, lines, bytes, at);
  }

  private static String key(LineSource source) {
    return source.host() + '\t' + source.path();
  }
}
