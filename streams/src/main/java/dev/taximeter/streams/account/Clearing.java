package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Marks;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Problems;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import dev.taximeter.streams.topology.parts.WakeUp;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Usage that waits here until it is known who pays, and then goes on to that account, once and
 * under its line's identity: unattributed usage until its key is claimed, lines in suspense until a
 * person has decided. The part of an account's task that knows no money.
 */
final class Clearing {
  /** What was metered of each unknown key, by fingerprint. */
  static final String KEYS = "unattributed-keys";

  /** Unattributed usage that a claim would forward. */
  static final String UNCLAIMED = "unattributed-usage";

  /** Lines in suspense, by identity. */
  static final String SUSPENSE = "suspense-items";

  /**
   * Between two steps of forwarding. With a step's size, it bounds what one transaction forwards:
   * at a commit every 100 ms, two or three steps.
   */
  private static final Duration STEP_INTERVAL = Duration.ofMillis(50);

  /**
   * How much a task keeps apart.
   *
   * @param keys unknown keys
   * @param openLines lines in suspense that nobody has decided about
   */
  record Bounds(int keys, int openLines) {
    static final Bounds STANDARD = new Bounds(Holdings.MOST_KEYS, SuspenseDesk.MOST_OPEN);
  }

  private final Holdings holdings;
  private final UnclaimedUsage unclaimed;
  private final SuspenseDesk suspense;
  private final WakeUp forwarding;
  private final Runnable emission;

  /**
   * @param marks of what is to be published and of claims that are being forwarded
   * @param emission asks for {@link #emit} to be called soon
   */
  Clearing(
      ProcessorContext<byte[], byte[]> context,
      LineCounters counters,
      Marks marks,
      Problems problems,
      Bounds bounds,
      Runnable emission) {
    this.emission = emission;
    this.holdings = new Holdings(context.getStateStore(KEYS), bounds.keys());
    this.unclaimed =
        new UnclaimedUsage(
            context,
            holdings,
            context.getStateStore(UNCLAIMED),
            counters,
            new PendingEmissions(marks, "unattributed"),
            new PendingEmissions(marks, "claim"),
            problems);
    unclaimed.reportIfFull();
    this.suspense =
        new SuspenseDesk(
            context,
            context.getStateStore(SUSPENSE),
            counters,
            new PendingEmissions(marks, "suspense"),
            problems,
            bounds.openLines());
    this.forwarding = new WakeUp(context, this::forward);
    if (unclaimed.isForwarding()) {
      forwarding.in(STEP_INTERVAL);
    }
  }

  static Set<StoreBuilder<?>> stores() {
    return Set.of(
        StoreBuilders.writeThrough(KEYS, Serdes.String(), Json.serde(Holdings.Holding.class)),
        StoreBuilders.writeThrough(UNCLAIMED, Serdes.String(), Json.serde(Usage.class)),
        StoreBuilders.writeThrough(SUSPENSE, Serdes.String(), Json.serde(SuspenseItem.class)));
  }

  /** {@return whether something waits to be published} */
  boolean isPending() {
    return unclaimed.isPending() || suspense.isPending();
  }

  /**
   * Decides what follows for a claim from an event; encodes it, writes nothing.
   *
   * @return null if the event is not unattributed
   */
  UnclaimedUsage.@Nullable Receipt decide(UsageEvent event) {
    return unclaimed.decide(event);
  }

  /** Does what was decided. */
  void receive(UnclaimedUsage.@Nullable Receipt receipt) {
    if (receipt != null) {
      unclaimed.receive(receipt);
    }
  }

  /**
   * @return under which account usage is numbered: its own, unless it is one unknown key too many
   */
  String holderOf(String account, Usage usage) {
    return unclaimed.holderOf(account, usage);
  }

  /**
   * Takes a line in.
   *
   * @return whether there was room for it
   */
  boolean suspend(SuspendedUsage suspended) {
    boolean taken = suspense.open(suspended);
    emission.run();
    return taken;
  }

  /**
   * Bills a line in suspense that was judged again, if its payer is certain by now. Or puts it on
   * the desk, if that had no room for it when it came and has by now. The usage of one that the
   * desk had no room for was metered as nobody's meanwhile, and is so no longer.
   */
  void replay(AccountInput.DeskInput input) {
    Usage usage = input.suspended().usage();
    TokenCounts before = input.received() == null ? usage.tokens() : input.received();
    if (suspense.replay(input, before)) {
      unclaimed.takeFromOverflow(usage, before);
    }
    emission.run();
  }

  /** Carries an order out and answers it. */
  void carryOut(Instruction instruction) {
    if (instruction.order() instanceof Order.Claim claim) {
      unclaimed.claim(claim, instruction);
      if (unclaimed.isForwarding()) {
        forwarding.in(STEP_INTERVAL);
      }
    } else if (instruction.order() instanceof Order.Resolve resolve) {
      suspense.resolve(resolve, instruction);
    } else {
      throw new IllegalStateException("an order that no account carries out");
    }
    emission.run();
  }

  private void forward() {
    unclaimed.forwardSome();
    emission.run();
    if (unclaimed.isForwarding()) {
      forwarding.in(STEP_INTERVAL);
    }
  }

  /**
   * Publishes what changed.
   *
   * @return how many records
   */
  int emit(long now) {
    return unclaimed.emit(now) + suspense.emit(now);
  }

  /** Writes what is in memory to the stores; belongs into the transaction of the changes. */
  void writeBack() {
    holdings.writeBack();
  }

  /** Lets go of what has been held for too long, a bounded number of entries at a time. */
  void sweep(long now) {
    if (unclaimed.sweep(now)) {
      emission.run();
    }
  }
}
