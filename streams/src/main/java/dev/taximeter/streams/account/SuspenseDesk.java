package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.SuspenseItem.Decision;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Problems;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Lines in suspense. Each is decided once: the one task that holds a line sees all decisions about
 * it, one after the other. Nothing is ever forgotten: what is open is somebody's money, and what is
 * decided must be known to refuse a second decision; people make few of them.
 */
final class SuspenseDesk {
  /**
   * Open lines of a task: some 3 kB each, 150 MB at most. A person decides about hundreds a day; so
   * many are an attack, and what is beyond is metered without a desk until there is room.
   */
  static final int MOST_OPEN = 50_000;

  private final ProcessorContext<byte[], byte[]> context;
  private final KeyValueStore<String, SuspenseItem> items;
  private final LineCounters counters;
  private final PendingEmissions pending;
  private final Problems problems;
  private final int mostOpen;
  private int open;

  SuspenseDesk(
      ProcessorContext<byte[], byte[]> context,
      KeyValueStore<String, SuspenseItem> items,
      LineCounters counters,
      PendingEmissions pending,
      Problems problems,
      int mostOpen) {
    this.problems = problems;
    this.mostOpen = mostOpen;
    this.context = context;
    this.items = items;
    this.counters = counters;
    this.pending = pending;
    try (KeyValueIterator<String, SuspenseItem> all = items.all()) {
      all.forEachRemaining(entry -> open += entry.value.decision() == null ? 1 : 0);
    }
    reportIfFull();
  }

  private void reportIfFull() {
    String name = "suspense in " + context.taskId();
    if (open < mostOpen) {
      problems.solved(name);
      return;
    }
    problems.report(
        name,
        "No more lines are taken into suspense in partition %d: usage of further ones is metered together as %s and can be assigned only after a replay; decide open ones (GET /v1/suspense), then replay further ones (GET /v1/dead-letters), and set the gateway's accessLogEncoding to JSON"
            .formatted(
                context.taskId().partition(), Holders.ofOverflow(context.taskId().partition())));
  }

  boolean isPending() {
    return !pending.isEmpty();
  }

  /**
   * Takes a line in; one that is here already stays as it is.
   *
   * @return whether there was room for it
   */
  boolean open(SuspendedUsage suspended) {
    SuspenseItem item = new SuspenseItem(suspended, null);
    if (items.get(item.lineId()) != null) {
      return true;
    }
    if (open >= mostOpen) {
      return false;
    }
    items.put(item.lineId(), item);
    pending.mark(item.lineId());
    open++;
    reportIfFull();
    return true;
  }

  /**
   * A line was judged again. If its payer is certain by now and nobody has decided, that is the
   * decision. Else one that there was no room for when it came is taken in, once: the desk forgets
   * no line, so one that it does not know was metered without it. Notes what became of the replay,
   * and if it is counted otherwise by now.
   *
   * @param received how it was counted when it came
   * @return whether it was taken in
   */
  boolean replay(AccountInput.DeskInput input, TokenCounts received) {
    SuspendedUsage suspended = input.suspended();
    SuspenseItem known = items.get(suspended.usage().id());
    AccountInput.Payer payer = input.payer();
    if (payer != null && (known == null || known.decision() == null)) {
      bill(suspended, known == null ? received : known.suspended().usage().tokens(), payer);
      open -= known == null ? 0 : 1;
      reportIfFull();
      return known == null;
    }
    boolean taken = known == null && open < mostOpen;
    Outgoing note =
        taken
            ? note(
                suspended,
                Outcome.RESOLVED,
                Fate.SUSPENSE,
                correction(received, suspended.usage().tokens(), "is in suspense"))
            : note(suspended, Outcome.REFUSED, null, obstacle(known, input.obstacle()));
    if (taken) {
      open(suspended);
    }
    note.forward(context, context.currentSystemTimeMs());
    return taken;
  }

  /** The configuration tells by now who pays, and nobody has decided otherwise. */
  private void bill(SuspendedUsage judged, TokenCounts before, AccountInput.Payer payer) {
    Usage usage = judged.usage();
    Outgoing assigned =
        encode(payer.account(), payer.keyName(), payer.fingerprint(), payer.lastFour(), usage);
    Outgoing note =
        note(
            judged, Outcome.RESOLVED, Fate.BILLED, correction(before, usage.tokens(), "is billed"));
    Decision decision =
        new Decision(
            payer.account(),
            payer.keyName(),
            Decision.REPLAY,
            Decision.REPLAY,
            "replayed: by the present configuration its payer is certain",
            Instant.ofEpochMilli(context.currentSystemTimeMs()));
    settle(new SuspenseItem(judged, decision), assigned);
    note.forward(context, context.currentSystemTimeMs());
  }

  /**
   * A sentence for people: how a line is counted otherwise than when it came; empty if it is not.
   */
  private static String correction(TokenCounts received, TokenCounts now, String is) {
    return received.equals(now)
        ? ""
        : "Its counts were corrected: it came with %s and %s with %s."
            .formatted(describe(received), is, describe(now));
  }

  private static String describe(TokenCounts tokens) {
    return "%d input (%d cached, %d written to the cache) and %d output tokens (%d reasoning)"
        .formatted(
            tokens.input(),
            tokens.cachedInput(),
            tokens.cacheWrite(),
            tokens.output(),
            tokens.reasoning());
  }

  /**
   * A sentence for people: why a line is neither billed nor taken in.
   *
   * @param uncertain why its payer is not certain; null if not known
   */
  private static String obstacle(@Nullable SuspenseItem known, @Nullable String uncertain) {
    if (known == null) {
      return "There is still no room for the line at the suspense desk: decide open ones (GET"
          + " /v1/suspense), then replay it again.";
    }
    if (known.decision() != null) {
      return "The line was in suspense, and is decided: %s."
          .formatted(describe(known.lineId(), known.decision()));
    }
    return uncertain == null ? "The line is in suspense: decide there who pays for it." : uncertain;
  }

  private Outgoing note(
      SuspendedUsage suspended, Outcome outcome, @Nullable Fate fate, String problem) {
    Usage usage = suspended.usage();
    return Outlets.SUSPENSE_REPLAYS.encode(
        usage.id(),
        new LineReplay(
            usage.id(),
            outcome,
            fate,
            fate == Fate.SUSPENSE ? suspended.reason() : null,
            problem,
            "",
            "",
            Instant.ofEpochMilli(context.currentSystemTimeMs()),
            usage.arrival(),
            usage.source(),
            usage.shipment()));
  }

  void resolve(Order.Resolve order, Instruction instruction) {
    SuspenseItem item = items.get(order.lineId());
    if (item == null) {
      refuse(
          instruction,
          "there is no line %s in suspense; if the desk had no room for it, replay its dead letter first"
              .formatted(order.lineId()));
      return;
    }
    Decision decided = item.decision();
    if (decided != null && !decided.commandId().equals(instruction.commandId())) {
      refuse(instruction, describe(order.lineId(), decided));
      return;
    }
    Outgoing answer = accept(instruction, order.lineId());
    if (decided == null) {
      decide(order, instruction, item);
    }
    answer.forward(context, context.currentSystemTimeMs());
  }

  private void decide(Order.Resolve order, Instruction instruction, SuspenseItem item) {
    Usage usage = item.suspended().usage();
    Outgoing assigned =
        order.account() == null ? null : encode(order.account(), instruction.key(), usage);
    Decision decision =
        new Decision(
            order.account(),
            order.keyName(),
            instruction.commandId(),
            instruction.author(),
            instruction.reason(),
            instruction.at());
    settle(new SuspenseItem(item.suspended(), decision), assigned);
    open--;
    reportIfFull();
  }

  /**
   * Notes a decision about a line, for good.
   *
   * @param assigned its usage for who pays; null if nobody does
   */
  private void settle(SuspenseItem decided, @Nullable Outgoing assigned) {
    if (assigned != null) {
      Usage usage = decided.suspended().usage();
      assigned.forward(
          context, Math.min(usage.arrival().toEpochMilli(), context.currentSystemTimeMs()));
      counters.moved(usage.shipment(), usage.source(), usage.arrival(), Fate.SUSPENSE, Fate.BILLED);
    }
    items.put(decided.lineId(), decided);
    pending.mark(decided.lineId());
  }

  private static Outgoing encode(String account, @Nullable ApiKey key, Usage usage) {
    if (key == null) {
      throw new IllegalStateException("the catalogue's writer names the key of an assignment");
    }
    String lastFour = key.lastFour().isEmpty() ? null : key.lastFour();
    return encode(account, key.name(), key.fingerprint(), lastFour, usage);
  }

  private static Outgoing encode(
      String account,
      String keyName,
      @Nullable String fingerprint,
      @Nullable String lastFour,
      Usage usage) {
    return Outlets.CLEARED_USAGE.encode(
        account,
        new AccountInput.UsageInput(
            usage.billedTo(keyName, fingerprint, lastFour, Usage.ASSIGNED)));
  }

  private static Outgoing accept(Instruction instruction, String lineId) {
    List<String> changed = new ArrayList<>(instruction.changed());
    changed.add("suspense/" + lineId);
    return Outlets.ORDER_RESULTS.encode(
        instruction.commandId(),
        new CommandResult(
            instruction.commandId(), true, instruction.catalogVersion(), changed, List.of()));
  }

  private void refuse(Instruction instruction, String problem) {
    Outlets.ORDER_RESULTS
        .encode(
            instruction.commandId(),
            new CommandResult(
                instruction.commandId(),
                false,
                instruction.catalogVersion(),
                List.of(),
                List.of(problem)))
        .forward(context, context.currentSystemTimeMs());
  }

  private static String describe(String lineId, Decision decided) {
    String what =
        decided.account() == null
            ? "written off"
            : "assigned to account %s, key %s,".formatted(decided.account(), decided.keyName());
    return "line %s was %s by %s at %s".formatted(lineId, what, decided.author(), decided.at());
  }

  int emit(long now) {
    return pending.drain(
        lineId -> {
          SuspenseItem item = items.get(lineId);
          if (item != null) {
            Outlets.SUSPENSE_ITEMS.encode(lineId, item).forward(context, now);
          }
          return 1;
        });
  }
}
