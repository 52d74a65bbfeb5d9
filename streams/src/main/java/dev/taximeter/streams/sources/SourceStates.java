package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Gap;
import dev.taximeter.contract.event.SourceState.Kind;
import dev.taximeter.contract.event.SourceState.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is published of a source. Pure. */
final class SourceStates {
  /** A source whose heartbeats have stopped for so long is silent; they come every 5 s. */
  static final Duration SILENCE = Duration.ofSeconds(60);

  /**
   * The gateway keeps lines for a second, or until it has 64 KiB, before it writes them: what a
   * file held at an instant are the requests that had completed some time before.
   */
  static final Duration FLUSH_DELAY = Duration.ofSeconds(2);

  private SourceStates() {}

  static Kind kind(SourceInput input) {
    return input instanceof SourceInput.Seen ? Kind.FOREIGN : Kind.SHIPPER;
  }

  static SourceBook beaten(SourceBook book, SourceInput.Heartbeat heartbeat, Instant now) {
    Map<Integer, Instant> throughs = new HashMap<>(book.throughs());
    throughs.put(heartbeat.partition(), heartbeat.through());
    return book.beaten(throughs, heartbeat.partitions(), now);
  }

  /**
   * @param listeningSince silence before does not count
   */
  static SourceState of(SourceBook book, Instant listeningSince, Instant now) {
    List<Gap> all = new ArrayList<>(book.gaps());
    all.addAll(SeenRules.gaps(book, now));
    all.sort(Comparator.comparing(Gap::since).thenComparing(Gap::file).thenComparing(Gap::from));
    List<Gap> named = all.subList(0, Math.min(all.size(), SourceState.MOST_GAPS));
    boolean withoutOffsets = book.kind() == Kind.FOREIGN && book.files().isEmpty();
    return new SourceState(
        book.source(),
        book.kind(),
        status(book, listeningSince, now),
        book.firstSeen(),
        book.lastSeen(),
        book.lastLine(),
        book.lines(),
        book.bytes(),
        watermark(book),
        named,
        book.moreGaps() + all.size() - named.size(),
        book.overlaps(),
        book.reshippedBytes(),
        book.coverageKnown() && !withoutOffsets);
  }

  private static Status status(SourceBook book, Instant listeningSince, Instant now) {
    if (book.retired()) {
      return Status.RETIRED;
    }
    Instant last = book.lastHeartbeat();
    if (last == null) {
      return Status.LIVE;
    }
    Instant heard = last.isAfter(listeningSince) ? last : listeningSince;
    return Duration.between(heard, now).compareTo(SILENCE) > 0 ? Status.SILENT : Status.LIVE;
  }

  /** Null until heartbeats have come through every partition: lines may wait in the others. */
  private static @Nullable Instant watermark(SourceBook book) {
    if (book.partitions() == 0 || book.throughs().size() < book.partitions()) {
      return null;
    }
    Instant least = book.throughs().values().stream().min(Comparator.naturalOrder()).orElseThrow();
    Instant complete = least.minus(FLUSH_DELAY);
    return complete.isBefore(Instant.EPOCH) ? Instant.EPOCH : complete;
  }
}
