package dev.taximeter.standalone.bench;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Usage of a year as landing would have written it, made inside ClickHouse: events with gapless
 * sequence numbers for each account and exact costs, and the windows of all lengths that these
 * events add up to. Some accounts have much usage and most have little.
 */
final class SyntheticUsage {
  static final int MOST_ACCOUNTS = 1_000;
  static final int KEYS = 10;
  static final int MODELS = 6;
  static final Duration SPAN = Duration.ofDays(365);

  /** Of a block of events, which repeats: how many the largest accounts have. */
  static final int BLOCK = 10_000;

  private static final int[] LARGEST = {
    1_000, 500, 500, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200
  };

  /** The largest, and one that has the rest. */
  static final int LEAST_ACCOUNTS = LARGEST.length + 1;

  /** Rows of one statement: some hundred megabytes of memory, of a gigabyte that the engine has. */
  private static final long CHUNK = 500_000;

  /** What a statement adds up in memory before it goes on on disk. */
  private static final int SUMS_BYTES = 200_000_000;

  /** No topic has so many partitions: landing counts its rows by partition. */
  private static final int PARTITION = 60_000;

  private static final long SEED = 4;

  static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  private final long events;
  private final Instant end;
  private final PrintStream progress;
  private final int[] sizes;

  /**
   * @param accounts from {@link #LEAST_ACCOUNTS} to {@link #MOST_ACCOUNTS}
   * @param events a multiple of {@link #BLOCK}
   * @param end when the last of them completes
   */
  SyntheticUsage(int accounts, long events, Instant end, PrintStream progress) {
    this.sizes = sizes(accounts);
    this.events = events;
    this.end = end;
    this.progress = progress;
  }

  static String account(int number) {
    return "bench-%04d".formatted(number);
  }

  /** {@return the accounts with their keys and prices, as a catalogue file} */
  static String catalogue(int number) {
    String keys =
        IntStream.range(0, KEYS)
            .mapToObj("{ name: k%1$d, secret: sk-bench-ACCOUNT-%1$d }"::formatted)
            .collect(Collectors.joining(", "));
    String accounts =
        IntStream.range(0, number)
            .mapToObj(SyntheticUsage::account)
            .map(
                id ->
                    "  - { id: %s, name: %s, currency: USD, timezone: %s, plan: bench, keys: [%s] }"
                        .formatted(id, id, ZONE, keys.replace("ACCOUNT", id)))
            .collect(Collectors.joining("\n"));
    return """
        accounts:
        %s
        priceBooks:
          - id: bench
            currency: USD
            prices:
              - { model: "*", effectiveFrom: 2020-01-01T00:00:00Z, perMillion: { input: "0.40", output: "1.20" } }
        plans:
          - { id: bench, priceBook: bench }
        """
        .formatted(accounts);
  }

  private static int[] sizes(int accounts) {
    int[] sizes = Arrays.copyOf(LARGEST, accounts);
    int rest = BLOCK - Arrays.stream(LARGEST).sum();
    int others = accounts - LARGEST.length;
    for (int i = 0; i < others; i++) {
      sizes[LARGEST.length + i] = rest / others + (i < rest % others ? 1 : 0);
    }
    return sizes;
  }

  /**
   * Writes all of it.
   *
   * @throws SQLException if ClickHouse does not take it
   */
  void write(Connection connection) throws SQLException {
    for (long from = 0; from < events; from += CHUNK) {
      long to = Math.min(events, from + CHUNK);
      say("events %,d of %,d", to, events);
      execute(connection, eventsFrom(from, to));
    }
    Duration step = Duration.ofMinutes(Math.max(60, SPAN.toMinutes() * CHUNK / events / 60 * 60));
    Instant begin = Instant.ofEpochSecond(end.minus(SPAN).getEpochSecond() / 3_600 * 3_600);
    for (Instant at = begin; !at.isAfter(end); at = at.plus(step)) {
      say("windows from %s", at);
      execute(connection, windows("hour", "toStartOfHour(completion)", at, at.plus(step)));
      execute(connection, windows("minute", "toStartOfMinute(completion)", at, at.plus(step)));
    }
    String day = "toStartOfDay(completion, '%s')".formatted(ZONE);
    String month = "toDateTime(toStartOfMonth(completion, '%1$s'), '%1$s')".formatted(ZONE);
    YearMonth last = YearMonth.from(end.atZone(ZONE));
    for (YearMonth at = YearMonth.from(begin.atZone(ZONE));
        !at.isAfter(last);
        at = at.plusMonths(1)) {
      say("days of %s", at);
      Instant from = at.atDay(1).atStartOfDay(ZONE).toInstant();
      Instant to = at.plusMonths(1).atDay(1).atStartOfDay(ZONE).toInstant();
      execute(connection, windows("day", day, from, to));
      execute(connection, windows("month", month, from, to));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** {@return whether the windows of each length hold exactly the events} */
  boolean agrees(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT toUInt8(count() = 8 AND countIf(total = e) = 8) FROM
              (SELECT (sum(requests), sum(input), sum(output), sum(cost)) AS total
               FROM usage_windows WHERE record_partition = ? GROUP BY granularity, of_all_keys) AS windows,
              (SELECT (toUInt64(count()), sum(input), sum(output), sum(cost)) AS e
               FROM usage_events WHERE record_partition = ?) AS events""")) {
      statement.setInt(1, PARTITION);
      statement.setInt(2, PARTITION);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getInt(1) == 1;
      }
    }
  }

  private String eventsFrom(long from, long to) {
    List<Integer> places =
        IntStream.range(0, sizes.length)
            .boxed()
            .flatMap(account -> Collections.nCopies(sizes[account], account).stream())
            .collect(Collectors.toList());
    Collections.shuffle(places, new Random(SEED));
    int[] seen = new int[sizes.length];
    String ranks =
        places.stream()
            .map(account -> Integer.toString(++seen[account]))
            .collect(Collectors.joining(","));
    String accounts = places.stream().map(Object::toString).collect(Collectors.joining(","));
    String counts =
        Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining(","));
    long begin = end.minus(SPAN).toEpochMilli();
    // A literal array that is indexed would be copied for each row.
    return """
        INSERT INTO usage_events (id, account, sequence, fate, key, key_last_four, model, input, output,
          completion, start, arrival, settled, host, path, offset, currency, cost,
          charges.token_class, charges.model, charges.price_version, charges.quantity, charges.amount,
          record_partition, record_offset)
        WITH
          number % BLOCK AS place,
          transform(place, range(BLOCK), [ACCOUNTS], 0) AS payer,
          cityHash64(number) AS chance,
          toUInt64(200 + chance % 4000) AS asked,
          toUInt64(20 + bitShiftRight(chance, 16) % 1000) AS said,
          fromUnixTimestamp64Milli(toInt64(BEGIN + intDiv(number * SPAN, EVENTS)), 'UTC') AS ended
        SELECT reinterpretAsUUID(sipHash128(number)),
          concat('bench-', leftPad(toString(payer), 4, '0')),
          intDiv(number, BLOCK) * transform(payer, range(SIZE), [COUNTS], 0)
            + transform(place, range(BLOCK), [RANKS], 0),
          'billed', concat('k', toString(bitShiftRight(chance, 32) % KEYS)), '0000',
          concat('model-', toString(bitShiftRight(chance, 40) % MODELS)), asked, said,
          ended, ended - toIntervalSecond(2), ended + toIntervalMillisecond(5),
          ended + toIntervalMillisecond(9), 'bench', '/var/log/bench.log', number * 900, 'USD',
          toDecimal128(asked * 4 + said * 12, 0) * toDecimal128('0.0000001', 12),
          ['input', 'output'], ['*', '*'], ['bench', 'bench'], [asked, said],
          [toDecimal128(asked * 4, 0) * toDecimal128('0.0000001', 12),
           toDecimal128(said * 12, 0) * toDecimal128('0.0000001', 12)],
          PARTITION, number
        FROM numbers(FROM, COUNT)"""
        .replace("[ACCOUNTS]", "[" + accounts + "]")
        .replace("[COUNTS]", "[" + counts + "]")
        .replace("[RANKS]", "[" + ranks + "]")
        .replace("SIZE", Integer.toString(sizes.length))
        .replace("BLOCK", Integer.toString(BLOCK))
        .replace("KEYS", Integer.toString(KEYS))
        .replace("MODELS", Integer.toString(MODELS))
        .replace("BEGIN", Long.toString(begin))
        .replace("SPAN", Long.toString(SPAN.toMillis()))
        .replace("EVENTS", Long.toString(events))
        .replace("PARTITION", Integer.toString(PARTITION))
        .replace("numbers(FROM, COUNT)", "numbers(%d, %d)".formatted(from, to - from));
  }

  private static String windows(String granularity, String start, Instant from, Instant to) {
    return """
        INSERT INTO usage_windows (account, key, of_all_keys, model, granularity, start, segment, sequence, requests,
          input, cached_input, cache_write, output, reasoning, currency, cost, record_partition,
          record_offset)
        SELECT account, name.1, name.2, model, '%s', %s AS beginning, 0, max(sequence), count(), sum(input),
          sum(cached_input), sum(cache_write), sum(output), sum(reasoning), any(currency), sum(cost),
          any(record_partition), max(record_offset)
        FROM usage_events ARRAY JOIN [(toString(key), false), ('', true)] AS name
        WHERE record_partition = %d AND completion >= toDateTime64('%s', 3, 'UTC')
          AND completion < toDateTime64('%s', 3, 'UTC')
        GROUP BY account, name, model, beginning
        SETTINGS max_bytes_before_external_group_by = %d"""
        .formatted(granularity, start, PARTITION, text(from), text(to), SUMS_BYTES);
  }

  private static String text(Instant instant) {
    return instant.toString().replace("T", " ").replace("Z", "");
  }

  private void say(String format, Object... values) {
    progress.printf("writing " + format + "%n", values);
  }
}
