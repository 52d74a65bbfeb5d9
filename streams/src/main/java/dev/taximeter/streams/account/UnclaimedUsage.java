package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UnattributedKey.Amount;
import dev.taximeter.contract.event.UnattributedKey.Claim;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.streams.account.Holdings.Holding;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Problems;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Usage of unknown keys and the claims to it. All of it stays numbered and windowed at its holder
 * as the history of what arrived; besides, what can be claimed is kept here, and leaves once.
 *
 * <p>A claim stands for ever. Usage that arrives after it goes on at once; usage that was there
 * before goes on in steps, oldest first, and a cursor in the store says how far they have come.
 */
final class UnclaimedUsage {
  /** What is held of one key: a request every two seconds for three weeks, some 500 MB. */
  static final int MOST_HELD_PER_KEY = 1_000_000;

  /** Identities of lines are kept as long. */
  static final Duration HELD_FOR = Duration.ofDays(400);

  /** 500 kB on their way to other accounts; a transaction has a few steps. */
  static final int ENTRIES_PER_STEP = 1_000;

  /** 200 entries per second and partition: each of a million is looked at every 83 minutes. */
  private static final int SWEEP_ENTRIES = 200;

  private static final String LAST = "%019d".formatted(Long.MAX_VALUE);

  private final ProcessorContext<byte[], byte[]> context;
  private final Holdings holdings;
  private final KeyValueStore<String, Usage> held;
  private final LineCounters counters;
  private final PendingEmissions pending;
  private final PendingEmissions forwarding;
  private final Problems problems;

  /** Shared by what there is no room for. */
  private final String overflow;

  private @Nullable String sweepCursor;

  /**
   * @param pending keys that changed since they were published
   * @param forwarding keys whose held usage is being forwarded
   */
  UnclaimedUsage(
      ProcessorContext<byte[], byte[]> context,
      Holdings holdings,
      KeyValueStore<String, Usage> held,
      LineCounters counters,
      PendingEmissions pending,
      PendingEmissions forwarding,
      Problems problems) {
    this.problems = problems;
    this.overflow = Holders.ofOverflow(context.taskId().partition());
    this.context = context;
    this.holdings = holdings;
    this.held = held;
    this.counters = counters;
    this.pending = pending;
    this.forwarding = forwarding;
  }

  /**
   * What follows from an event, before any of it is written.
   *
   * @param forwarded null if nobody claims it
   * @param kept whether it is held for a claim
   */
  record Receipt(
      String id, Holding after, UsageEvent event, @Nullable Outgoing forwarded, boolean kept) {}

  /**
   * Under which account usage is numbered: its own holder's, unless that would be one too many.
   *
   * @param account the usage's
   */
  String holderOf(String account, Usage usage) {
    String fingerprint = usage.keyFingerprint();
    if (usage.fate() != Fate.UNATTRIBUTED || fingerprint == null || !holdings.isFull()) {
      return account;
    }
    if (holdings.knows(fingerprint)) {
      return account;
    }
    reportIfFull();
    return overflow;
  }

  /** Names it to the operator that further keys are not told apart. */
  void reportIfFull() {
    if (holdings.isFull()) {
      problems.report(
          "keys of " + overflow,
          "Metering tells no more unknown keys apart in partition %d: usage of new ones is metered together as %s and cannot be claimed (their fingerprints are in usage_events); let the gateway reject keys that it does not know"
              .formatted(context.taskId().partition(), overflow));
    }
  }

  boolean isPending() {
    return !pending.isEmpty();
  }

  boolean isForwarding() {
    return !forwarding.isEmpty();
  }

  @Nullable Receipt decide(UsageEvent event) {
    Usage usage = event.usage();
    if (usage.fate() != Fate.UNATTRIBUTED) {
      return null;
    }
    if (event.account().equals(overflow)) {
      Holding before = holdings.ofOverflow(overflow);
      UnattributedKey after = before.key().afterUsage(usage);
      return new Receipt(after.recordKey(), new Holding(after, 0), event, null, false);
    }
    String id = UnattributedKey.recordKey(usage.keyFingerprint());
    Holding before = holdings.of(usage.keyFingerprint());
    UnattributedKey key = before.key().afterUsage(usage);
    Claim claim = key.claim();
    if (claim != null && claim.covers(usage.completion())) {
      return new Receipt(
          id,
          new Holding(key.withClaimed(key.claimed().plus(usage.tokens())), before.cursor()),
          event,
          encode(claim, usage),
          false);
    }
    // What has no key can never be claimed.
    boolean kept = usage.keyFingerprint() != null && key.held().requests() < MOST_HELD_PER_KEY;
    UnattributedKey after = kept ? key.withHeld(key.held().plus(usage.tokens())) : key;
    return new Receipt(id, new Holding(after, before.cursor()), event, null, kept);
  }

  void receive(Receipt receipt) {
    Usage usage = receipt.event().usage();
    holdings.put(receipt.id(), receipt.after());
    pending.mark(receipt.id());
    if (receipt.forwarded() != null) {
      forward(receipt.forwarded(), usage);
    } else if (receipt.kept()) {
      held.put(StoreKeys.of(receipt.id()) + number(receipt.event().sequence()), usage);
    }
  }

  private static Outgoing encode(Claim claim, Usage usage) {
    Usage billed =
        usage.billedTo(claim.keyName(), usage.keyFingerprint(), usage.keyLastFour(), Usage.CLAIMED);
    return Outlets.CLEARED_USAGE.encode(claim.account(), new AccountInput.UsageInput(billed));
  }

  /** Its holder had settled it; from here on the account's writer does. */
  private void forward(Outgoing outgoing, Usage usage) {
    outgoing.forward(
        context, Math.min(usage.arrival().toEpochMilli(), context.currentSystemTimeMs()));
    counters.moved(
        usage.shipment(), usage.source(), usage.arrival(), Fate.UNATTRIBUTED, Fate.BILLED);
    counters.unsettled(usage.shipment(), usage.source(), usage.arrival());
  }

  /**
   * Usage that was metered as nobody's has found its way to the desk after all.
   *
   * @param received what it was counted as then: so much leaves, whatever it is counted as today
   */
  void takeFromOverflow(Usage usage, TokenCounts received) {
    Holding before = holdings.ofOverflow(overflow);
    UnattributedKey key = before.key();
    UnattributedKey after = key.withClaimed(key.claimed().plus(received));
    holdings.put(after.recordKey(), new Holding(after, before.cursor()));
    pending.mark(after.recordKey());
    counters.moved(
        usage.shipment(), usage.source(), usage.arrival(), Fate.UNATTRIBUTED, Fate.SUSPENSE);
    counters.unsettled(usage.shipment(), usage.source(), usage.arrival());
  }

  /** The catalogue's writer has made sure that a key has one account for ever: none is refused. */
  void claim(Order.Claim order, Instruction instruction) {
    String id = order.fingerprint();
    Holding before = holdings.of(id);
    Claim was = before.key().claim();
    boolean repeated = was != null && was.commandId().equals(instruction.commandId());
    List<String> changed = new ArrayList<>(instruction.changed());
    changed.add("claim/" + id);
    Outgoing answer = answer(instruction, changed);
    if (!repeated) {
      boolean waiting = before.key().held().requests() > 0;
      Claim claim =
          new Claim(
              order.account(),
              order.keyName(),
              was == null ? order.from() : earlier(was.from(), order.from()),
              waiting,
              instruction.commandId(),
              instruction.author(),
              instruction.reason(),
              instruction.at());
      holdings.put(id, new Holding(before.key().withClaim(claim), 0));
      pending.mark(id);
      if (waiting) {
        forwarding.mark(id);
      }
    }
    answer.forward(context, context.currentSystemTimeMs());
  }

  private static Outgoing answer(Instruction instruction, List<String> changed) {
    return Outlets.ORDER_RESULTS.encode(
        instruction.commandId(),
        new CommandResult(
            instruction.commandId(), true, instruction.catalogVersion(), changed, List.of()));
  }

  /** A claim can be widened; what it has already forwarded does not come back. */
  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return null;
    }
    return one.isBefore(other) ? one : other;
  }

  /** Forwards the next of what was held before its key was claimed. */
  void forwardSome() {
    int budget = ENTRIES_PER_STEP;
    for (String id : forwarding.marked()) {
      if (budget <= 0) {
        return;
      }
      budget -= forwardSome(id, budget);
    }
  }

  private int forwardSome(String id, int most) {
    Holding before = holdings.of(id);
    Claim claim = before.key().claim();
    if (claim == null) {
      throw new IllegalStateException("usage of a key that nobody claims is not forwarded");
    }
    List<KeyValue<String, Usage>> next = next(id, before.cursor(), most);
    List<Outgoing> outgoing = new ArrayList<>();
    List<KeyValue<String, Usage>> covered = new ArrayList<>();
    UnattributedKey key = before.key();
    for (KeyValue<String, Usage> entry : next) {
      if (claim.covers(entry.value.completion())) {
        covered.add(entry);
        outgoing.add(encode(claim, entry.value));
        key =
            key.withClaimed(key.claimed().plus(entry.value.tokens()))
                .withHeld(key.held().minus(entry.value.tokens()));
      }
    }
    boolean more = next.size() == most;
    long cursor = next.isEmpty() ? before.cursor() : sequence(next.get(next.size() - 1).key) + 1;
    for (int i = 0; i < covered.size(); i++) {
      forward(outgoing.get(i), covered.get(i).value);
      held.delete(covered.get(i).key);
    }
    holdings.put(id, new Holding(key.withClaim(claim.withForwarding(more)), cursor));
    pending.mark(id);
    if (!more) {
      forwarding.clear(id);
    }
    return next.size();
  }

  private List<KeyValue<String, Usage>> next(String id, long cursor, int most) {
    List<KeyValue<String, Usage>> next = new ArrayList<>();
    String prefix = StoreKeys.of(id);
    try (KeyValueIterator<String, Usage> entries =
        held.range(prefix + number(cursor), prefix + LAST)) {
      while (entries.hasNext() && next.size() < most) {
        next.add(entries.next());
      }
    }
    return next;
  }

  int emit(long now) {
    return pending.drain(
        id -> {
          Outlets.UNATTRIBUTED_KEYS.encode(id, holding(id).key()).forward(context, now);
          return 1;
        });
  }

  /**
   * Looks at the next entries; begins again after the last one.
   *
   * @return whether any had been held for too long
   */
  boolean sweep(long now) {
    Instant oldest = Instant.ofEpochMilli(now).minus(HELD_FOR);
    List<KeyValue<String, Usage>> over = new ArrayList<>();
    String next = null;
    int seen = 0;
    try (KeyValueIterator<String, Usage> entries =
        sweepCursor == null ? held.all() : held.range(sweepCursor, null)) {
      while (entries.hasNext() && next == null) {
        KeyValue<String, Usage> entry = entries.next();
        if (seen == SWEEP_ENTRIES) {
          next = entry.key;
        } else if (entry.value.arrival().isBefore(oldest)) {
          over.add(entry);
        }
        seen++;
      }
    }
    sweepCursor = next;
    over.forEach(this::letGo);
    return !over.isEmpty();
  }

  private void letGo(KeyValue<String, Usage> entry) {
    String id = UnattributedKey.recordKey(entry.value.keyFingerprint());
    Holding before = holdings.of(entry.value.keyFingerprint());
    Amount rest = before.key().held().minus(entry.value.tokens());
    holdings.put(id, new Holding(before.key().withHeld(rest), before.cursor()));
    held.delete(entry.key);
    pending.mark(id);
  }

  private Holding holding(String id) {
    if (id.startsWith(Holders.OVERFLOW)) {
      return holdings.ofOverflow(Holders.UNATTRIBUTED + id);
    }
    return holdings.of(id.equals(UnattributedKey.recordKey(null)) ? null : id);
  }

  /** Ordered as text as they are as numbers. */
  private static String number(long number) {
    return "%019d".formatted(number);
  }

  private static long sequence(String storeKey) {
    return Long.parseLong(storeKey.substring(storeKey.length() - LAST.length()));
  }
}
