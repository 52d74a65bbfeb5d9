package dev.taximeter.api.clickhouse;

import dev.taximeter.api.usage.UsageAnswer;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageQuery;
import dev.taximeter.api.usage.UsageSum;
import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.event.TokenCounts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Usage from {@code usage_windows} and, where an edge cuts a minute, {@code usage_events}. */
public final class ClickHouseUsageHistory implements UsageHistory {
  /**
   * Landing writes in batches, and metering publishes several windows at once; between two batches
   * some of them may be in and some not. Such a moment is short.
   */
  private static final int LOOKS = 4;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(60);

  private final ConnectionPool pool;

  public ClickHouseUsageHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public UsageAnswer sum(List<UsageQuery> queries) {
    UsageAnswer answer = look(queries);
    for (int look = 1; look < LOOKS && !answer.exact(); look++) {
      pause();
      answer = look(queries);
    }
    // Where rules of a zone have changed, or usage is older than its days, hours know better.
    boolean found = answer.exact() && answer.sequence() > 0;
    boolean coarse = queries.stream().anyMatch(query -> query.zone() != null);
    return found || !coarse ? answer : look(queries.stream().map(UsageQuery::byTheHour).toList());
  }

  private UsageAnswer look(List<UsageQuery> queries) {
    Sql sql = UsageStatement.of(queries);
    return pool.with(connection -> read(connection, sql, queries.get(0)));
  }

  /**
   * @param query one of those that the statement answers
   */
  private static UsageAnswer read(Connection connection, Sql sql, UsageQuery query)
      throws SQLException {
    List<UsageSum> sums = new ArrayList<>();
    Map<String, Coverage> coverage = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      sql.bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next() && sums.size() <= query.mostRows()) {
          UsageSum sum = sum(row, query);
          coverage
              .computeIfAbsent(sum.account(), account -> new Coverage())
              .add(sum.requests(), row.getLong(13));
          if (sum.start() != UsageStatement.OUTSIDE) {
            sums.add(sum);
          }
        }
      }
    }
    return new UsageAnswer(
        sums,
        coverage.values().stream().mapToLong(covered -> covered.events).sum(),
        coverage.values().stream().allMatch(covered -> covered.events == covered.latest));
  }

  private static UsageSum sum(ResultSet row, UsageQuery query) throws SQLException {
    return new UsageSum(
        row.getLong(1),
        row.getString(2),
        query.byKey() ? row.getString(3) : null,
        query.byModel() ? row.getString(4) : null,
        row.getLong(6),
        new TokenCounts(
            row.getLong(7), row.getLong(8), row.getLong(9), row.getLong(10), row.getLong(11)),
        row.getString(5),
        row.getBigDecimal(12));
  }

  /** Events of one account that were counted, and the number of the latest. */
  private static final class Coverage {
    private long events;
    private long latest;

    void add(long counted, long sequence) {
      events += counted;
      latest = Math.max(latest, sequence);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HistoryUnavailableException("interrupted", e);
    }
  }
}
