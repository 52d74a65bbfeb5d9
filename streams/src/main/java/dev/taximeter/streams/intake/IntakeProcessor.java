package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LateLine.Verdict;
import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.LineIdentity;
import dev.taximeter.contract.security.PayerFingerprints;
import dev.taximeter.contract.security.ReplayStamp;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.intake.Arrivals.Status;
import dev.taximeter.streams.intake.LineJudge.Judgement;
import dev.taximeter.streams.replay.ReplayRole;
import dev.taximeter.streams.sources.Sightings;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Marks;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.WakeUp;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each raw line its fate: re-key, de-duplicate, parse, attribute, count. What intake cannot
 * know to be new waits in the late lane for a verdict of history, and is settled here when that has
 * come.
 *
 * <p>Everything about a line is decided and encoded first; only then anything is stored or sent. A
 * defect in deciding quarantines the line; it can neither stop the lines behind it nor leave half a
 * decision.
 */
final class IntakeProcessor implements Processor<byte[], IntakeInput, byte[], byte[]> {
  /** Conservation counters. */
  static final String COUNTS = "intake-counts";

  /** Brings what was counted into the transaction of the lines. */
  static final String COMMIT = "intake-commit";

  /** Counters that are to be published. */
  static final String PENDING = "intake-pending";

  private static final Logger LOG = LoggerFactory.getLogger(IntakeProcessor.class);

  /** A write to the catalogue is answered once its version has been reported: people wait. */
  private static final Duration STATUS_INTERVAL = Duration.ofMillis(500);

  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

  /**
   * A line that may become too old while it waits for its verdict keeps its content, sealed: as
   * long as a late line can wait.
   */
  private static final Duration LONGEST_WAIT = Duration.ofDays(30);

  /** Characters of host and path together; Linux allows a path 4,096 bytes. */
  private static final int LONGEST_SOURCE = 5_000;

  /** Stands for the file of a record that names none. */
  private static final LineSource UNKNOWN_SOURCE = new LineSource("unknown", "unknown");

  private final Intake intake;
  private final LineIdentity identities;
  private final ReplayStamp stamps;
  private final DeadLetters deadLetters;

  private @Nullable Task task;

  IntakeProcessor(Intake intake) {
    this.intake = intake;
    this.identities = new LineIdentity(intake.secret());
    this.stamps = new ReplayStamp(intake.secret());
    this.deadLetters = new DeadLetters(intake.secret());
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    task = new Task(context);
  }

  @Override
  public void process(Record<byte[], IntakeInput> record) {
    if (task == null) {
      throw new IllegalStateException("not initialised");
    }
    if (record.value() instanceof IntakeInput.Raw raw) {
      task.process(record, raw.frame());
    } else if (record.value() instanceof IntakeInput.Decided decided) {
      task.process(record, decided.line());
    }
  }

  /**
   * Whether copies of the line come to this partition too: the key is the line's checksum, and the
   * partition the one that the clients' default partitioner gives that key.
   */
  static boolean isAtHome(byte[] checksum, byte @Nullable [] key, int partition, int partitions) {
    return Arrays.equals(checksum, key)
        && Utils.toPositive(Utils.murmur2(checksum)) % partitions == partition;
  }

  /** A line that was read from a raw record. */
  private record Incoming(Bytes id, byte[] line, byte[] frame, Arrival arrival) {}

  /** What exists only between initialisation and close. */
  private final class Task {
    private final ProcessorContext<byte[], byte[]> context;
    private final Arrivals arrivals;
    private final CatalogueKeys keys;
    private final LineJudge judge;
    private final Marks marks;
    private final LineCounters counters;
    private final Sightings sightings;
    private final Settler settler;
    private final Shipments shipments = new Shipments();
    private final WakeUp emission;
    private final String part;
    private long reportedVersion = -1;

    Task(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.part = "intake-" + context.taskId().partition();
      this.arrivals =
          new Arrivals(
              context.getStateStore(Arrivals.STORE), intake.horizon(), intake.nothingBefore());
      this.keys = new CatalogueKeys(context.getStateStore(CatalogueKeys.STORE));
      this.judge =
          new LineJudge(
              intake.parser(),
              new PayerFingerprints(new Fingerprinter(intake.secret()), intake.gate()),
              keys);
      this.marks = new Marks(context.getStateStore(PENDING));
      PendingEmissions pending = new PendingEmissions(marks, "count");
      this.counters = new LineCounters(part, context.getStateStore(COUNTS), pending);
      this.sightings = new Sightings(context, marks);
      this.settler = new Settler(context, counters);
      CommitHook commit = context.getStateStore(COMMIT);
      commit.onCommit(context, this::prepareCommit);
      this.emission = new WakeUp(context, this::emitCounts);
      if (!pending.isEmpty() || !sightings.isEmpty()) {
        emission.soon();
      }
      context.schedule(STATUS_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> reportStatus(now));
      context.schedule(SWEEP_INTERVAL, PunctuationType.WALL_CLOCK_TIME, arrivals::sweep);
    }

    void process(Record<byte[], IntakeInput> record, byte[] frame) {
      RawLine line = read(frame);
      if (sightings.takeHeartbeat(record, line)) {
        return;
      }
      if (line != null) {
        byte[] checksum = RawLine.checksum(line.line());
        if (!isAtHome(checksum, record.key(), metadata().partition(), intake.partitions())) {
          // Copies of a line must meet in one partition. It goes round once more, under the right
          // key and to the right partition, and is no line until then.
          context.forward(record.withKey(checksum).withValue(frame), Outlets.REKEYED_LINES.name());
          return;
        }
      }
      String shipment = shipments.of(record.headers());
      Instant replayed =
          stamps.arrival(
              replayStamp(record.headers()), frame, shipment, ReplayRole.of(record.headers()));
      byte[] identity = identities.of(line == null ? frame : line.line());
      Arrival arrival =
          new Arrival(
              HexFormat.of().formatHex(identity),
              replayed == null ? arrivedAt(record.timestamp()) : replayed,
              line == null ? UNKNOWN_SOURCE : new LineSource(line.host(), line.path()),
              line == null ? -1 : line.offset(),
              shipment);
      Incoming incoming =
          new Incoming(Bytes.wrap(identity), line == null ? frame : line.line(), frame, arrival);
      ReplayRole.Desk desk = ReplayRole.desk(record.headers());
      if (replayed != null && line != null && desk != null) {
        putOnDesk(incoming, desk, isDoubtful(record.headers()));
      } else if (replayed != null) {
        replay(incoming, line != null, isDoubtful(record.headers()));
      } else if (line == null) {
        settle(LineJudge.unread(Fate.QUARANTINED, Reason.BAD_FRAME, arrival), incoming);
      } else {
        boolean again = arrivals.statusOf(incoming.id()) != null;
        sightings.seen(record, line, again);
        if (again) {
          settle(LineJudge.unread(Fate.DUPLICATE, Reason.SEEN_BEFORE, arrival), incoming);
        } else {
          arrive(incoming, extent(record.headers()));
        }
      }
    }

    /** A shipper's clock may be ahead, but not without bounds. */
    private Instant arrivedAt(long timestamp) {
      long latest = context.currentSystemTimeMs() + RawLine.MOST_AHEAD.toMillis();
      return Instant.ofEpochMilli(Math.min(timestamp, latest));
    }

    private static LineExtent extent(Headers headers) {
      if (headers.lastHeader(RawLine.TRUNCATED_HEADER) != null) {
        return LineExtent.PART;
      }
      return isDoubtful(headers) ? LineExtent.UNCERTAIN_BEGINNING : LineExtent.WHOLE;
    }

    private static boolean isDoubtful(Headers headers) {
      return headers.lastHeader(RawLine.UNCERTAIN_BEGINNING_HEADER) != null;
    }

    private void arrive(Incoming incoming, LineExtent extent) {
      long now = context.currentSystemTimeMs();
      boolean doubtful = extent == LineExtent.UNCERTAIN_BEGINNING;
      Judgement judgement =
          extent == LineExtent.PART
              ? new Judgement(
                  LineJudge.unread(Fate.QUARANTINED, Reason.LINE_TOO_LONG, incoming.arrival()),
                  null)
              : judge(
                  () -> judge.judge(incoming.line(), doubtful, incoming.arrival(), now),
                  doubtful,
                  incoming.arrival());
      noteClock(judgement.decision(), incoming.arrival());
      if (arrivals.mayHaveForgotten(judgement.completion(), now)) {
        sendToLateLane(judgement, incoming, false);
      } else {
        Fate fate = settle(judgement.decision(), incoming);
        arrivals.remember(incoming.id(), Status.of(fate), now);
      }
    }

    private void noteClock(Decision decision, Arrival arrival) {
      if (decision instanceof Decision.Rejected rejected
          && rejected.lineFate().reason() == Reason.ABSURD_FUTURE
          && rejected.lineFate().completion() != null) {
        sightings.clockAhead(
            arrival.source(), Duration.between(arrival.at(), rejected.lineFate().completion()));
      }
    }

    /**
     * A dead letter that was sent again. It was counted when it first came; if it may not be judged
     * again, that is noted and nothing is counted. Where a copy waits for history's verdict, the
     * replay waits behind it for its own.
     */
    private void replay(Incoming incoming, boolean isLine, boolean doubtful) {
      Status status = arrivals.statusOf(incoming.id());
      Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
      if (!isLine || status == Status.SETTLED) {
        settler.refuse(isLine ? Settler.METERED : Settler.NO_LINE, incoming.arrival(), now);
        return;
      }
      boolean known = status == Status.QUARANTINED;
      Judgement judgement =
          judge(
              () ->
                  judge.judgeAgain(
                      incoming.line(), doubtful, incoming.arrival(), now.toEpochMilli()),
              doubtful,
              incoming.arrival());
      if (known) {
        settleAgain(
            incoming.id(), judgement.decision(), incoming.arrival(), letters(incoming), now);
      } else {
        sendToLateLane(judgement, incoming, true);
      }
    }

    /**
     * A line in suspense that was sent again, judged as any line is. The desk decides, which alone
     * knows whether the line is there, and whether somebody has decided about it.
     */
    private void putOnDesk(Incoming incoming, ReplayRole.Desk desk, boolean doubtful) {
      Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
      Judgement judgement =
          judge(
              () ->
                  judge.judgeAgain(
                      incoming.line(), doubtful, incoming.arrival(), now.toEpochMilli()),
              doubtful,
              incoming.arrival());
      Decision decision = judgement.decision();
      Instant comparable = incoming.arrival().at().minus(intake.retention()).plus(LONGEST_WAIT);
      String obstacle = LineJudge.obstacle(decision, desk.reason(), comparable);
      SuspendedUsage suspended =
          LineJudge.forDesk(decision, desk.reason(), Excerpt.of(incoming.line()));
      settler.putOnDesk(
          suspended == null
              ? null
              : new AccountInput.DeskInput(
                  suspended,
                  desk.received(),
                  obstacle == null ? LineJudge.payer(decision) : null,
                  obstacle),
          incoming.arrival(),
          now);
    }

    private Judgement judge(Supplier<Judgement> judging, boolean doubtful, Arrival arrival) {
      try {
        return judging.get();
      } catch (RuntimeException defect) {
        LOG.error("A defect in judging line {}: {}", arrival.id(), Defects.describe(defect));
        // The doubt must be known when the line is sent again.
        Reason reason = doubtful ? Reason.UNCERTAIN_BEGINNING : Reason.INTERNAL_ERROR;
        return new Judgement(LineJudge.unread(Fate.QUARANTINED, reason, arrival), null);
      }
    }

    private void sendToLateLane(Judgement judgement, Incoming incoming, boolean replay) {
      long now = context.currentSystemTimeMs();
      Outgoing late;
      try {
        late = encodeLate(judgement, incoming, replay, now);
      } catch (RuntimeException defect) {
        LOG.error(
            "A defect in encoding line {}: {}", incoming.arrival().id(), Defects.describe(defect));
        Decision quarantined = Settler.unwritable(judgement.decision(), incoming.arrival());
        late = encodeLate(new Judgement(quarantined, null), incoming, replay, now);
      }
      late.forward(context, now);
      arrivals.remember(incoming.id(), Status.IN_LATE_LANE, now);
    }

    private Outgoing encodeLate(Judgement judgement, Incoming incoming, boolean replay, long now) {
      Instant completion = judgement.completion();
      boolean mayBeTooOld =
          completion != null
              && completion.isBefore(
                  Instant.ofEpochMilli(now).minus(intake.retention()).plus(LONGEST_WAIT));
      LateLine line =
          LateLines.of(
              judgement,
              incoming.arrival().id(),
              Instant.ofEpochMilli(arrivals.forgottenBefore(now)),
              replay,
              letterFate(judgement.decision(), mayBeTooOld),
              fate -> deadLetters.letter(fate, null, incoming.line(), incoming.frame()),
              metadata());
      return Outlets.LATE_LINES.encode(
          RawLine.checksum(incoming.line()), line, new RecordHeaders());
    }

    private @Nullable LineFate letterFate(Decision decision, boolean mayBeTooOld) {
      if (decision instanceof Decision.ToAccount usage) {
        return mayBeTooOld ? LineJudge.tooOld(usage) : null;
      }
      if (decision instanceof Decision.Suspended suspended) {
        return suspended.rejected().lineFate();
      }
      Decision.Rejected rejected = (Decision.Rejected) decision;
      return rejected.isDeadLetter() ? rejected.lineFate() : null;
    }

    /** History's verdict on a late line has come. */
    void process(Record<byte[], IntakeInput> record, LateLine line) {
      long now = context.currentSystemTimeMs();
      long forgotten = arrivals.forgottenBefore(now);
      boolean forgotMore = forgotten > line.forgottenBefore().toEpochMilli();
      if (forgotMore && forgotten > LateLines.knownBefore(record.headers())) {
        // What was forgotten meanwhile is not in the verdict: history must be asked again.
        Outlets.LATE_LINES
            .encode(
                record.key(),
                LateLines.forgottenBefore(line, Instant.ofEpochMilli(forgotten)),
                new RecordHeaders())
            .forward(context, now);
        return;
      }
      Verdict verdict = LateLines.verdict(record.headers());
      if (line.replay()) {
        settleReplay(line, verdict, now);
      } else {
        settleLate(line, verdict, now);
      }
    }

    private void settleLate(LateLine line, Verdict verdict, long now) {
      Bytes id = LateLines.id(line);
      Arrival arrival = Arrival.of(line);
      Status status = arrivals.statusOf(id);
      boolean settledMeanwhile = status == Status.SETTLED || status == Status.QUARANTINED;
      boolean seen = verdict == Verdict.SEEN || verdict == Verdict.ONLY_QUARANTINED;
      Decision decision =
          settledMeanwhile || seen
              ? LineJudge.unread(Fate.DUPLICATE, Reason.SEEN_BEFORE, arrival)
              : LateLines.decision(line, verdict == Verdict.TOO_OLD);
      Fate fate = settler.settle(decision, arrival, letters(line), now);
      emission.soon();
      if (!settledMeanwhile) {
        Status settled = Status.of(fate);
        arrivals.remember(
            id, verdict == Verdict.ONLY_QUARANTINED ? Status.QUARANTINED : settled, now);
      }
    }

    private void settleReplay(LateLine line, Verdict verdict, long now) {
      Bytes id = LateLines.id(line);
      if (verdict == Verdict.ONLY_QUARANTINED && arrivals.statusOf(id) != Status.SETTLED) {
        settleAgain(
            id,
            LateLines.decision(line, false),
            Arrival.of(line),
            letters(line),
            Instant.ofEpochMilli(now));
        return;
      }
      boolean metered = verdict == Verdict.SEEN || arrivals.statusOf(id) == Status.SETTLED;
      settler.refuse(
          metered ? Settler.METERED : Settler.NOT_KNOWN,
          Arrival.of(line),
          Instant.ofEpochMilli(now));
      if (verdict == Verdict.SEEN) {
        arrivals.remember(id, Status.SETTLED, now);
      } else if (arrivals.statusOf(id) == Status.IN_LATE_LANE) {
        // Nobody has seen it: a copy that a shipper brings is a new line.
        arrivals.forget(id);
      }
    }

    private Fate settle(Decision decision, Incoming incoming) {
      Fate fate =
          settler.settle(
              decision,
              incoming.arrival(),
              letters(incoming),
              incoming.arrival().believed(context.currentSystemTimeMs()).toEpochMilli());
      emission.after(incoming.arrival().at().toEpochMilli());
      return fate;
    }

    private void settleAgain(
        Bytes id, Decision decision, Arrival arrival, Settler.Letters letters, Instant now) {
      Fate fate = settler.settleAgain(decision, arrival, letters, now);
      arrivals.remember(id, Status.of(fate), now.toEpochMilli());
      emission.soon();
    }

    private Settler.Letters letters(Incoming incoming) {
      DeadLetters.Position position = position(metadata().partition(), metadata().offset());
      return (fate, counted) ->
          deadLetters.of(fate, counted, incoming.line(), incoming.frame(), position);
    }

    private Settler.Letters letters(LateLine line) {
      DeadLetter letter = line.letter();
      return (fate, counted) ->
          letter == null
              ? null
              : DeadLetters.encode(
                  new DeadLetter(fate, letter.excerpt(), letter.sealedFrame(), counted),
                  position(line.partition(), line.offset()));
    }

    private DeadLetters.Position position(int partition, long offset) {
      return new DeadLetters.Position(Topics.ACCESS_LOG.topicName(), partition, offset);
    }

    private RecordMetadata metadata() {
      return context.recordMetadata().orElseThrow();
    }

    private void prepareCommit() {
      settler.sendUsage();
      counters.writeBack();
      marks.writeBack();
    }

    private void emitCounts() {
      long now = context.currentSystemTimeMs();
      sightings.emit();
      counters.drain(
          count -> Outlets.FATE_COUNTS.encode(count.recordKey(), count).forward(context, now));
    }

    private void reportStatus(long now) {
      arrivals.markIfComplete();
      long version = keys.version();
      if (version != reportedVersion) {
        MeteringStatus status = new MeteringStatus(part, version, Instant.ofEpochMilli(now));
        Outlets.METERING_STATUS.encode(part, status).forward(context, now);
        reportedVersion = version;
        context.commit();
      }
    }
  }

  /** Names of hosts and files become parts of keys; one without bounds is no frame of ours. */
  private static @Nullable RawLine read(byte[] frame) {
    RawLine line = RawLine.fromBytes(frame);
    return line == null || line.host().length() + line.path().length() > LONGEST_SOURCE
        ? null
        : line;
  }

  private static byte @Nullable [] replayStamp(Headers headers) {
    Header header = headers.lastHeader(RawLine.REPLAY_HEADER);
    return header == null ? null : header.value();
  }
}
