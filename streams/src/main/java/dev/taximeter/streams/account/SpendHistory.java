package dev.taximeter.streams.account;

import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What accounts spent by quarter of an hour, so that a credit that comes later can be matched with
 * what was spent before: a quarter is what all zones' days and months begin with. A quarter is cut
 * where a credit began or ended that was known when the usage came; such instants are exact to the
 * nanosecond. Stored is a value per line and UTC day with all of its quarters, because keys are
 * much longer than what one quarter needs.
 *
 * <p>Values are kept in memory until {@link #writeBack}, like the rest of {@link AccountBooks}.
 */
final class SpendHistory {
  static final Duration QUARTER = Duration.ofMinutes(15);

  private static final Duration DAY = Duration.ofDays(1);

  /**
   * First byte of stored days. Before, each quarter was a value, with {@link AccountBooks#LAYOUT}.
   */
  private static final int DAY_LAYOUT = 3;

  /** Before an instant that is no quarter's begin. */
  private static final int CUT = -1;

  /** Days of lines kept by a task; some 10 kB each if all quarters are used. */
  private static final int MOST_IN_MEMORY = 2_000;

  private final KeyValueStore<String, byte[]> store;
  private final Map<Slot, NavigableMap<Instant, BigDecimal>> slots =
      new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Slot, NavigableMap<Instant, BigDecimal>> changed = new LinkedHashMap<>();

  SpendHistory(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  private record Slot(String account, YearMonth period, long revision, String line, Instant day) {
    String storeKey() {
      return prefix(account, period, revision) + StoreKeys.of(line) + day;
    }

    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Slot that
          && revision == that.revision
          && day.equals(that.day)
          && line.equals(that.line)
          && period.equals(that.period)
          && account.equals(that.account);
    }

    @Override
    public int hashCode() {
      int hash = Long.hashCode(revision);
      hash = 31 * hash + day.hashCode();
      hash = 31 * hash + line.hashCode();
      hash = 31 * hash + period.hashCode();
      hash = 31 * hash + account.hashCode();
      return hash;
    }
  }

  /** Usage of one line that completed from an instant on. */
  record Piece(String line, Instant from) {}

  private static String prefix(String account, YearMonth period, long revision) {
    return StoreKeys.of(account, period.toString(), Long.toString(revision));
  }

  static Instant quarterOf(Instant instant) {
    return floor(instant, QUARTER);
  }

  private static Instant floor(Instant instant, Duration unit) {
    long seconds = unit.toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(instant.getEpochSecond(), seconds) * seconds);
  }

  /**
   * @param line {@link Wallet.Spending#FLAT}, or the line of a tiered price
   * @param cut the latest instant before at which some credit begins or ends
   * @param amount cost, or the quantity at a tiered price
   */
  void add(
      String account,
      YearMonth period,
      long revision,
      String line,
      Instant completion,
      Instant cut,
      BigDecimal amount) {
    Instant quarter = quarterOf(completion);
    Slot slot = new Slot(account, period, revision, line, floor(completion, DAY));
    NavigableMap<Instant, BigDecimal> day = slots.get(slot);
    if (day == null) {
      day = new TreeMap<>();
      byte[] stored = store.get(slot.storeKey());
      if (stored != null) {
        unpack(stored, slot.day(), day);
      }
      slots.put(slot, day);
    }
    day.merge(quarter.isAfter(cut) ? quarter : cut, amount, BigDecimal::add);
    changed.put(slot, day);
    if (changed.size() >= MOST_IN_MEMORY) {
      writeBack();
    }
  }

  /**
   * What the account has spent. It is looked at once for each month, because a month with tiered
   * prices may have hundreds of lines: to be used at once, for one decision.
   */
  Wallet.Spending of(String account) {
    return new Look(account);
  }

  private final class Look implements Wallet.Spending {
    private static final NavigableMap<Instant, BigDecimal> NOTHING = new TreeMap<>();

    private final String account;

    /** By month, revision and line, in order of time. */
    private final Map<YearMonth, Map<Long, Map<String, NavigableMap<Instant, BigDecimal>>>> months =
        new HashMap<>();

    Look(String account) {
      this.account = account;
    }

    private Map<Long, Map<String, NavigableMap<Instant, BigDecimal>>> month(YearMonth period) {
      return months.computeIfAbsent(period, first -> readAll(account, period));
    }

    @Override
    public BigDecimal between(
        YearMonth period, long revision, String line, Instant from, Instant until) {
      return month(period)
          .getOrDefault(revision, Map.of())
          .getOrDefault(line, NOTHING)
          .subMap(from, true, until, false)
          .values()
          .stream()
          .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Override
    public boolean isBlurred(YearMonth period, Instant at) {
      Instant quarter = quarterOf(at);
      return isNear(period, at)
          && month(period).values().stream()
              .flatMap(lines -> lines.values().stream())
              .anyMatch(line -> !line.subMap(quarter, true, at, false).isEmpty());
    }

    /** Whether the instant may lie in the month, whatever the zone. */
    private static boolean isNear(YearMonth period, Instant at) {
      YearMonth month = YearMonth.from(at.atOffset(ZoneOffset.UTC));
      return !period.isBefore(month.minusMonths(1)) && !period.isAfter(month.plusMonths(1));
    }
  }

  private Map<Long, Map<String, NavigableMap<Instant, BigDecimal>>> readAll(
      String account, YearMonth period) {
    writeBack();
    Map<Long, Map<String, NavigableMap<Instant, BigDecimal>>> found = new HashMap<>();
    String prefix = StoreKeys.of(account, period.toString());
    // Entries of a line follow each other.
    NavigableMap<Instant, BigDecimal> ofLine = new TreeMap<>();
    String line = "";
    for (KeyValue<String, byte[]> entry : scan(prefix)) {
      int end = entry.key.lastIndexOf('\0') + 1;
      if (line.length() != end || !entry.key.startsWith(line)) {
        line = entry.key.substring(0, end);
        int revisionEnd = line.indexOf('\0', prefix.length());
        ofLine =
            found
                .computeIfAbsent(
                    Long.valueOf(line.substring(prefix.length(), revisionEnd)),
                    first -> new HashMap<>())
                .computeIfAbsent(
                    StoreKeys.part(line.substring(revisionEnd + 1, end - 1)),
                    first -> new TreeMap<>());
      }
      unpack(entry.value, Instant.parse(entry.key.substring(end)), ofLine);
    }
    return found;
  }

  /** All of a month's pieces: of each line 3,000 and one for each cut at most. */
  Map<Piece, BigDecimal> read(String account, YearMonth period, long revision) {
    writeBack();
    Map<Piece, BigDecimal> found = new LinkedHashMap<>();
    String prefix = prefix(account, period, revision);
    for (KeyValue<String, byte[]> entry : scan(prefix)) {
      int end = entry.key.lastIndexOf('\0');
      String line = StoreKeys.part(entry.key.substring(prefix.length(), end));
      NavigableMap<Instant, BigDecimal> day = new TreeMap<>();
      unpack(entry.value, Instant.parse(entry.key.substring(end + 1)), day);
      day.forEach((from, amount) -> found.merge(new Piece(line, from), amount, BigDecimal::add));
    }
    return found;
  }

  private List<KeyValue<String, byte[]>> scan(String prefix) {
    List<KeyValue<String, byte[]>> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(prefix, new StringSerializer())) {
      entries.forEachRemaining(found::add);
    }
    return found;
  }

  /** Puts what two revisions of a month have together under a third. */
  void merge(String account, YearMonth period, long one, long other, long into) {
    Map<Piece, BigDecimal> together = read(account, period, one);
    read(account, period, other)
        .forEach((piece, amount) -> together.merge(piece, amount, BigDecimal::add));
    drop(account, period, one);
    drop(account, period, other);
    Map<Slot, NavigableMap<Instant, BigDecimal>> days = new LinkedHashMap<>();
    together.forEach(
        (piece, amount) ->
            days.computeIfAbsent(
                    new Slot(account, period, into, piece.line(), floor(piece.from(), DAY)),
                    first -> new TreeMap<>())
                .put(piece.from(), amount));
    days.forEach((slot, day) -> store.put(slot.storeKey(), pack(slot.day(), day)));
  }

  /** Forgets what a month has under a revision. */
  void drop(String account, YearMonth period, long revision) {
    writeBack();
    scan(prefix(account, period, revision)).forEach(entry -> store.delete(entry.key));
    slots.keySet().removeIf(slot -> slot.account().equals(account) && slot.period().equals(period));
  }

  void writeBack() {
    changed.forEach((slot, day) -> store.put(slot.storeKey(), pack(slot.day(), day)));
    changed.clear();
    Iterator<Slot> eldest = slots.keySet().iterator();
    while (slots.size() > MOST_IN_MEMORY) {
      eldest.next();
      eldest.remove();
    }
  }

  private static byte[] pack(Instant start, NavigableMap<Instant, BigDecimal> day) {
    PackedWriter packed = new PackedWriter().number(DAY_LAYOUT).number(day.size());
    day.forEach(
        (from, amount) -> {
          if (quarterOf(from).equals(from)) {
            packed.number(Duration.between(start, from).dividedBy(QUARTER));
          } else {
            packed.number(CUT).instant(from);
          }
          packed.decimal(amount);
        });
    return packed.toBytes();
  }

  /**
   * @param start the day's, or of a value from before the quarter's
   * @param into what is there already is added to
   */
  private static void unpack(byte[] stored, Instant start, NavigableMap<Instant, BigDecimal> into) {
    PackedReader packed = new PackedReader(stored);
    if (packed.number() != DAY_LAYOUT) {
      into.merge(start, AccountBooks.reader(stored).decimal(), BigDecimal::add);
      return;
    }
    int pieces = packed.size();
    for (int i = 0; i < pieces; i++) {
      long quarter = packed.number();
      Instant from = quarter == CUT ? packed.instant() : start.plus(QUARTER.multipliedBy(quarter));
      into.merge(from, packed.decimal(), BigDecimal::add);
    }
  }
}
