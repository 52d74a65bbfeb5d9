package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.Problems;
import dev.taximeter.streams.topology.parts.WakeUp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of all sources: one of them may fill the gaps of another, since a file that is
 * shipped again lies elsewhere by then. Keeps them all in memory, and publishes what changed.
 */
final class SourceWriter implements Processor<String, SourceInput, byte[], byte[]> {
  /** What is remembered of each source. */
  static final String BOOKS = "source-books";

  /**
   * Sources at once, some 100 MB at most. Those that nobody waits for and that miss nothing give
   * way, the ones that were heard of longest ago first.
   */
  static final int MOST_SOURCES = 10_000;

  /**
   * Stands for all sources that there is no room for: one that never tells how complete it is, so
   * that nobody takes the rest for everything. It is retired as any other.
   */
  static final LineSource OVERFLOW = new LineSource("taximeter", "more sources than there is room");

  /** Name of the problem that clocks of gateways are ahead. */
  private static final String CLOCKS = "clocks of gateways";

  private static final Logger LOG = LoggerFactory.getLogger(SourceWriter.class);

  private static final Duration EMISSION_DELAY = Duration.ofMillis(500);

  /** How often it is looked whether sources have fallen silent and holes have become gaps. */
  private static final Duration TICK = Duration.ofSeconds(5);

  private final int mostSources;
  private @Nullable Task task;

  SourceWriter() {
    this(MOST_SOURCES);
  }

  /**
   * @param mostSources for tests: fewer
   */
  SourceWriter(int mostSources) {
    this.mostSources = mostSources;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    task = new Task(context, mostSources);
  }

  @Override
  public void process(Record<String, SourceInput> record) {
    if (task == null) {
      throw new IllegalStateException("not initialised");
    }
    if (record.value() != null) {
      task.process(record.value(), record.timestamp());
    }
  }

  /** What exists only between initialisation and close. */
  private static final class Task {
    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<String, SourceBook> store;
    private final Map<String, SourceBook> books = new HashMap<>();

    /** Which sources know a file of some content: few, where looking at all would be slow. */
    private final Map<String, Set<String>> keysByContent = new HashMap<>();

    private final Map<String, SourceState> published = new HashMap<>();
    private final Set<String> changed = new LinkedHashSet<>();
    private final WakeUp emission;
    private final Problems problems;
    private final int mostSources;

    /** Nobody is silent before he had the time to speak. */
    private final Instant begun;

    Task(ProcessorContext<byte[], byte[]> context, int mostSources) {
      this.context = context;
      this.mostSources = mostSources;
      this.problems = Problems.of(context.appConfigs());
      this.store = context.getStateStore(BOOKS);
      this.emission = new WakeUp(context, this::publishChanged);
      this.begun = now();
      try (KeyValueIterator<String, SourceBook> entries = store.all()) {
        entries.forEachRemaining(entry -> keep(entry.key, entry.value));
      }
      reportIfFull();
      // What a predecessor did not publish any more is published with the first tick.
      context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
    }

    private void tick() {
      reportClocks();
      publish(books.keySet());
    }

    private Instant now() {
      return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }

    void process(SourceInput input, long timestamp) {
      Map<String, SourceBook> after;
      try {
        if (input instanceof SourceInput.Retirement retirement) {
          answer(retirement).forward(context, timestamp);
        }
        after = decide(input, now());
      } catch (RuntimeException defect) {
        LOG.error("A report about a source cannot be used: {}", Defects.describe(defect));
        return;
      }
      after.forEach(
          (key, book) -> {
            keep(key, book);
            store.put(key, book);
            changed.add(key);
          });
      reportIfFull();
      if (input instanceof SourceInput.ClockAhead) {
        reportClocks();
      }
      if (!after.isEmpty()) {
        emission.in(EMISSION_DELAY);
      }
    }

    private void reportIfFull() {
      SourceBook overflow = books.get(key(OVERFLOW));
      if (overflow == null || overflow.retired()) {
        problems.solved(OVERFLOW.path());
      } else {
        problems.report(
            OVERFLOW.path(),
            "More than %d sources are waited for: further ones are metered, but whether they are complete is not known; retire those that have ended (GET /v1/sources), then source %s on %s"
                .formatted(mostSources, OVERFLOW.path(), OVERFLOW.host()));
      }
    }

    /** Whoever sees lines quarantined for their time is told why, and how to get them back. */
    private void reportClocks() {
      Instant now = now();
      List<SourceBook> ahead =
          books.values().stream()
              .filter(book -> SourceStates.clockAhead(book, now) != null)
              .sorted(Comparator.comparing(book -> key(book.source())))
              .toList();
      if (ahead.isEmpty()) {
        problems.solved(CLOCKS);
        return;
      }
      SourceBook first = ahead.get(0);
      Duration by =
          Duration.ofSeconds(Objects.requireNonNullElse(SourceStates.clockAhead(first, now), 0L));
      problems.report(
          CLOCKS,
          "The clock of the gateway that writes %s on %s%s is ahead by %s: its lines are quarantined (absurd-future), since they say that they were completed more than 10 minutes after they arrived; set the clock right (or that of the shipper's machine, if that is behind), then replay them (GET /v1/dead-letters)"
              .formatted(
                  first.source().path(),
                  first.source().host(),
                  ahead.size() > 1 ? " (and %d more)".formatted(ahead.size() - 1) : "",
                  describe(by)));
    }

    private static String describe(Duration duration) {
      return duration.toHours() > 0
          ? "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart())
          : "%d min".formatted(duration.toMinutes());
    }

    private void keep(String key, SourceBook book) {
      SourceBook before = books.put(key, book);
      Set<String> gone = before == null ? new HashSet<>() : before.contents();
      Set<String> contents = book.contents();
      gone.removeAll(contents);
      gone.forEach(content -> forget(content, key));
      contents.forEach(
          content -> keysByContent.computeIfAbsent(content, c -> new HashSet<>()).add(key));
    }

    private void forget(String content, String key) {
      keysByContent.computeIfPresent(
          content, (same, keys) -> keys.remove(key) && keys.isEmpty() ? null : keys);
    }

    private Set<String> keysOf(String file) {
      return keysByContent.getOrDefault(FileBook.content(file), Set.of());
    }

    private Outgoing answer(SourceInput.Retirement retirement) {
      LineSource source = retirement.source();
      boolean known = books.containsKey(key(source));
      List<String> problems =
          known
              ? List.of()
              : List.of("there is no source %s on %s".formatted(source.path(), source.host()));
      return Outlets.RETIREMENT_RESULTS.encode(
          retirement.commandId(),
          new CommandResult(
              retirement.commandId(),
              known,
              retirement.catalogVersion(),
              known ? List.of("source/" + source.host() + source.path()) : List.of(),
              problems));
    }

    /** Every source that changes, as it is then. */
    private Map<String, SourceBook> decide(SourceInput input, Instant now) {
      String key = key(input.source());
      SourceBook known = books.get(key);
      boolean ofKnownOnly =
          input instanceof SourceInput.Retirement || input instanceof SourceInput.ClockAhead;
      if (known == null && ofKnownOnly) {
        return Map.of();
      }
      if (known == null && !makeRoom()) {
        return overflow(now);
      }
      SourceBook before =
          known == null
              ? SourceBook.of(input.source(), SourceStates.kind(input), now)
              : SourceStates.reopened(known, input);
      Map<String, SourceBook> after = new LinkedHashMap<>();
      if (input instanceof SourceInput.Shipped range) {
        decideShipped(key, before, range, now, after);
      } else if (input instanceof SourceInput.Lost lost) {
        after.put(key, ShippedRules.apply(before.heard(now), lost, copies(lost), now));
      } else if (input instanceof SourceInput.Seen seen) {
        after.put(key, seen(before.heard(now), seen, now));
      } else if (input instanceof SourceInput.Heartbeat heartbeat) {
        SourceBook beaten = SourceStates.beaten(before.heard(now), heartbeat, now);
        boolean stays = before.retired() && !SourceStates.isAwake(before, heartbeat, now);
        after.put(key, stays ? beaten.retirement(before.retiredAt()) : beaten);
      } else if (input instanceof SourceInput.ClockAhead ahead) {
        after.put(key, before.withClock(new SourceBook.ClockError(ahead.seconds(), ahead.at())));
      } else if (input instanceof SourceInput.Retirement retirement) {
        after.put(key, before.retirement(retirement.at()));
      }
      return after;
    }

    /** A source that is not kept account of makes the whole unknown. */
    private Map<String, SourceBook> overflow(Instant now) {
      String key = key(OVERFLOW);
      SourceBook known = books.get(key);
      SourceBook book =
          known == null ? SourceBook.of(OVERFLOW, SourceState.Kind.SHIPPER, now) : known.heard(now);
      return Map.of(key, book);
    }

    private void decideShipped(
        String key,
        SourceBook before,
        SourceInput.Shipped range,
        Instant now,
        Map<String, SourceBook> after) {
      SourceBook heard = before.heard(now).withShipments(before.shipments().with(range, now));
      SourceBook shipped = ShippedRules.apply(heard, range, now);
      boolean foreign = before.kind() == SourceState.Kind.FOREIGN;
      SourceBook own =
          foreign ? SeenRules.reshipped(shipped, range.from(), range.to(), now) : shipped;
      after.put(key, ShippedRules.close(own, range));
      for (String other : keysOf(range.file())) {
        if (!other.equals(key)) {
          SourceBook book = known(other);
          SourceBook closed = ShippedRules.close(ShippedRules.copied(book, range), range);
          if (closed != book) {
            after.put(other, closed);
          }
        }
      }
    }

    private SourceBook known(String key) {
      return Objects.requireNonNull(books.get(key), "the index names sources that are known");
    }

    private List<FileBook> copies(SourceInput.Lost lost) {
      return keysOf(lost.file()).stream()
          .flatMap(key -> known(key).files().stream())
          .filter(file -> !file.file().equals(lost.file()))
          .filter(file -> FileBook.sameContent(file.file(), lost.file()))
          .toList();
    }

    private static SourceBook seen(SourceBook before, SourceInput.Seen seen, Instant now) {
      SourceBook book = before.counted(seen.lines(), seen.bytes(), seen.at());
      for (SourceInput.Piece piece : seen.pieces()) {
        book = SeenRules.apply(book, piece, now);
      }
      return book;
    }

    /** Returns whether there is room for one more source. */
    private boolean makeRoom() {
      if (books.size() < mostSources) {
        return true;
      }
      Instant now = now();
      SourceBook oldest =
          books.values().stream()
              .filter(book -> !SourceStates.isWaitedFor(book, now))
              .filter(book -> book.retired() || (book.gaps().isEmpty() && book.moreGaps() == 0))
              .min(Comparator.comparing(SourceBook::lastSeen))
              .orElse(null);
      if (oldest == null) {
        LOG.error("more than {} sources: a new one is not kept account of", mostSources);
        return false;
      }
      String key = key(oldest.source());
      books.remove(key);
      oldest.contents().forEach(content -> forget(content, key));
      store.delete(key);
      published.remove(key);
      changed.remove(key);
      context.forward(
          new Record<>(key.getBytes(StandardCharsets.UTF_8), null, context.currentSystemTimeMs()),
          Outlets.SOURCES.name());
      return true;
    }

    private void publishChanged() {
      Set<String> keys = new LinkedHashSet<>(changed);
      changed.clear();
      publish(keys);
    }

    private void publish(Set<String> keys) {
      Instant now = now();
      for (String key : keys) {
        SourceBook book = books.get(key);
        SourceState state = book == null ? null : SourceStates.of(book, begun, now);
        if (state != null && !state.equals(published.get(key))) {
          Outlets.SOURCES.encode(key, state).forward(context, now.toEpochMilli());
          published.put(key, state);
        }
      }
    }

    private static String key(LineSource source) {
      return source.host() + '\t' + source.path();
    }
  }
}
