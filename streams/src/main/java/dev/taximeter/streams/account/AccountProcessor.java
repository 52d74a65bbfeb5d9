package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Gathering;
import dev.taximeter.streams.topology.parts.LineCounters;
import dev.taximeter.streams.topology.parts.Marks;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.OversizedRecordException;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.Problems;
import dev.taximeter.streams.topology.parts.WakeUp;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of its accounts: rates and numbers usage, adds it to windows, bills, credits
 * and quotas, and publishes what changed.
 *
 * <p>Windows leave in the transaction of the usage itself, states and settled counts together in
 * one punctuation, then or later: whoever sees a line settled sees the state and the windows that
 * include it.
 */
final class AccountProcessor implements Processor<String, AccountInput, byte[], byte[]> {
  static final String TERMS = "account-terms";
  static final String HEADS = "account-heads";
  static final String BILL_LINES = "account-bill-lines";
  static final String HELD = "account-held";
  static final String COUNTS = "account-counts";
  static final String PENDING = "account-pending";
  static final String COMMIT = "account-commit";

  private static final Logger LOG = LoggerFactory.getLogger(AccountProcessor.class);

  static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

  /** Account ids hold no tab. */
  private static final char MARK_SEPARATOR = '\t';

  /**
   * A month's record holds all of its bill lines, and a backfill touches all accounts. Emission
   * slows down when there is so much of it that it would crowd out the usage itself.
   */
  private static final int EMITTED_ITEMS_PER_SECOND = 50_000;

  /** Price lists kept ready for use; others are read from the store. */
  private static final int MOST_RATERS = 1_000;

  /** Whoever keeps up reads input within a second of its arrival. */
  private static final Duration KEEPS_UP = Duration.ofSeconds(30);

  /** How far an event is stamped back at most, of the days that its topic retains it. */
  private static final Duration OLDEST_STAMP = Duration.ofHours(1);

  /**
   * Sources are complete once intake is; what intake has decided may still wait to be read here.
   */
  private static final Duration CALM = Duration.ofMinutes(1);

  private final Duration windowRetention;
  private final Clearing.Bounds bounds;
  private final BillingSettings billing;

  private @Nullable Task task;

  /**
   * @param windowRetention how long a window stays open after the last usage in it
   * @param billing when bills become final by themselves
   */
  AccountProcessor(Duration windowRetention, BillingSettings billing) {
    this(windowRetention, billing, Clearing.Bounds.STANDARD);
  }

  AccountProcessor(Duration windowRetention, BillingSettings billing, Clearing.Bounds bounds) {
    this.windowRetention = windowRetention;
    this.billing = billing;
    this.bounds = bounds;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    task = new Task(context, windowRetention, billing, bounds);
  }

  @Override
  public void process(Record<String, AccountInput> record) {
    if (task == null) {
      throw new IllegalStateException("not initialised");
    }
    if (record.value() != null) {
      task.process(record);
    }
  }

  /** What exists only between initialisation and close. */
  private static final class Task {
    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<String, AccountTerms> terms;
    private final AccountBooks books;
    private final OpenWindows windows;
    private final Gathering<UsageEvent> events;
    private final HeldUsage held;
    private final LineCounters counters;
    private final Marks marks;
    private final PendingEmissions pendingMonths;
    private final PendingEmissions pendingStates;
    private final WakeUp emission;
    private final Clearing clearing;
    private final MoneyDesk money;
    private final QuotaDesk quotas;
    private final GateDesk gate;
    private final Problems problems;
    private final Map<String, Rater> raters = new RecentlyUsed<>(MOST_RATERS);
    private long earliestEmission;

    /** When input was read last that had waited. Whoever begins does not know what waits. */
    private long lastBehind;

    Task(
        ProcessorContext<byte[], byte[]> context,
        Duration windowRetention,
        BillingSettings billing,
        Clearing.Bounds bounds) {
      this.context = context;
      this.lastBehind = context.currentSystemTimeMs();
      this.problems = Problems.of(context.appConfigs());
      this.terms = context.getStateStore(TERMS);
      this.books =
          new AccountBooks(
              context.getStateStore(HEADS),
              context.getStateStore(BILL_LINES),
              context.getStateStore(MoneyDesk.SPENDING),
              context.getStateStore(MoneyDesk.BILLED_LINES),
              new FoldedCredits(context.getStateStore(FoldedCredits.STORE)));
      this.held = new HeldUsage(context.getStateStore(HELD));
      this.marks = new Marks(context.getStateStore(PENDING));
      PendingEmissions pendingCounts = new PendingEmissions(marks, "count");
      this.pendingMonths = new PendingEmissions(marks, "month");
      this.pendingStates = new PendingEmissions(marks, "state");
      this.windows = new OpenWindows(windowRetention, context::currentSystemTimeMs);
      this.events =
          new Gathering<>(
              (account, rated, stamp) ->
                  Outlets.USAGE_EVENTS.encode(account, rated).forward(context, stamp));
      this.counters =
          new LineCounters(
              "account-" + context.taskId().partition(),
              context.getStateStore(COUNTS),
              pendingCounts);
      this.emission = new WakeUp(context, this::emit);
      this.clearing =
          new Clearing(context, counters, marks, problems, bounds, this::scheduleEmission);
      this.money = new MoneyDesk(context, books, marks, this::termsOf, billing, changes());
      this.quotas = new QuotaDesk(context);
      this.gate = new GateDesk(context, quotas);
      if (!pendingMonths.isEmpty()
          || !pendingStates.isEmpty()
          || !pendingCounts.isEmpty()
          || clearing.isPending()) {
        emission.soon();
      }
      CommitHook commit = context.getStateStore(COMMIT);
      commit.onCommit(context, this::prepareCommit);
      context.schedule(SWEEP_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::sweep);
    }

    private MoneyDesk.Changes changes() {
      return new MoneyDesk.Changes() {
        @Override
        public void ofAccount(String account) {
          markState(account);
        }

        @Override
        public void ofMonth(String account, YearMonth period) {
          pendingMonths.mark(monthMark(account, period));
        }
      };
    }

    private void sweep(long now) {
      clearing.sweep(now);
      money.sweep(Instant.ofEpochMilli(now), now - lastBehind >= CALM.toMillis());
      quotas.sweep(Instant.ofEpochMilli(now));
      gate.sweep(terms, Instant.ofEpochMilli(now), this::markState);
    }

    private void markState(String account) {
      pendingStates.mark(account);
      scheduleEmission();
    }

    void process(Record<String, AccountInput> record) {
      String account = record.key();
      long now = context.currentSystemTimeMs();
      if (now - record.timestamp() > KEEPS_UP.toMillis()) {
        lastBehind = now;
      }
      if (record.value() instanceof AccountInput.TermsInput input) {
        accept(account, input.terms(), Instant.ofEpochMilli(record.timestamp()));
        held.release(account, usage -> settle(account, usage));
      } else if (record.value() instanceof AccountInput.UsageInput input) {
        settleOrHold(account, input.usages());
      } else if (record.value() instanceof AccountInput.SuspenseInput input) {
        if (!clearing.suspend(input.suspended())) {
          settleWithoutDesk(input.suspended().usage());
        }
      } else if (record.value() instanceof AccountInput.DeskInput input) {
        clearing.replay(input);
      } else if (record.value() instanceof AccountInput.OrderInput input) {
        if (input.instruction().order() instanceof Order.OfAccount) {
          money.carryOut(input.instruction());
        } else {
          clearing.carryOut(input.instruction());
        }
      }
    }

    /** One defect must not cost the others of a record their place. */
    private void settleOrHold(String account, List<Usage> usages) {
      RuntimeException defect = null;
      for (int i = 0; i < usages.size(); i++) {
        Usage usage = usages.get(i);
        try {
          settleOrHold(clearing.holderOf(account, usage), usage, i);
        } catch (KafkaException storeFailed) {
          throw storeFailed;
        } catch (RuntimeException e) {
          defect = defect == null ? e : defect;
        }
      }
      if (defect != null) {
        throw defect;
      }
    }

    private void settleOrHold(String account, Usage usage, int place) {
      if (!settle(account, usage)) {
        held.hold(account, usage, offset(), place);
      }
    }

    /** There is no room for another line in suspense, but what was used is metered all the same. */
    private void settleWithoutDesk(Usage suspended) {
      counters.moved(
          suspended.shipment(),
          suspended.source(),
          suspended.arrival(),
          Fate.SUSPENSE,
          Fate.UNATTRIBUTED);
      settleOrHold(Holders.ofOverflow(context.taskId().partition()), suspended.withoutDesk(), 0);
    }

    private long offset() {
      return context.recordMetadata().map(RecordMetadata::offset).orElseThrow();
    }

    private void accept(String account, AccountTerms changed, Instant at) {
      QuotaDesk.Decision reached =
          quotas.decideChange(termsOf(account), changed, books.head(account).sequence());
      terms.put(account, changed);
      quotas.carryOut(reached, context.currentSystemTimeMs());
      raters.put(account, new Rater(changed));
      money.accept(account, changed, at);
      pendingStates.mark(account);
      scheduleEmission();
    }

    /** Returns whether it could be rated. */
    private boolean settle(String account, Usage usage) {
      Rated rated = rate(account, usage);
      if (rated == null) {
        return false;
      }
      long stamp = stamp(usage);
      events.add(account, rated.event(), rated.eventBytes(), stamp);
      quotas.carryOut(rated.quotas(), stamp);
      if (usage.fate() != Fate.UNATTRIBUTED) {
        quotas.remember(rated.event(), rated.zone());
      }
      books.add(account, rated.head(), rated.rating(), usage.completion());
      if (rated.rating().cost().signum() != 0) {
        money.used(account);
      }
      windows.add(rated.event(), rated.zone());
      if (windows.isFull()) {
        publishWindows();
      }
      counters.settled(usage.shipment(), usage.source(), usage.arrival());
      clearing.receive(rated.receipt());
      pendingMonths.mark(monthMark(account, rated.rating().period()));
      pendingStates.mark(account);
      scheduleEmission(usage.arrival().toEpochMilli());
      return true;
    }

    /** An event with everything that follows from it, before any of it is written. */
    private record Rated(
        Rating rating,
        AccountHead head,
        UsageEvent event,
        ZoneId zone,
        int eventBytes,
        QuotaDesk.Decision quotas,
        UnclaimedUsage.@Nullable Receipt receipt) {}

    /** Returns null if it cannot be rated yet. */
    private @Nullable Rated rate(String account, Usage usage) {
      boolean unattributed = usage.fate() == Fate.UNATTRIBUTED;
      Rater rater = unattributed ? null : rater(account);
      if (!unattributed && rater == null) {
        LOG.warn("Usage of account {} came before its terms; it waits for them", account);
        return null;
      }
      AccountHead before = books.head(account);
      try {
        Rating rating =
            rater == null
                ? Rater.unattributed(usage)
                : rater.rate(usage, books.linesOf(account), books.costLinesOf(account));
        UsageEvent event =
            new UsageEvent(
                account,
                before.sequence() + 1,
                usage,
                rater == null ? "" : rater.terms().account().currency(),
                rating.cost(),
                rating.unpriced(),
                rating.charges(),
                rating.providerCost(),
                Instant.ofEpochMilli(context.currentSystemTimeMs()));
        return new Rated(
            rating,
            before.afterUsage(usage, rating),
            event,
            rater == null ? ZoneOffset.UTC : rater.terms().account().timezone(),
            eventBytes(event),
            rater == null ? QuotaDesk.Decision.NONE : quotas.decide(rater.terms(), event),
            clearing.decide(event));
      } catch (KafkaException storeFailed) {
        throw storeFailed;
      } catch (RuntimeException defect) {
        LOG.error("Line {} cannot be rated; it is held: {}", usage.id(), Defects.describe(defect));
        return null;
      }
    }

    private static int eventBytes(UsageEvent event) {
      int bytes = PackedEvents.mostBytes(event);
      Outlets.USAGE_EVENTS.requireRoom(bytes);
      return bytes;
    }

    private @Nullable AccountTerms termsOf(String account) {
      Rater rater = rater(account);
      return rater == null ? null : rater.terms();
    }

    private @Nullable Rater rater(String account) {
      Rater ready = raters.get(account);
      if (ready != null) {
        return ready;
      }
      AccountTerms stored = terms.get(account);
      if (stored == null) {
        return null;
      }
      Rater rater = new Rater(stored);
      raters.put(account, rater);
      return rater;
    }

    /**
     * Brokers take no record that is stamped far in the future, and a shipper's clock may be ahead.
     * They delete what is stamped longer ago than a topic retains, and usage that is claimed or
     * assigned may have arrived long before: it would be gone before it has landed.
     */
    private long stamp(Usage usage) {
      long now = context.currentSystemTimeMs();
      long arrival = Math.max(usage.arrival().toEpochMilli(), now - OLDEST_STAMP.toMillis());
      return Math.min(arrival, now);
    }

    private void scheduleEmission() {
      scheduleEmission(context.currentSystemTimeMs());
    }

    private void scheduleEmission(long arrival) {
      long wait = earliestEmission - context.currentSystemTimeMs();
      if (wait > 0) {
        emission.in(Duration.ofMillis(wait));
      } else {
        emission.after(arrival);
      }
    }

    /** Usage and its windows leave together, and what is in memory becomes part of the stores. */
    private void prepareCommit() {
      events.drain();
      publishWindows();
      books.writeBack();
      clearing.writeBack();
      quotas.writeBack();
      counters.writeBack();
      marks.writeBack();
    }

    private void publishWindows() {
      long now = context.currentSystemTimeMs();
      windows.drain(
          changed ->
              Outlets.USAGE_WINDOWS.encode(changed.account(), changed).forward(context, now));
    }

    private void emit() {
      long now = context.currentSystemTimeMs();
      events.drain();
      // Months before the summaries that name them: readers put them together in this order.
      int items = pendingMonths.drain(mark -> emitMonth(mark, now));
      items += pendingStates.drain(account -> emitSummary(account, now));
      items +=
          counters.drain(
              count ->
                  Outlets.SETTLED_COUNTS.encode(count.recordKey(), count).forward(context, now));
      items += clearing.emit(now);
      earliestEmission = now + items * 1_000L / EMITTED_ITEMS_PER_SECOND;
    }

    private int emitMonth(String mark, long now) {
      int end = mark.lastIndexOf(MARK_SEPARATOR);
      AccountRecord.Month month =
          books.monthOf(mark.substring(0, end), YearMonth.parse(mark.substring(end + 1)));
      emit(month, now);
      return 1 + month.lines().size();
    }

    private int emitSummary(String account, long now) {
      AccountRecord.Summary summary = summary(account);
      emit(summary, now);
      int gates = gate.emit(termsOf(account), books.head(account), books.wallet(account), now);
      return 1 + summary.periods().size() + gates;
    }

    /**
     * A record that is too large is left out, by name and visibly. Readers then stay at the
     * account's last whole state; nothing is lost, it is in the stores, and the account's next
     * change tries again.
     */
    private void emit(AccountRecord record, long now) {
      Outgoing outgoing;
      try {
        outgoing = Outlets.ACCOUNT_STATES.encode(record.recordKey(), record);
      } catch (OversizedRecordException tooLarge) {
        String sentence =
            "The state of account %s stays at what was published last: %s; remove credits from it"
                .formatted(record.account(), tooLarge.getMessage());
        if (problems.report(record.recordKey(), sentence)) {
          LOG.error(sentence);
        }
        return;
      }
      outgoing.forward(context, now);
      problems.solved(record.recordKey());
    }

    private static String monthMark(String account, YearMonth period) {
      return account + MARK_SEPARATOR + period;
    }

    private AccountRecord.Summary summary(String account) {
      AccountHead head = books.head(account);
      AccountTerms known = termsOf(account);
      Wallet wallet = books.wallet(account);
      Draws draws = wallet.draws();
      return new AccountRecord.Summary(
          account,
          head.sequence(),
          known == null ? 0 : known.catalogVersion(),
          known == null ? "" : known.account().currency(),
          known == null ? "UTC" : known.account().timezone().getId(),
          head.spent(),
          head.sequence(),
          wallet.creditStates(draws),
          books.monthsOf(account, draws),
          head.lastCompletion(),
          wallet.books());
    }
  }
}
