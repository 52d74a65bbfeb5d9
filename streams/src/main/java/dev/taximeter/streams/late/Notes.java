package dev.taximeter.streams.late;

import dev.taximeter.streams.worker.NotYetException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Notes of where topics ended, and which of them landing has passed. Not thread-safe. */
final class Notes {
  /** A note that has been passed is good for long; a newer one is taken now and then. */
  static final Duration RENEWAL = Duration.ofMinutes(1);

  /**
   * What was processed so long before a note was taken had been sent by then: longer than any
   * transaction, and than clocks of one installation differ.
   */
  static final Duration SLACK = Duration.ofMinutes(5);

  private final TopicEnds ends;
  private final Identities identities;
  private final InstantSource clock;
  private long readings;
  private @Nullable Note open;
  private @Nullable Note passed;

  Notes(TopicEnds ends, Identities identities, InstantSource clock) {
    this.ends = ends;
    this.identities = identities;
    this.clock = clock;
  }

  /**
   * Where topics ended.
   *
   * @param at when
   * @param reading the latest reading of late lines before it was taken
   * @param oldestArrival of any identity that had landed when landing passed the note
   */
  record Note(
      Instant at,
      long reading,
      Map<TopicPartition, TopicEnds.End> ends,
      Optional<Instant> oldestArrival) {
    /** All identities that were processed before are in history. */
    Instant edge() {
      return at.minus(SLACK);
    }
  }

  /**
   * Must be called when late lines have been read.
   *
   * @return number of the reading
   */
  long read() {
    return ++readings;
  }

  /**
   * @param needed the edge must not lie before it
   * @param reading or else the note must have been taken after this reading
   * @return a note that landing has passed
   * @throws NotYetException if there is none yet
   */
  Note covering(Instant needed, long reading) throws NotYetException {
    Note good = passed;
    if (good != null && !isPassed(good, identities.landed())) {
      // History has less than it had: ClickHouse was replaced, and is being filled again.
      passed = null;
      good = null;
    }
    if (good == null
        || !covers(good, needed, reading)
        || Duration.between(good.at(), clock.instant()).abs().compareTo(RENEWAL) > 0) {
      renew(needed, reading);
      good = passed;
    }
    if (good == null || !covers(good, needed, reading)) {
      throw new NotYetException(
          "late lines wait until landing has stored what was metered before %s"
              .formatted(open == null ? needed : open.at()));
    }
    return good;
  }

  private static boolean covers(Note note, Instant needed, long reading) {
    return !note.edge().isBefore(needed) || note.reading() >= reading;
  }

  private void renew(Instant needed, long reading) throws NotYetException {
    Note waiting = open;
    if (waiting == null || !covers(waiting, needed, reading)) {
      waiting = take();
      open = waiting;
    }
    if (isPassed(waiting, identities.landed())) {
      passed =
          new Note(waiting.at(), waiting.reading(), waiting.ends(), identities.oldestArrival());
      open = null;
    }
  }

  /**
   * Takes a note, unless Kafka has lost what landing has read: then offsets are given again, and
   * landing would seem to have passed records that it has never seen.
   */
  private Note take() throws NotYetException {
    // Before the ends, so that a healthy landing cannot be beyond them.
    Map<TopicPartition, Identities.Reached> landed = identities.landed();
    Instant now = clock.instant();
    Map<TopicPartition, TopicEnds.End> found = ends.read();
    for (Map.Entry<TopicPartition, TopicEnds.End> end : found.entrySet()) {
      Identities.Reached reached = landed.get(end.getKey());
      if (reached != null && reached.nextOffset() > end.getValue().offset()) {
        throw new NotYetException(
            "late lines wait: Kafka has lost records of %s, which ends at offset %d while landing has read up to %d; see what landing says of it"
                .formatted(end.getKey(), end.getValue().offset(), reached.nextOffset()));
      }
    }
    return new Note(now, readings, found, Optional.empty());
  }

  private static boolean isPassed(Note note, Map<TopicPartition, Identities.Reached> landed) {
    return note.ends().entrySet().stream()
        .allMatch(end -> isPassed(end.getValue(), landed.get(end.getKey())));
  }

  /** Offsets of another topic of the same name say nothing. */
  private static boolean isPassed(TopicEnds.End end, Identities.@Nullable Reached reached) {
    return reached != null
        && reached.nextOffset() >= end.offset()
        && (reached.topicId().isEmpty() || reached.topicId().equals(end.topicId()));
  }
}
