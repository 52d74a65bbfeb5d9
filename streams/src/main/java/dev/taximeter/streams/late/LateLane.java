package dev.taximeter.streams.late;

import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LateLine.Verdict;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.worker.NotYetException;
import dev.taximeter.streams.worker.Step;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;

/** Gives each late line a verdict and sends it back to intake, bytes and partition unchanged. */
public final class LateLane implements Step {
  /** Late lines at once: one statement looks all of them up. */
  public static final int MOST_LINES = 4_000;

  private static final Logger LOG = LoggerFactory.getLogger(LateLane.class);

  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private final Identities identities;
  private final Notes notes;
  private final Duration margin;
  private final Duration retention;
  private final InstantSource clock;
  private final ObjectReader heads = Json.MAPPER.readerFor(Head.class);
  private List<ConsumerRecord<byte[], byte[]>> lastRead = List.of();
  private long lastReading;

  /**
   * @param horizon as intake has it
   * @param retention how long history keeps identities
   */
  public LateLane(
      Identities identities,
      TopicEnds ends,
      Duration horizon,
      Duration retention,
      InstantSource clock) {
    this.identities = identities;
    this.notes = new Notes(ends, identities, clock);
    // A verdict may take so long on its way back to intake. Besides, it is more than the clock of a
    // shipper may be ahead, by which history knows when a line arrived.
    this.margin = horizon.dividedBy(4);
    this.retention = retention;
    this.clock = clock;
  }

  /** The part of a late line that the lane needs; the rest is passed over. */
  record Head(
      String id,
      Instant forgottenBefore,
      @Nullable Instant completion,
      @Nullable Object usage,
      @Nullable Object suspended) {
    private boolean hasUsage() {
      return usage != null || suspended != null;
    }
  }

  /** What was read of a record; null if it is no late line. */
  private record Late(ConsumerRecord<byte[], byte[]> record, @Nullable Head head) {}

  @Override
  public void process(
      List<ConsumerRecord<byte[], byte[]>> records, Consumer<ProducerRecord<byte[], byte[]>> out)
      throws NotYetException {
    long reading = reading(records);
    List<Late> lines = new ArrayList<>(records.size());
    Instant forgottenBefore = Instant.EPOCH;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Head head = head(record);
      lines.add(new Late(record, head));
      if (head != null && head.forgottenBefore().isAfter(forgottenBefore)) {
        forgottenBefore = head.forgottenBefore();
      }
    }
    Instant needed = forgottenBefore.plus(margin);
    Notes.Note note = notes.covering(needed, reading);
    Instant oldest = note.oldestArrival().orElse(note.edge());
    Instant edge = note.edge();
    Map<String, Identities.Known> known = Map.of();
    if (oldest.isBefore(needed)) {
      known = identities.find(ids(lines));
    } else if (oldest.isBefore(edge)) {
      // Nothing has arrived that intake has forgotten, and nothing need be looked up.
      edge = oldest;
    }
    boolean incomplete = identities.isIncomplete();
    for (Late line : lines) {
      out.accept(decided(line, known, incomplete, edge));
    }
  }

  /** Work that waits comes again with the same records, which were read when it first came. */
  private long reading(List<ConsumerRecord<byte[], byte[]>> records) {
    if (!lastRead.equals(records)) {
      lastRead = List.copyOf(records);
      lastReading = notes.read();
    }
    return lastReading;
  }

  private @Nullable Head head(ConsumerRecord<byte[], byte[]> record) {
    try {
      Head head = record.value() == null ? null : heads.readValue(record.value());
      if (head != null && isComplete(head)) {
        return head;
      }
    } catch (JacksonException e) {
      // Its message would quote the record.
    }
    LOG.error(
        "Record {}-{}@{} is no late line; it is passed on",
        record.topic(),
        record.partition(),
        record.offset());
    return null;
  }

  private static boolean isComplete(Head head) {
    return head.id() != null && ID.matcher(head.id()).matches() && head.forgottenBefore() != null;
  }

  private static List<String> ids(List<Late> lines) {
    List<String> ids = new ArrayList<>(lines.size());
    for (Late line : lines) {
      if (line.head() != null) {
        ids.add(line.head().id());
      }
    }
    return ids;
  }

  private ProducerRecord<byte[], byte[]> decided(
      Late line, Map<String, Identities.Known> known, boolean incomplete, Instant edge)
      throws NotYetException {
    ConsumerRecord<byte[], byte[]> record = line.record();
    Head head = line.head();
    Verdict verdict = head == null ? Verdict.SEEN : verdict(head, known.get(head.id()), incomplete);
    Headers headers =
        new RecordHeaders()
            .add(LateLine.VERDICT_HEADER, bytes(verdict.code()))
            .add(LateLine.KNOWN_BEFORE_HEADER, bytes(Long.toString(edge.toEpochMilli())));
    return new ProducerRecord<>(
        Topics.LATE_LINES_DECIDED.topicName(),
        record.partition(),
        record.timestamp(),
        record.key(),
        record.value(),
        headers);
  }

  private Verdict verdict(Head head, Identities.@Nullable Known known, boolean incomplete)
      throws NotYetException {
    if (known != null) {
      return switch (known) {
        case SEEN -> Verdict.SEEN;
        case ONLY_QUARANTINED -> Verdict.ONLY_QUARANTINED;
      };
    }
    // Only usage can count twice.
    boolean forgotten = incomplete || isForgotten(head.completion());
    return head.hasUsage() && forgotten ? Verdict.TOO_OLD : Verdict.UNSEEN;
  }

  /** Whether history has forgotten lines that completed then. A young one has forgotten nothing. */
  private boolean isForgotten(@Nullable Instant completion) throws NotYetException {
    Instant oldestKept = clock.instant().minus(retention);
    return completion != null
        && completion.isBefore(oldestKept)
        && identities.since().isBefore(oldestKept);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
