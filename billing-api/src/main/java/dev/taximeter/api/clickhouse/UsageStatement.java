package dev.taximeter.api.clickhouse;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.Tiles;
import dev.taximeter.api.usage.Tiles.Span;
import dev.taximeter.api.usage.UsageQuery;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes the statement that answers a question about usage.
 *
 * <p>One statement reads all of the accounts' history, what was not asked for as one more group for
 * each account. So the answer tells by itself how many events were counted and which is the latest:
 * if the two numbers agree, exactly the events up to that number are in it.
 *
 * <p>Windows of all lengths are read in one pass: each pass costs the same whatever it finds.
 */
final class UsageStatement {
  /** Bucket of everything that was not asked for. */
  static final long OUTSIDE = -1;

  /** Rows of windows lie by the hour or day of UTC that they begin in, if they are shorter. */
  private static final long MINUTE_SLICE = Duration.ofHours(1).toSeconds();

  private static final long HOUR_SLICE = Duration.ofDays(1).toSeconds();
  private static final long NO_SLICE = 0;

  /** Spans that are looked for slice by slice; of more, a statement would become too long. */
  private static final int MOST_SLICED = 64;

  private final UsageQuery query;
  private final Sql source;

  private UsageStatement(UsageQuery query, Sql source) {
    this.query = query;
    this.source = source;
  }

  /** One statement for all, so that all see the same moment. */
  static Sql of(List<UsageQuery> queries) {
    Sql source = new Sql();
    queries.forEach(query -> new UsageStatement(query, source).addAll());
    return new Sql()
        .add("SELECT bucket, account, group_key, group_model, group_currency, sum(requests)")
        .add(", sum(input), sum(cached_input), sum(cache_write), sum(output), sum(reasoning)")
        .add(", sum(cost), max(sequence) FROM (")
        .add(source)
        .add(") GROUP BY bucket, account, group_key, group_model, group_currency");
  }

  private void addAll() {
    Tiles tiles = Tiles.of(query.buckets(), query.zone());
    Sql windows = new Sql();
    addWindows(windows, "month", tiles.months(), NO_SLICE);
    addWindows(windows, "day", tiles.days(), NO_SLICE);
    addWindows(windows, "hour", tiles.hours(), HOUR_SLICE);
    addWindows(windows, "minute", tiles.minutes(), MINUTE_SLICE);
    if (!windows.text().isEmpty()) {
      boolean ofAllKeys = !query.byKey() && query.key() == null;
      Sql rows = new Sql().add(ofAllKeys ? "of_all_keys AND (" : "NOT of_all_keys AND (");
      addPart(
          "usage_windows",
          "requests",
          "toInt64(toUnixTimestamp(start)) * 1000",
          rows.add(windows).add(")"));
    }
    if (!tiles.events().isEmpty()) {
      Sql events = spans(tiles.events(), UsageStatement::addEventsWithin);
      addPart("usage_events", "toUInt64(1)", "toUnixTimestamp64Milli(completion)", events);
    }
  }

  /**
   * @param slice length of the slices that the rows lie in, in seconds
   */
  private static void addWindows(Sql windows, String granularity, List<Span> spans, long slice) {
    if (!spans.isEmpty()) {
      long sliced = spans.size() <= MOST_SLICED ? slice : NO_SLICE;
      windows
          .add(windows.text().isEmpty() ? "" : " OR ")
          .add("(granularity = ? AND (", granularity)
          .add(spans(spans, (sql, span) -> addWindowsWithin(sql, span, sliced)))
          .add("))");
    }
  }

  private static Sql spans(List<Span> spans, BiConsumer<Sql, Span> adding) {
    Sql all = new Sql();
    for (Span span : spans) {
      all.add(all.text().isEmpty() ? "" : " OR ");
      adding.accept(all, span);
    }
    return all;
  }

  private static void addEventsWithin(Sql sql, Span span) {
    sql.add(
        "(completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
            + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC'))",
        span.from(),
        span.to());
  }

  /** Windows begin at whole minutes, and so do the spans that are read by them. */
  private static void addWindowsWithin(Sql sql, Span span, long slice) {
    long from = span.from() / 1000;
    long to = span.to() / 1000;
    sql.add("(start >= toDateTime(?, 'UTC') AND start < toDateTime(?, 'UTC')", from, to);
    if (slice != NO_SLICE) {
      // That is no other condition, but what finds the rows.
      sql.add(
          " AND slice >= toDateTime(?, 'UTC') AND slice <= toDateTime(?, 'UTC')",
          from - from % slice,
          to - 1 - (to - 1) % slice);
    }
    sql.add(")");
  }

  /**
   * @param at when the row's usage begins, in milliseconds; no edge of the question cuts a row
   * @param where which rows
   */
  private void addPart(String table, String requests, String at, Sql where) {
    if (!source.text().isEmpty()) {
      source.add(" UNION ALL ");
    }
    source.add("SELECT ").add(asked(at)).add(" AS asked, if(asked, ").add(bucket(at));
    source.add(", toInt64(?)) AS bucket, account, ", OUTSIDE);
    source.add(query.byKey() ? "if(asked, key, '')" : "''").add(" AS group_key, ");
    source.add(query.byModel() ? "if(asked, model, '')" : "''").add(" AS group_model, ");
    source.add("if(asked, currency, '') AS group_currency, ").add(requests + " AS requests, ");
    source.add("input, cached_input, cache_write, output, reasoning, cost, sequence");
    source.add(" FROM " + table + " FINAL WHERE");
    addAccounts();
    source.add(" AND (").add(where).add(")");
  }

  /** {@return whether a row was asked for} */
  private Sql asked(String at) {
    Sql asked = new Sql();
    asked.add("(" + at + ") >= toInt64(?)", query.buckets().from());
    asked.add(" AND (" + at + ") < toInt64(?)", query.buckets().to());
    if (query.key() != null) {
      asked.add(" AND key = ?", query.key());
    }
    if (query.model() != null) {
      asked.add(" AND model = ?", query.model());
    }
    return asked;
  }

  private Sql bucket(String at) {
    Buckets buckets = query.buckets();
    Sql start = new Sql();
    if (buckets.width() > 0) {
      start.add("(" + at + ") - (" + at + ") % toInt64(?)", buckets.width());
    } else if (buckets.starts().size() == 1) {
      start.add("toInt64(?)", buckets.starts().get(0));
    } else {
      start
          .add("roundDown(" + at + ", CAST([")
          .addList(buckets.starts())
          .add("], 'Array(Int64)'))");
    }
    return start;
  }

  private void addAccounts() {
    if (query.accounts().isEmpty()) {
      source.add(" NOT startsWith(account, ?)", AccountDirectory.UNATTRIBUTED);
    } else {
      source.add(" account IN (").addList(query.accounts()).add(")");
    }
  }
}
