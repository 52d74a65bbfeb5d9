package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.LineIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.streams.sources.Sightings;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Sweep;
import dev.taximeter.streams.topology.parts.WakeUp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each raw line its fate: re-key, de-duplicate, parse, attribute, count.
 *
 * <p>Everything about a line is decided and encoded first; only then anything is stored or sent. A
 * defect in deciding quarantines the line; it can neither stop the lines behind it nor leave half a
 * decision.
 */
final class IntakeProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  /** Identities of the lines seen, with the instant they arrived. */
  static final String ARRIVALS = "arrivals";

  /** Conservation counters. */
  static final String COUNTS = "intake-counts";

  /** Counters that are to be published. */
  static final String PENDING = "intake-pending";

  private static final Logger LOG = LoggerFactory.getLogger(IntakeProcessor.class);

  private static final Duration EMISSION_DELAY = Duration.ofMillis(50);

  /** A write to the catalogue is answered once its version has been reported: people wait. */
  private static final Duration STATUS_INTERVAL = Duration.ofMillis(500);

  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

  /** 5,000 entries per second and partition: five times what a busy partition takes in. */
  private static final int SWEEP_ENTRIES = 50_000;

  private static final int MOST_SHIPMENT_CHARACTERS = 100;

  /** Stands for the file of a record that names none. */
  private static final LineSource UNKNOWN_SOURCE = new LineSource("unknown", "unknown");

  private final LineParser parser;
  private final LineIdentity identities;
  private final Fingerprinter fingerprinter;
  private final DeadLetters deadLetters;
  private final Duration horizon;

  private @Nullable Task task;

  /**
   * @param horizon how long the identity of a line is remembered
   */
  IntakeProcessor(LineParser parser, RootSecret secret, Duration horizon) {
    this.parser = parser;
    this.identities = new LineIdentity(secret);
    this.fingerprinter = new Fingerprinter(secret);
    this.deadLetters = new DeadLetters(secret);
    this.horizon = horizon;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    task = new Task(context);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (task == null) {
      throw new IllegalStateException("not initialised");
    }
    task.process(record);
  }

  /** What exists only between initialisation and close. */
  private final class Task {
    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<Bytes, Long> arrivals;
    private final CatalogueKeys keys;
    private final LineJudge judge;
    private final LineCounters counters;
    private final Sightings sightings;
    private final WakeUp emission;
    private final String part;
    private long reportedVersion = -1;

    Task(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.part = "intake-" + context.taskId().partition();
      this.arrivals = context.getStateStore(ARRIVALS);
      this.keys = new CatalogueKeys(context.getStateStore(CatalogueKeys.STORE));
      this.judge = new LineJudge(parser, fingerprinter, keys);
      PendingEmissions pending = new PendingEmissions(context.getStateStore(PENDING), "count");
      this.counters = new LineCounters(part, context.getStateStore(COUNTS), pending);
      this.sightings = new Sightings(context, context.getStateStore(PENDING));
      this.emission = new WakeUp(context, this::emitCounts);
      if (!pending.isEmpty() || !sightings.isEmpty()) {
        emission.in(EMISSION_DELAY);
      }
      context.schedule(STATUS_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> reportStatus(now));
      Sweep<Bytes, Long> sweep =
          new Sweep<>(
              arrivals,
              SWEEP_ENTRIES,
              (id, arrivedAt) -> arrivedAt < context.currentSystemTimeMs() - horizon.toMillis());
      context.schedule(SWEEP_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> sweep.step());
    }

    void process(Record<byte[], byte[]> record) {
      byte[] frame = record.value() == null ? new byte[0] : record.value();
      RawLine line = RawLine.fromBytes(frame);
      if (sightings.takeHeartbeat(record, line)) {
        return;
      }
      if (line != null) {
        byte[] checksum = RawLine.checksum(line.line());
        if (!Arrays.equals(checksum, record.key())) {
          rekey(record, checksum);
          return;
        }
      }
      Instant arrivedAt = Instant.ofEpochMilli(record.timestamp());
      byte[] identity = identities.of(line == null ? frame : line.line());
      Arrival arrival =
          new Arrival(
              HexFormat.of().formatHex(identity),
              arrivedAt,
              line == null ? UNKNOWN_SOURCE : new LineSource(line.host(), line.path()),
              line == null ? -1 : line.offset(),
              shipment(record.headers()));
      if (line == null) {
        settle(
            LineJudge.unread(Fate.QUARANTINED, Reason.BAD_FRAME, arrival), frame, frame, arrival);
        return;
      }
      Bytes id = Bytes.wrap(identity);
      boolean again = arrivals.get(id) != null;
      sightings.seen(record, line, again);
      if (again) {
        settle(
            LineJudge.unread(Fate.DUPLICATE, Reason.SEEN_BEFORE, arrival),
            line.line(),
            frame,
            arrival);
        return;
      }
      arrivals.put(id, record.timestamp());
      Decision decision =
          record.headers().lastHeader(RawLine.TRUNCATED_HEADER) == null
              ? judge(line.line(), arrival)
              : LineJudge.unread(Fate.QUARANTINED, Reason.LINE_TOO_LONG, arrival);
      settle(decision, line.line(), frame, arrival);
    }

    /**
     * Copies of a line must meet in one partition. A record under another key goes round once more,
     * under the right one, and is no line until then.
     */
    private void rekey(Record<byte[], byte[]> record, byte[] checksum) {
      context.forward(record.withKey(checksum), Outlets.REKEYED_LINES.name());
    }

    private Decision judge(byte[] line, Arrival arrival) {
      try {
        return judge.judge(line, arrival);
      } catch (RuntimeException defect) {
        LOG.error("A defect in judging line {}: {}", arrival.id(), Defects.describe(defect));
        return LineJudge.unread(Fate.QUARANTINED, Reason.INTERNAL_ERROR, arrival);
      }
    }

    private void settle(Decision decision, byte[] line, byte[] frame, Arrival arrival) {
      Decision settled = decision;
      List<Outgoing> records;
      try {
        records = encode(decision, line, frame);
      } catch (RuntimeException defect) {
        LOG.error("A defect in encoding line {}: {}", arrival.id(), Defects.describe(defect));
        settled = LineJudge.unread(Fate.QUARANTINED, Reason.INTERNAL_ERROR, arrival);
        records = encode(settled, line, frame);
      }
      for (Outgoing outgoing : records) {
        outgoing.forward(context, arrival.at().toEpochMilli());
      }
      counters.decided(arrival.shipment(), arrival.source(), arrival.at(), settled.fate());
      emission.in(EMISSION_DELAY);
    }

    private List<Outgoing> encode(Decision decision, byte[] line, byte[] frame) {
      List<Outgoing> records = new ArrayList<>();
      if (decision instanceof Decision.ToAccount toAccount) {
        records.add(
            Outlets.USAGE.encode(
                toAccount.account(), new AccountInput.UsageInput(toAccount.usage())));
      } else if (decision instanceof Decision.Suspended suspended) {
        records.add(
            Outlets.USAGE.encode(
                Holders.ofLine(suspended.suspended().usage().id()),
                new AccountInput.SuspenseInput(suspended.suspended())));
        records.addAll(encode(suspended.rejected(), line, frame));
      } else if (decision instanceof Decision.Rejected rejected) {
        records.add(Outlets.LINE_FATES.encode(rejected.lineFate().id(), rejected.lineFate()));
        if (rejected.isDeadLetter()) {
          records.add(deadLetters.of(rejected.lineFate(), line, frame, position()));
        }
      }
      return records;
    }

    private DeadLetters.Position position() {
      return context
          .recordMetadata()
          .map(at -> new DeadLetters.Position(at.topic(), at.partition(), at.offset()))
          .orElseThrow();
    }

    private void emitCounts() {
      long now = context.currentSystemTimeMs();
      sightings.emit();
      counters.drain(
          count -> Outlets.FATE_COUNTS.encode(count.recordKey(), count).forward(context, now));
    }

    private void reportStatus(long now) {
      long version = keys.version();
      if (version != reportedVersion) {
        MeteringStatus status = new MeteringStatus(part, version, Instant.ofEpochMilli(now));
        Outlets.METERING_STATUS.encode(part, status).forward(context, now);
        reportedVersion = version;
      }
    }
  }

  /** Whoever writes to the raw topic names the shipment; the name becomes part of a key. */
  private static String shipment(Headers headers) {
    Header header = headers.lastHeader(RawLine.SHIPMENT_HEADER);
    if (header == null || header.value() == null) {
      return "";
    }
    String name = new String(header.value(), StandardCharsets.UTF_8);
    return name.codePoints()
        .filter(character -> !Character.isISOControl(character))
        .limit(MOST_SHIPMENT_CHARACTERS)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
