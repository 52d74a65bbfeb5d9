package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.QuotaPeriod;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.gateway.Glob;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.SlidingSteps;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Counts usage against the quotas of its account, window by window, and says once when a threshold
 * is reached. What is late counts in the window in which it was used, so windows are kept beyond
 * their end. A sliding window is looked at as it is now: a threshold is told again when it is
 * reached after it was left. Counts lie in memory until {@link #writeBack}, which has to happen in
 * the transaction of the usage.
 */
final class QuotaDesk {
  static final String QUOTAS = "account-quotas";

  /** As long as usage can be late: older lines are in suspense. There are few of such windows. */
  private static final Duration DATES_KEPT = Duration.ofDays(400);

  /** Of hours and minutes there are many, and nobody looks at those of long ago. */
  private static final Duration HOURS_KEPT = Duration.ofDays(40);

  private static final Duration MINUTES_KEPT = Duration.ofDays(2);

  /** Windows that are written at once. */
  private static final int MOST_WINDOWS = 20_000;

  /** Decoded windows kept by a task, with the steps of sliding ones; about 200 bytes each. */
  private static final int MOST_ENTRIES = 40_000;

  /** Stored windows that are looked at in a sweep. */
  private static final int SWEPT_AT_ONCE = 5_000;

  /** Of a sliding quota there is one window. */
  private static final String SLIDING = "sliding";

  private static final BigDecimal PERCENT = BigDecimal.valueOf(100);

  private final ProcessorContext<byte[], byte[]> context;
  private final KeyValueStore<String, byte[]> store;
  private final RecentDays days;
  private final Map<String, Window> windows = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> changed = new LinkedHashSet<>();

  /** The last window that was swept; null before the first. */
  private @Nullable String swept;

  QuotaDesk(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    this.store = context.getStateStore(QUOTAS);
    this.days = new RecentDays(context.getStateStore(RecentDays.DAYS));
  }

  static StoreBuilder<?> store() {
    return StoreBuilders.writeThrough(QUOTAS, Serdes.String(), Serdes.ByteArray());
  }

  /**
   * A window of a quota.
   *
   * @param end exclusive
   * @param value what was used in it
   * @param reached thresholds that have been told, in percent
   * @param steps what was used in each step of a sliding window; null if it is the calendar's
   */
  private record Window(
      Quota.Window kind,
      Instant end,
      BigDecimal value,
      Set<Integer> reached,
      @Nullable SlidingSteps steps) {
    Window(Quota.Window kind, Instant end, BigDecimal value, Set<Integer> reached) {
      this(kind, end, value, reached, null);
    }

    int entries() {
      return 1 + (steps == null ? 0 : steps.used().size());
    }

    Window with(Set<Integer> told) {
      return new Window(kind, end, value, told, steps);
    }
  }

  /** What follows from an event or a change, before any of it is written. */
  static final class Decision {
    static final Decision NONE = new Decision();

    private final Map<String, Window> windows = new LinkedHashMap<>();
    private final List<Outgoing> alerts = new ArrayList<>();

    private Decision() {}
  }

  /** Where a threshold was crossed. */
  private record Crossing(Instant at, @Nullable Usage usage, long sequence, Instant now) {}

  /**
   * @param event usage of the account, rated and numbered
   */
  Decision decide(AccountTerms terms, UsageEvent event) {
    if (terms.quotas().isEmpty()) {
      return Decision.NONE;
    }
    Decision decision = new Decision();
    Usage usage = event.usage();
    Crossing crossing = new Crossing(usage.completion(), usage, event.sequence(), now());
    for (Quota quota : terms.quotas()) {
      if (covers(terms, quota, usage.key(), usage.model())) {
        BigDecimal more = measure(quota.metric(), event);
        if (quota.kind() == Quota.Kind.SLIDING) {
          slide(decision, terms, quota, more, crossing);
        } else {
          add(decision, terms, quota, more, crossing);
        }
      }
    }
    return decision;
  }

  private void add(
      Decision decision, AccountTerms terms, Quota quota, BigDecimal more, Crossing crossing) {
    QuotaPeriod period = periodOf(terms, quota, crossing.at);
    if (isOver(quota.window(), period.end(), crossing.now)) {
      return;
    }
    Window before = window(terms, quota, period);
    BigDecimal value = before.value.add(more);
    Window after = new Window(quota.window(), before.end, value, before.reached);
    count(decision, terms, quota, period, after, crossing);
  }

  private void slide(
      Decision decision, AccountTerms terms, Quota quota, BigDecimal more, Crossing crossing) {
    Instant now = crossing.now;
    // A gateway's clock may be ahead.
    Instant at = crossing.at.isAfter(now) ? now : crossing.at;
    Window before = slidingWindow(terms, quota, now);
    SlidingSteps steps = stepsOf(before);
    if (steps.reaches(at, now)) {
      SlidingSteps next = steps.with(at, more);
      Window after = new Window(quota.window(), before.end, next.sum(), before.reached, next);
      count(decision, terms, quota, periodOf(terms, quota, now), after, crossing);
    }
  }

  private static SlidingSteps stepsOf(Window window) {
    SlidingSteps steps = window.steps;
    return steps == null ? new SlidingSteps(window.kind) : steps;
  }

  /** A sliding window as it is now. Thresholds that it has fallen below can be reached again. */
  private Window slidingWindow(AccountTerms terms, Quota quota, Instant now) {
    QuotaPeriod period = periodOf(terms, quota, now);
    Window known = window(terms, quota, period);
    SlidingSteps steps = stepsOf(known).at(now);
    BigDecimal value = steps.sum();
    return new Window(
        quota.window(), period.end(), value, stillReached(quota, known, value), steps);
  }

  /** Only a value that falls leaves thresholds: raising the limit and lowering it tells nothing. */
  private static Set<Integer> stillReached(Quota quota, Window known, BigDecimal value) {
    if (value.compareTo(known.value) >= 0) {
      return known.reached;
    }
    return known.reached.stream()
        .filter(threshold -> isOver(quota, threshold, value))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The hard quotas of an account and what their windows have. */
  List<GateState.Limit> limits(AccountTerms terms, Instant now) {
    List<GateState.Limit> limits = new ArrayList<>();
    for (Quota quota : terms.quotas()) {
      if (quota.stopsRequests()) {
        Window window = currentWindow(terms, quota, now);
        SlidingSteps steps = window.steps;
        limits.add(
            new GateState.Limit(
                quota.id(),
                quota.key(),
                quota.team(),
                quota.model(),
                quota.limit(),
                window.value,
                steps == null ? window.end : steps.below(quota.limit(), now)));
      }
    }
    return limits;
  }

  private Window currentWindow(AccountTerms terms, Quota quota, Instant now) {
    return quota.kind() == Quota.Kind.SLIDING
        ? slidingWindow(terms, quota, now)
        : window(terms, quota, periodOf(terms, quota, now));
  }

  /** Keeps usage for quotas that do not exist yet. */
  void remember(UsageEvent event, ZoneId zone) {
    days.add(event, zone, now());
  }

  /**
   * A change of the catalogue may have lowered a limit below what the open window has. A quota that
   * is new begins with what its open window has already.
   *
   * @param before terms until now; null if there were none
   */
  Decision decideChange(@Nullable AccountTerms before, AccountTerms terms, long sequence) {
    Decision decision = new Decision();
    Crossing crossing = new Crossing(now(), null, sequence, now());
    for (Quota quota : terms.quotas()) {
      QuotaPeriod period = periodOf(terms, quota, crossing.now);
      Window window =
          isNew(before, quota) && hasDays(quota)
              ? seeded(terms, quota, period)
              : currentWindow(terms, quota, crossing.now);
      count(decision, terms, quota, period, window, crossing);
    }
    return decision;
  }

  private static boolean isNew(@Nullable AccountTerms before, Quota quota) {
    return before != null
        && before.quotas().stream().noneMatch(known -> known.id().equals(quota.id()));
  }

  /** Shorter windows are over before anybody could miss what was in them. */
  private static boolean hasDays(Quota quota) {
    return quota.kind() == Quota.Kind.CALENDAR && quota.window().compareTo(Quota.Window.DAY) >= 0;
  }

  private Window seeded(AccountTerms terms, Quota quota, QuotaPeriod period) {
    BigDecimal value = BigDecimal.ZERO;
    ZoneId zone = terms.account().timezone();
    for (RecentDays.Sums sums :
        days.within(terms.account().id(), period.start(), period.end(), zone)) {
      if (covers(terms, quota, sums.key(), sums.model())) {
        value = value.add(measure(quota.metric(), sums));
      }
    }
    return new Window(quota.window(), period.end(), value, Set.of());
  }

  private static BigDecimal measure(Quota.Metric metric, RecentDays.Sums sums) {
    return switch (metric) {
      case TOTAL_TOKENS ->
          BigDecimal.valueOf(Math.addExact(sums.inputTokens(), sums.outputTokens()));
      case INPUT_TOKENS -> BigDecimal.valueOf(sums.inputTokens());
      case OUTPUT_TOKENS -> BigDecimal.valueOf(sums.outputTokens());
      case REQUESTS -> BigDecimal.valueOf(sums.requests());
      case COST -> sums.cost();
    };
  }

  private static void count(
      Decision decision,
      AccountTerms terms,
      Quota quota,
      QuotaPeriod period,
      Window window,
      Crossing crossing) {
    Set<Integer> reached = window.reached;
    for (int threshold : quota.thresholds()) {
      if (isOver(quota, threshold, window.value) && !reached.contains(threshold)) {
        reached = new LinkedHashSet<>(reached);
        reached.add(threshold);
        Alert alert = alert(terms, quota, period, threshold, window.value, crossing);
        decision.alerts.add(Outlets.ALERTS.encode(alert.account(), alert));
      }
    }
    boolean isEmpty = crossing.usage == null && reached.isEmpty() && window.value.signum() == 0;
    if (!isEmpty) {
      decision.windows.put(storeKey(terms, quota, period), window.with(reached));
    }
  }

  private static boolean isOver(Quota quota, int threshold, BigDecimal value) {
    return value.multiply(PERCENT).compareTo(quota.limit().multiply(BigDecimal.valueOf(threshold)))
        >= 0;
  }

  private static Alert alert(
      AccountTerms terms,
      Quota quota,
      QuotaPeriod period,
      int threshold,
      BigDecimal value,
      Crossing crossing) {
    Usage usage = crossing.usage;
    return new Alert(
        quota.account(),
        quota.id(),
        quota.metric(),
        quota.window(),
        quota.key(),
        quota.model(),
        period.label(),
        period.start(),
        period.end(),
        threshold,
        quota.limit(),
        value,
        terms.account().currency(),
        crossing.at,
        usage == null ? null : usage.id(),
        usage == null ? null : usage.arrival(),
        usage != null && !usage.arrival().isBefore(period.end()),
        crossing.sequence,
        crossing.now);
  }

  private Instant now() {
    return Instant.ofEpochMilli(context.currentSystemTimeMs());
  }

  /** Whether the window's count may be gone: beginning again would tell thresholds twice. */
  private static boolean isOver(Quota.Window window, Instant end, Instant now) {
    Duration kept =
        switch (window) {
          case MINUTE -> MINUTES_KEPT;
          case HOUR -> HOURS_KEPT;
          case DAY, WEEK, MONTH -> DATES_KEPT;
        };
    return end.isBefore(now.minus(kept));
  }

  private static boolean covers(AccountTerms terms, Quota quota, String usedKey, String used) {
    String key = quota.key();
    String team = quota.team();
    String model = quota.model();
    return (key == null || key.equals(usedKey))
        && (team == null || team.equals(terms.teams().get(usedKey)))
        && (model == null || new Glob(model).matches(used));
  }

  private static BigDecimal measure(Quota.Metric metric, UsageEvent event) {
    TokenCounts tokens = event.usage().tokens();
    return switch (metric) {
      case TOTAL_TOKENS -> BigDecimal.valueOf(tokens.totalTokens());
      case INPUT_TOKENS -> BigDecimal.valueOf(tokens.inputTokens());
      case OUTPUT_TOKENS -> BigDecimal.valueOf(tokens.outputTokens());
      case REQUESTS -> BigDecimal.ONE;
      case COST -> event.cost();
    };
  }

  private static QuotaPeriod periodOf(AccountTerms terms, Quota quota, Instant at) {
    return QuotaPeriod.of(quota, at, terms.account().timezone());
  }

  private static String storeKey(AccountTerms terms, Quota quota, QuotaPeriod period) {
    String window =
        quota.kind() == Quota.Kind.SLIDING
            ? SLIDING
            : Long.toString(period.start().getEpochSecond());
    return StoreKeys.of(terms.account().id(), quota.id(), window);
  }

  private Window window(AccountTerms terms, Quota quota, QuotaPeriod period) {
    String key = storeKey(terms, quota, period);
    Window known = windows.get(key);
    if (known != null) {
      return known;
    }
    byte[] stored = store.get(key);
    return stored == null
        ? new Window(quota.window(), period.end(), BigDecimal.ZERO, Set.of())
        : unpack(stored);
  }

  /**
   * @param timestamp of what leaves, Unix milliseconds
   */
  void carryOut(Decision decision, long timestamp) {
    decision.alerts.forEach(alert -> alert.forward(context, timestamp));
    windows.putAll(decision.windows);
    changed.addAll(decision.windows.keySet());
    if (changed.size() >= MOST_WINDOWS) {
      writeBack();
    }
  }

  /** Writes what has changed to the store, and forgets what was not used for longest. */
  void writeBack() {
    days.writeBack();
    for (String key : changed) {
      Window window = windows.get(key);
      if (window != null) {
        store.put(key, pack(window));
      }
    }
    changed.clear();
    long entries = windows.values().stream().mapToLong(Window::entries).sum();
    Iterator<Window> eldest = windows.values().iterator();
    while (entries > MOST_ENTRIES) {
      entries -= eldest.next().entries();
      eldest.remove();
    }
  }

  /** Deletes windows that ended long ago, some at a time. */
  void sweep(Instant now) {
    days.sweep(now);
    List<String> over = new ArrayList<>();
    int looked = 0;
    String last = null;
    try (KeyValueIterator<String, byte[]> entries =
        swept == null ? store.all() : store.range(swept, null)) {
      while (entries.hasNext() && looked < SWEPT_AT_ONCE) {
        var entry = entries.next();
        looked++;
        last = entry.key;
        Window window = unpack(entry.value);
        if (isOver(window.kind, window.end, now)) {
          over.add(entry.key);
        }
      }
    }
    swept = looked < SWEPT_AT_ONCE ? null : last;
    for (String key : over) {
      windows.remove(key);
      changed.remove(key);
      store.delete(key);
    }
  }

  private static byte[] pack(Window window) {
    PackedWriter packed =
        new PackedWriter()
            .number(AccountBooks.LAYOUT)
            .text(window.kind.code())
            .instant(window.end)
            .decimal(window.value)
            .number(window.reached.size());
    window.reached.forEach(packed::number);
    SlidingSteps steps = window.steps;
    if (steps != null) {
      packed.number(steps.used().size());
      steps.used().forEach((step, used) -> packed.instant(step).decimal(used));
    }
    return packed.toBytes();
  }

  private static Window unpack(byte[] stored) {
    PackedReader packed = AccountBooks.reader(stored);
    Quota.Window kind = Quota.Window.valueOf(packed.text().toUpperCase(Locale.ROOT));
    Instant end = packed.instant();
    BigDecimal value = packed.decimal();
    Set<Integer> reached = new LinkedHashSet<>();
    int count = packed.size();
    for (int i = 0; i < count; i++) {
      reached.add(packed.size());
    }
    return new Window(kind, end, value, reached, packed.isAtEnd() ? null : steps(kind, packed));
  }

  private static SlidingSteps steps(Quota.Window kind, PackedReader packed) {
    TreeMap<Instant, BigDecimal> used = new TreeMap<>();
    int count = packed.size();
    for (int i = 0; i < count; i++) {
      used.put(packed.instant(), packed.decimal());
    }
    return new SlidingSteps(kind, used);
  }
}
