package dev.taximeter.api.clickhouse;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.Tiles;
import dev.taximeter.api.usage.Tiles.Span;
import dev.taximeter.api.usage.UsageQuery;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the statement that answers a question about usage.
 *
 * <p>One statement reads all of the accounts' history, what was not asked for as one more group for
 * each account. So the answer tells by itself how many events were counted and which is the latest:
 * if the two numbers agree, exactly the events up to that number are in it. What was not asked for
 * is most of it, and of that only the numbers are read.
 */
final class UsageStatement {
  /** Bucket of everything that was not asked for. */
  static final long OUTSIDE = -1;

  private static final String SUMMED =
      ", input, cached_input, cache_write, output, reasoning, cost, sequence";

  /** In the place of what is not read. */
  private static final String NOTHING =
      ", toUInt64(0) AS input, toUInt64(0) AS cached_input, toUInt64(0) AS cache_write,"
          + " toUInt64(0) AS output, toUInt64(0) AS reasoning, toDecimal128(0, 12) AS cost,"
          + " sequence";

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

  /** A table's rows of one kind. */
  private enum Rows {
    MONTHS("month"),
    DAYS("day"),
    HOURS("hour"),
    MINUTES("minute"),
    EVENTS(null);

    private final @Nullable String granularity;

    Rows(@Nullable String granularity) {
      this.granularity = granularity;
    }

    String at() {
      return this == EVENTS
          ? "toUnixTimestamp64Milli(completion)"
          : "toInt64(toUnixTimestamp(start)) * 1000";
    }

    String requests() {
      return this == EVENTS ? "toUInt64(1)" : "requests";
    }

    String from() {
      return this == EVENTS ? " FROM usage_events FINAL WHERE" : " FROM usage_windows FINAL WHERE";
    }

    void within(Sql sql, Span span) {
      if (this == EVENTS) {
        sql.add(
            "(completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
                + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC'))",
            span.from(),
            span.to());
      } else {
        // Windows begin at whole minutes, and so do the spans that are read by them.
        sql.add(
            "(start >= toDateTime(?, 'UTC') AND start < toDateTime(?, 'UTC'))",
            span.from() / 1000,
            span.to() / 1000);
      }
    }
  }

  private void addAll() {
    Tiles tiles = Tiles.of(query.buckets(), query.zone());
    add(Rows.MONTHS, tiles.months());
    add(Rows.DAYS, tiles.days());
    add(Rows.HOURS, tiles.hours());
    add(Rows.MINUTES, tiles.minutes());
    add(Rows.EVENTS, tiles.events());
  }

  private void add(Rows rows, List<Span> spans) {
    List<Span> inside = new ArrayList<>();
    List<Span> outside = new ArrayList<>();
    long from = query.buckets().from();
    long to = query.buckets().to();
    for (Span span : spans) {
      addIfAny(outside, span.from(), Math.min(span.to(), from));
      addIfAny(inside, Math.max(span.from(), from), Math.min(span.to(), to));
      addIfAny(outside, Math.max(span.from(), to), span.to());
    }
    Sql filter = filter();
    addInside(rows, inside, filter);
    addOutside(rows, outside, null);
    if (!filter.text().isEmpty()) {
      addOutside(rows, inside, filter);
    }
  }

  private static void addIfAny(List<Span> spans, long from, long to) {
    if (from < to) {
      spans.add(new Span(from, to));
    }
  }

  /** {@return what else rows must be, beside in the time; empty if nothing} */
  private Sql filter() {
    Sql filter = new Sql();
    if (query.key() != null) {
      filter.add("key = ?", query.key());
    }
    if (query.model() != null) {
      filter.add(filter.text().isEmpty() ? "model = ?" : " AND model = ?", query.model());
    }
    return filter;
  }

  private void addInside(Rows rows, List<Span> spans, Sql filter) {
    if (spans.isEmpty()) {
      return;
    }
    begin(bucket(rows.at()))
        .add(query.byKey() ? "key" : "''")
        .add(" AS group_key, ")
        .add(query.byModel() ? "model" : "''")
        .add(" AS group_model, currency AS group_currency, ")
        .add(rows.requests() + " AS requests" + SUMMED);
    end(rows, spans);
    if (!filter.text().isEmpty()) {
      source.add(" AND ").add(filter);
    }
  }

  private void addOutside(Rows rows, List<Span> spans, @Nullable Sql filter) {
    if (spans.isEmpty()) {
      return;
    }
    begin(new Sql().add("toInt64(-1)"))
        .add("'' AS group_key, '' AS group_model, '' AS group_currency, ")
        .add(rows.requests() + " AS requests" + NOTHING);
    end(rows, spans);
    if (filter != null) {
      source.add(" AND NOT (").add(filter).add(")");
    }
  }

  private Sql begin(Sql bucket) {
    if (!source.text().isEmpty()) {
      source.add(" UNION ALL ");
    }
    return source.add("SELECT ").add(bucket).add(" AS bucket, account, ");
  }

  private void end(Rows rows, List<Span> spans) {
    source.add(rows.from());
    if (rows.granularity != null) {
      source.add(" granularity = ? AND", rows.granularity);
    }
    accounts();
    source.add(" AND (");
    String or = "";
    for (Span span : spans) {
      source.add(or);
      rows.within(source, span);
      or = " OR ";
    }
    source.add(")");
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

  private void accounts() {
    if (query.accounts().isEmpty()) {
      source.add(" NOT startsWith(account, ?)", AccountDirectory.UNATTRIBUTED);
    } else {
      source.add(" account IN (").addList(query.accounts()).add(")");
    }
  }
}
