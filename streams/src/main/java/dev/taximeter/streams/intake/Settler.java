package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.packed.PackedUsage;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Gathering;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets decisions take effect: everything is encoded first, then sent and counted. */
final class Settler {
  private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

  /** Why a replay is refused. */
  static final String METERED =
      "The line is not quarantined any more: a copy of it, or an earlier replay, has been metered.";

  static final String NOT_KNOWN =
      "History does not know the line as quarantined; ship its file again.";

  static final String UNREADABLE_SUSPENSE =
      "The line stays in suspense: by the present configuration no usage can be read of it. Choose"
          + " its template and dialect and replay it again, or decide it: GET /v1/suspense.";

  static final String NO_LINE = "The record holds no framed line; ship its file again.";

  private static final int MOST_BYTES_PER_CHARACTER = 3;

  private final ProcessorContext<byte[], byte[]> context;
  private final LineCounters counters;
  private final Gathering<Usage> usage;

  Settler(ProcessorContext<byte[], byte[]> context, LineCounters counters) {
    this.context = context;
    this.counters = counters;
    this.usage =
        new Gathering<>(
            (account, usages, timestamp) ->
                Outlets.USAGE
                    .encode(account, new AccountInput.UsageInput(usages))
                    .forward(context, timestamp));
  }

  /** Sends on what was decided since the last time; belongs into the transaction of the lines. */
  void sendUsage() {
    usage.drain();
  }

  /** Makes the dead letter of a line. */
  @FunctionalInterface
  interface Letters {
    /**
     * @param counted tokens of a line in suspense; null for any other
     * @return null if the line's content is not at hand
     */
    @Nullable Outgoing of(LineFate fate, @Nullable TokenCounts counted);
  }

  /**
   * Gives a line its fate and counts it.
   *
   * @param timestamp of what is sent, Unix milliseconds
   * @return the fate: quarantined, if a defect keeps the decision from being written down
   */
  Fate settle(Decision decision, Arrival arrival, Letters letters, long timestamp) {
    Decision settled = decision;
    List<Outgoing> records;
    try {
      records = encode(decision, letters);
    } catch (RuntimeException defect) {
      LOG.error("A defect in encoding line {}: {}", arrival.id(), Defects.describe(defect));
      settled = unwritable(decision, arrival);
      records = encode(settled, letters);
    }
    send(settled, records, timestamp);
    counters.decided(arrival.shipment(), arrival.source(), arrival.at(), settled.fate());
    return settled.fate();
  }

  /**
   * Gives a quarantined line another fate, if it has one by now: one line moves in the counts, none
   * is added.
   *
   * @return the line's fate
   */
  Fate settleAgain(Decision decision, Arrival arrival, Letters letters, Instant now) {
    List<Outgoing> records = new ArrayList<>();
    Fate fate = decision.fate();
    try {
      if (fate != Fate.QUARANTINED) {
        records.addAll(encode(decision, letters));
      }
      records.add(replay(fate, reason(decision), arrival, now));
    } catch (RuntimeException defect) {
      LOG.error("A defect in encoding line {}: {}", arrival.id(), Defects.describe(defect));
      fate = Fate.QUARANTINED;
      records = List.of(replay(fate, Reason.INTERNAL_ERROR, arrival, now));
    }
    // Not under the instant of arrival: that may be as long ago as the topics retain records.
    if (fate == Fate.QUARANTINED) {
      records.forEach(record -> record.forward(context, now.toEpochMilli()));
    } else {
      send(decision, records, now.toEpochMilli());
    }
    if (fate != Fate.QUARANTINED) {
      counters.moved(arrival.shipment(), arrival.source(), arrival.at(), Fate.QUARANTINED, fate);
    }
    return fate;
  }

  /**
   * Passes a line in suspense on to where its kind is decided; the desk notes what became of it.
   *
   * @param input null if no usage can be read of it any more
   */
  void putOnDesk(AccountInput.@Nullable DeskInput input, Arrival arrival, Instant now) {
    if (input == null) {
      refuse(UNREADABLE_SUSPENSE, arrival, now);
      return;
    }
    Outgoing record;
    try {
      record = Outlets.USAGE.encode(Holders.ofLine(input.suspended().usage().id()), input);
    } catch (RuntimeException defect) {
      LOG.error("A defect in encoding line {}: {}", arrival.id(), Defects.describe(defect));
      refuse(UNREADABLE_SUSPENSE, arrival, now);
      return;
    }
    record.forward(context, now.toEpochMilli());
  }

  /**
   * Notes that a replay changes nothing: an order that nobody answers would look as if it waited.
   */
  void refuse(String problem, Arrival arrival, Instant now) {
    replay(LineReplay.Outcome.REFUSED, null, null, problem, arrival, now)
        .forward(context, now.toEpochMilli());
  }

  /** What becomes of a decision that a defect keeps from being written down. */
  static Decision unwritable(Decision decision, Arrival arrival) {
    Reason was = reason(decision);
    // The doubt must be known when the line is sent again, and of a part no more than that.
    boolean telling = was == Reason.UNCERTAIN_BEGINNING || was == Reason.LINE_TOO_LONG;
    Reason reason = was != null && telling ? was : Reason.INTERNAL_ERROR;
    return LineJudge.unread(Fate.QUARANTINED, reason, arrival);
  }

  private static List<Outgoing> encode(Decision decision, Letters letters) {
    List<Outgoing> records = new ArrayList<>();
    if (decision instanceof Decision.ToAccount toAccount) {
      Outlets.USAGE.requireRoom(mostBytes(toAccount));
    } else if (decision instanceof Decision.Suspended suspended) {
      records.add(
          Outlets.USAGE.encode(
              Holders.ofLine(suspended.suspended().usage().id()),
              new AccountInput.SuspenseInput(suspended.suspended())));
      encodeRejected(
          suspended.rejected(), suspended.suspended().usage().tokens(), letters, records);
    } else if (decision instanceof Decision.Rejected rejected) {
      encodeRejected(rejected, null, letters, records);
    }
    return records;
  }

  private static int mostBytes(Decision.ToAccount decision) {
    return decision.account().length() * MOST_BYTES_PER_CHARACTER
        + PackedUsage.mostBytes(decision.usage());
  }

  private void send(Decision decision, List<Outgoing> records, long timestamp) {
    records.forEach(record -> record.forward(context, timestamp));
    if (decision instanceof Decision.ToAccount toAccount) {
      usage.add(toAccount.account(), toAccount.usage(), mostBytes(toAccount), timestamp);
    }
  }

  private static void encodeRejected(
      Decision.Rejected rejected,
      @Nullable TokenCounts counted,
      Letters letters,
      List<Outgoing> records) {
    LineFate fate = rejected.lineFate();
    records.add(Outlets.LINE_FATES.encode(fate.id(), fate));
    Outgoing letter = rejected.isDeadLetter() ? letters.of(fate, counted) : null;
    if (letter != null) {
      records.add(letter);
    }
  }

  private static Outgoing replay(Fate fate, @Nullable Reason reason, Arrival arrival, Instant now) {
    LineReplay.Outcome outcome =
        fate == Fate.QUARANTINED ? LineReplay.Outcome.UNCHANGED : LineReplay.Outcome.RESOLVED;
    return replay(outcome, fate, reason, "", arrival, now);
  }

  private static Outgoing replay(
      LineReplay.Outcome outcome,
      @Nullable Fate fate,
      @Nullable Reason reason,
      String problem,
      Arrival arrival,
      Instant now) {
    LineReplay replay =
        new LineReplay(
            arrival.id(),
            outcome,
            fate,
            reason,
            problem,
            "",
            "",
            now,
            arrival.at(),
            arrival.source(),
            arrival.shipment());
    return Outlets.LINE_REPLAYS.encode(arrival.id(), replay);
  }

  private static @Nullable Reason reason(Decision decision) {
    if (decision instanceof Decision.Suspended suspended) {
      return suspended.rejected().lineFate().reason();
    }
    return decision instanceof Decision.Rejected rejected ? rejected.lineFate().reason() : null;
  }
}
