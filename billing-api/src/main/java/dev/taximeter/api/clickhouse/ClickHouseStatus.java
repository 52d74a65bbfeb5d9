package dev.taximeter.api.clickhouse;

import dev.taximeter.api.status.HistoryStatus;
import dev.taximeter.api.web.HistoryUnavailableException;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Asks ClickHouse how it is. */
public final class ClickHouseStatus implements HistoryStatus {
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final ConnectionPool pool;

  // Guarded by this.
  private boolean reachable;
  private long askedAt = System.nanoTime() - FRESH.toNanos();

  public ClickHouseStatus(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public synchronized boolean reachable() {
    if (System.nanoTime() - askedAt >= FRESH.toNanos()) {
      reachable = ask();
      askedAt = System.nanoTime();
    }
    return reachable;
  }

  private boolean ask() {
    try {
      return pool.with(
          connection -> {
            try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1")) {
              return row.next();
            }
          });
    } catch (HistoryUnavailableException e) {
      return false;
    }
  }

  @Override
  public Optional<Map<String, Map<Integer, Long>>> landed() {
    String sql =
        "SELECT topic, partition, argMax(next_offset, (generation, next_offset))"
            + " FROM landing_progress GROUP BY topic, partition";
    try {
      return Optional.of(
          pool.with(
              connection -> {
                Map<String, Map<Integer, Long>> landed = new TreeMap<>();
                try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                  while (row.next()) {
                    landed
                        .computeIfAbsent(row.getString(1), topic -> new TreeMap<>())
                        .put(row.getInt(2), row.getLong(3));
                  }
                }
                return landed;
              }));
    } catch (HistoryUnavailableException e) {
      return Optional.empty();
    }
  }
}
