package dev.taximeter.streams.replay;

import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.ReplayStamp;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.worker.NotYetException;
import dev.taximeter.streams.worker.Step;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

/** Carries out orders to replay dead letters. Not thread-safe. */
public final class Replayer implements Step {
  private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  /** Stands for the file of a line of which there is no letter. */
  private static final LineSource UNKNOWN_SOURCE = new LineSource("unknown", "unknown");

  private final LetterIndex index;
  private final Letters letters;
  private final Sealer sealer;
  private final ReplayStamp stamps;
  private final InstantSource clock;

  public Replayer(LetterIndex index, Letters letters, RootSecret secret, InstantSource clock) {
    this.index = index;
    this.letters = letters;
    this.sealer = new Sealer(secret);
    this.stamps = new ReplayStamp(secret);
    this.clock = clock;
  }

  @Override
  public void process(
      List<ConsumerRecord<byte[], byte[]>> records, Consumer<ProducerRecord<byte[], byte[]>> out)
      throws NotYetException {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Instruction instruction = instruction(record);
      if (instruction != null && instruction.order() instanceof Order.Replay replay) {
        carryOut(instruction, replay, out);
      }
    }
  }

  private static @Nullable Instruction instruction(ConsumerRecord<byte[], byte[]> record) {
    try {
      return record.value() == null
          ? null
          : Json.MAPPER.readValue(record.value(), Instruction.class);
    } catch (JacksonException e) {
      LOG.error("Record {}@{} is no order; it is left out", record.topic(), record.offset());
      return null;
    }
  }

  private void carryOut(
      Instruction order, Order.Replay replay, Consumer<ProducerRecord<byte[], byte[]>> out)
      throws NotYetException {
    Set<String> ids = new LinkedHashSet<>(replay.lineIds());
    ids.removeIf(id -> !ID.matcher(id).matches());
    Map<String, LetterIndex.Place> places = index.find(ids);
    for (String id : ids) {
      LetterIndex.Place place = places.get(id);
      Optional<byte[]> value = place == null ? Optional.empty() : letters.read(place);
      replay(order, id, value, out);
    }
    CommandResult done =
        new CommandResult(
            order.commandId(), true, order.catalogVersion(), List.copyOf(ids), List.of());
    out.accept(
        new ProducerRecord<>(
            Topics.COMMAND_RESULTS.topicName(),
            order.commandId().getBytes(StandardCharsets.UTF_8),
            Json.MAPPER.writeValueAsBytes(done)));
    LOG.info("Replay {} of {} dead letters was carried out", order.commandId(), ids.size());
  }

  private void replay(
      Instruction order,
      String id,
      Optional<byte[]> value,
      Consumer<ProducerRecord<byte[], byte[]>> out) {
    DeadLetter letter = value.map(Replayer::letter).orElse(null);
    if (letter == null || !letter.fate().id().equals(id)) {
      out.accept(note(order, id, null, "The dead letter is no longer kept; ship its file again."));
      return;
    }
    LineFate fate = letter.fate();
    String obstacle = obstacle(fate);
    byte[] frame = obstacle == null ? open(letter) : null;
    RawLine line = frame == null ? null : RawLine.fromBytes(frame);
    if (obstacle == null && line == null) {
      obstacle = "The dead letter cannot be opened with this root secret.";
    }
    if (frame != null && line != null) {
      out.accept(
          new ProducerRecord<>(
              Topics.ACCESS_LOG.topicName(),
              null,
              clock.millis(),
              RawLine.checksum(line.line()),
              frame,
              headers(frame, letter)));
    }
    out.accept(note(order, id, fate, obstacle == null ? "" : obstacle));
  }

  /** A sentence for people: why sending the line again would not help; null if it may. */
  private static @Nullable String obstacle(LineFate fate) {
    if (fate.fate() == Fate.SUSPENSE) {
      return null; // The desk says whether it has it already.
    }
    if (fate.reason() == Reason.LINE_TOO_LONG) {
      return "Only a part of the line was kept: it was too long, or a piece of it was lost.";
    }
    if (fate.reason() == Reason.BAD_FRAME) {
      return "The record was no framed line; correct the shipper and ship the file again.";
    }
    return fate.source().host().equals("kafka")
        ? "The record was lost to a defect before it was counted; ship its file again."
        : null;
  }

  private static @Nullable DeadLetter letter(byte[] value) {
    try {
      return Json.MAPPER.readValue(value, DeadLetter.class);
    } catch (JacksonException e) {
      return null;
    }
  }

  private byte @Nullable [] open(DeadLetter letter) {
    try {
      return sealer.open(letter.sealedFrame());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The record has a timestamp of now, because the raw topic drops what is old. When the line
   * arrived stands in the stamp.
   */
  private Headers headers(byte[] frame, DeadLetter letter) {
    LineFate fate = letter.fate();
    Headers headers =
        new RecordHeaders()
            .add(RawLine.SHIPMENT_HEADER, fate.shipment().getBytes(StandardCharsets.UTF_8));
    if (fate.fate() == Fate.SUSPENSE) {
      String desk = new ReplayRole.Desk(fate.reason(), letter.counted()).toText();
      headers.add(RawLine.SUSPENSE_HEADER, desk.getBytes(StandardCharsets.US_ASCII));
    }
    // What a correction makes of it is no better known to be a whole line.
    if (fate.reason() == Reason.UNCERTAIN_BEGINNING) {
      headers.add(RawLine.UNCERTAIN_BEGINNING_HEADER, new byte[] {'1'});
    }
    byte[] stamp = stamps.of(frame, fate.shipment(), fate.arrival(), ReplayRole.of(headers));
    return headers.add(RawLine.REPLAY_HEADER, stamp);
  }

  private ProducerRecord<byte[], byte[]> note(
      Instruction order, String id, @Nullable LineFate fate, String problem) {
    Instant now = clock.instant();
    LineReplay replay =
        new LineReplay(
            id,
            problem.isEmpty() ? Outcome.SENT : Outcome.REFUSED,
            null,
            null,
            problem,
            order.commandId(),
            order.author(),
            now,
            fate == null ? now : fate.arrival(),
            fate == null ? UNKNOWN_SOURCE : fate.source(),
            fate == null ? "" : fate.shipment());
    return new ProducerRecord<>(
        Topics.LINE_REPLAYS.topicName(),
        id.getBytes(StandardCharsets.UTF_8),
        Json.MAPPER.writeValueAsBytes(replay));
  }
}
