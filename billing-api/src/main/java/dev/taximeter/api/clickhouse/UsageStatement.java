package dev.taximeter.api.clickhouse;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.Tiles;
import dev.taximeter.api.usage.Tiles.Span;
import dev.taximeter.api.usage.UsageQuery;
import java.util.List;

/**
 * Writes the statement that answers a question about usage.
 *
 * <p>One statement reads all of the accounts' history, what lies outside the buckets as one more
 * group for each account. So the answer tells by itself how many events were counted and which is
 * the latest: if the two numbers agree, exactly the events up to that number are in it.
 */
final class UsageStatement {
  /** Bucket of everything that was not asked for. */
  static final long OUTSIDE = -1;

  private static final String COLUMNS =
      "requests, input, cached_input, cache_write, output, reasoning, currency, cost, sequence";

  private static final String EVENT_COLUMNS =
      "toUInt64(1) AS requests, input, cached_input, cache_write, output, reasoning, currency,"
          + " cost, sequence";

  private UsageStatement() {}

  static Sql of(UsageQuery query) {
    Tiles tiles = Tiles.of(query.buckets());
    Sql source = new Sql();
    addWindows(source, query, "hour", tiles.hours());
    addWindows(source, query, "minute", tiles.minutes());
    addEvents(source, query, tiles.events());

    Sql sql = new Sql();
    sql.add("SELECT bucket, account, ")
        .add(query.byKey() ? "if(bucket < 0, '', key)" : "''")
        .add(" AS group_key, ")
        .add(query.byModel() ? "if(bucket < 0, '', model)" : "''")
        .add(" AS group_model, if(bucket < 0, '', currency) AS group_currency")
        .add(", sum(requests), sum(input), sum(cached_input), sum(cache_write), sum(output)")
        .add(", sum(reasoning), sum(cost), max(sequence) FROM (SELECT *, ")
        .add(bucket(query))
        .add(" AS bucket FROM (")
        .add(source)
        .add(")) GROUP BY bucket, account, group_key, group_model, group_currency");
    return sql;
  }

  private static Sql bucket(UsageQuery query) {
    Buckets buckets = query.buckets();
    Sql inside = new Sql().add("at >= ? AND at < ?", buckets.from(), buckets.to());
    if (query.key() != null) {
      inside.add(" AND key = ?", query.key());
    }
    if (query.model() != null) {
      inside.add(" AND model = ?", query.model());
    }
    Sql start = new Sql();
    if (buckets.width() > 0) {
      start.add("at - at % toInt64(?)", buckets.width());
    } else if (buckets.starts().size() == 1) {
      start.add("toInt64(?)", buckets.starts().get(0));
    } else {
      start.add("roundDown(at, CAST([").addList(buckets.starts()).add("], 'Array(Int64)'))");
    }
    return new Sql().add("if(").add(inside).add(", ").add(start).add(", toInt64(-1))");
  }

  private static void addWindows(
      Sql source, UsageQuery query, String granularity, List<Span> spans) {
    if (spans.isEmpty()) {
      return;
    }
    addUnion(source);
    source
        .add("SELECT account, key, model, toInt64(toUnixTimestamp(start)) * 1000 AS at, ")
        .add(COLUMNS)
        .add(" FROM usage_windows FINAL WHERE granularity = ?", granularity)
        .add(accounts(query))
        .add(" AND (");
    String or = "";
    for (Span span : spans) {
      source.add(
          or + "(start >= toDateTime(?, 'UTC') AND start < toDateTime(?, 'UTC'))",
          span.from() / 1000,
          span.to() / 1000);
      or = " OR ";
    }
    source.add(")");
  }

  private static void addEvents(Sql source, UsageQuery query, List<Span> spans) {
    if (spans.isEmpty()) {
      return;
    }
    addUnion(source);
    source
        .add("SELECT account, key, model, toUnixTimestamp64Milli(completion) AS at, ")
        .add(EVENT_COLUMNS)
        .add(" FROM usage_events FINAL WHERE 1 = 1")
        .add(accounts(query))
        .add(" AND (");
    String or = "";
    for (Span span : spans) {
      source.add(
          or
              + "(completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
              + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC'))",
          span.from(),
          span.to());
      or = " OR ";
    }
    source.add(")");
  }

  private static Sql accounts(UsageQuery query) {
    Sql sql = new Sql();
    if (query.accounts().isEmpty()) {
      return sql.add(" AND NOT startsWith(account, ?)", AccountDirectory.UNATTRIBUTED);
    }
    return sql.add(" AND account IN (").addList(query.accounts()).add(")");
  }

  private static void addUnion(Sql source) {
    if (!source.text().isEmpty()) {
      source.add(" UNION ALL ");
    }
  }
}
