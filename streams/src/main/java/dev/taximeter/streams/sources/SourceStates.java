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
import java.util.Objects;
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

  /** By then the lines of files that have been shipped to their end are metered. */
  private static final Duration WORDLESS_END = Duration.ofDays(1);

  /** How long it is said of a clock that it is ahead after the last line that was refused. */
  private static final Duration CLOCK_SHOWN = Duration.ofHours(1);

  private SourceStates() {}

  static Kind kind(SourceInput input) {
    return input instanceof SourceInput.Seen ? Kind.FOREIGN : Kind.SHIPPER;
  }

  /**
   * The end of a backfill is not the end of a shipper that follows the same path: that one's
   * heartbeats go on, until it says itself that the file is gone with its writer.
   */
  static SourceBook beaten(SourceBook known, SourceInput.Heartbeat heartbeat, Instant now) {
    SourceBook book =
        heartbeat.isEnd() ? known.withShipments(known.shipments().with(heartbeat)) : known;
    Map<Integer, Instant> throughs = new HashMap<>(book.throughs());
    boolean follows = !throughs.isEmpty() && !hasEnd(book);
    boolean followedEnd = heartbeat.through().equals(SourceInput.Heartbeat.FOLLOWED_END);
    if (heartbeat.isEnd() && follows && !followedEnd) {
      return book;
    }
    if (!heartbeat.isEnd() && hasEnd(book)) {
      throughs.clear();
    }
    // What is not over yet here can be complete nowhere, whatever another clock shows.
    boolean future = !heartbeat.isEnd() && heartbeat.through().isAfter(now);
    throughs.put(heartbeat.partition(), future ? now : heartbeat.through());
    return book.beaten(throughs, heartbeat.partitions(), now);
  }

  /** Whether a shipment has said in some partition that it is at its end. */
  private static boolean hasEnd(SourceBook book) {
    return book.throughs().values().stream().anyMatch(SourceInput.Heartbeat::isEnd);
  }

  /**
   * Whether a source that somebody retired is at work again: it is complete beyond the retirement.
   * A shipper that waits for a file claims no more than it did, however short a time ago that was,
   * and one whose file has ended is at its end: for that it was retired.
   */
  static boolean isAwake(SourceBook retired, SourceInput.Heartbeat heartbeat, Instant now) {
    // An earlier version did not note when.
    Instant since = Objects.requireNonNullElse(retired.retiredAt(), now.minus(SILENCE));
    return heartbeat.through().isAfter(since)
        && !heartbeat.through().equals(SourceInput.Heartbeat.FOLLOWED_END);
  }

  /** More has come after the end: the source must end anew. */
  static SourceBook reopened(SourceBook book, SourceInput input) {
    boolean more = input instanceof SourceInput.Shipped || input instanceof SourceInput.Seen;
    if (!more || !hasEnd(book)) {
      return book;
    }
    // A line of another shipper does not end the waiting for ours.
    return book.reopened(book.shipments().isEmpty() ? kind(input) : Kind.SHIPPER);
  }

  /**
   * Whether the end has come through every partition, and so behind all lines; of each shipment, if
   * there were several.
   */
  static boolean isFinished(SourceBook book, Instant now) {
    if (book.kind() == Kind.FOREIGN) {
      return false;
    }
    if (book.lastHeartbeat() == null) {
      // A backfill of an earlier version ended without a word.
      return !book.files().isEmpty()
          && book.files().stream().allMatch(FileBook::ended)
          && Duration.between(book.lastSeen(), now).compareTo(WORDLESS_END) > 0
          && !book.shipments().isAnyUnderWay(now);
    }
    return hasEnd(book)
        && book.throughs().values().stream().allMatch(SourceInput.Heartbeat::isEnd)
        && book.throughs().size() >= book.partitions()
        && !book.shipments().isAnyUnderWay(now);
  }

  /** Whether completeness is that of this source, too. Other shippers never tell. */
  static boolean isWaitedFor(SourceBook book, Instant now) {
    return !book.retired() && kind(book, now) == Kind.SHIPPER && !isFinished(book, now);
  }

  /** While one of our own shipments is under way, a source of another shipper is ours, too. */
  private static Kind kind(SourceBook book, Instant now) {
    return book.shipments().isAnyUnderWay(now) ? Kind.SHIPPER : book.kind();
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
        kind(book, now),
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
        book.coverageKnown() && !withoutOffsets,
        clockAhead(book, now));
  }

  /** By how many seconds the clock was ahead a short while ago; null if it was not. */
  static @Nullable Long clockAhead(SourceBook book, Instant now) {
    SourceBook.ClockError error = book.clock();
    return error == null || error.at().plus(CLOCK_SHOWN).isBefore(now) ? null : error.seconds();
  }

  private static Status status(SourceBook book, Instant listeningSince, Instant now) {
    if (book.retired()) {
      return Status.RETIRED;
    }
    if (isFinished(book, now)) {
      return Status.FINISHED;
    }
    if (kind(book, now) == Kind.FOREIGN) {
      return Status.LIVE;
    }
    // A backfill has no heartbeats while it runs, but ranges: one that breaks off stands out.
    Instant last = book.lastHeartbeat() == null ? book.lastSeen() : book.lastHeartbeat();
    Instant heard = last.isAfter(listeningSince) ? last : listeningSince;
    return Duration.between(heard, now).compareTo(SILENCE) > 0 ? Status.SILENT : Status.LIVE;
  }

  /**
   * Null until heartbeats have come through every partition, since lines may wait in the others,
   * and as long as they say that nothing is known. Where the end has come, nothing waits any more.
   */
  private static @Nullable Instant watermark(SourceBook book) {
    if (book.partitions() == 0 || book.throughs().size() < book.partitions()) {
      return null;
    }
    Instant least =
        book.throughs().values().stream()
            .filter(through -> !SourceInput.Heartbeat.isEnd(through))
            .min(Comparator.naturalOrder())
            .orElse(null);
    if (least == null) {
      return null;
    }
    Instant complete = least.minus(FLUSH_DELAY);
    return complete.isBefore(Instant.EPOCH) ? null : complete;
  }
}
