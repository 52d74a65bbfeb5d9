package dev.taximeter.streams.landing;

import com.clickhouse.client.api.ClickHouseException;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.late.Identities;
import dev.taximeter.streams.worker.NotYetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The identities that have landed. Not thread-safe. */
public final class ClickHouseIdentities implements Identities {
  /** Their list stands twice in a statement, which may have 256 KiB. */
  private static final int MOST_IDS = 2_000;

  private final ClickHouseSettings settings;
  private final Supplier<Set<TopicPartition>> landing;
  private @Nullable Connection connection;
  private @Nullable Instant since;

  /**
   * @param landing partitions that are landed at present. Landing recognises that Kafka holds what
   *     it has read; the position of one that it has stopped, or not looked at yet, says nothing
   */
  public ClickHouseIdentities(ClickHouseSettings settings, Supplier<Set<TopicPartition>> landing) {
    this.settings = settings;
    this.landing = landing;
  }

  /** Reads an answer. */
  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  @Override
  public Map<String, Known> find(Collection<String> ids) throws NotYetException {
    Map<String, Known> found = new HashMap<>();
    List<String> rest = new ArrayList<>(ids);
    for (int from = 0; from < rest.size(); from += MOST_IDS) {
      find(rest.subList(from, Math.min(rest.size(), from + MOST_IDS)), found);
    }
    return found;
  }

  private void find(List<String> ids, Map<String, Known> found) throws NotYetException {
    // Hex digits only, checked, so nothing needs to be bound.
    String list = ids.stream().map(id -> "'" + Uuids.of(id) + "'").collect(Collectors.joining(","));
    String sql =
        """
        SELECT toString(id), max(seen) FROM
        (
            SELECT id, 1 AS seen FROM usage_identities WHERE id IN (%1$s)
            UNION ALL
            SELECT id, fate != 'quarantined' AS seen FROM fate_identities WHERE id IN (%1$s)
        )
        GROUP BY id
        """
            .formatted(list);
    ask(
        "look up the identities of lines",
        sql,
        row -> {
          while (row.next()) {
            found.put(
                Uuids.hex(row.getString(1)),
                row.getInt(2) == 0 ? Known.ONLY_QUARANTINED : Known.SEEN);
          }
          return found;
        });
  }

  @Override
  public Optional<Instant> oldestArrival() throws NotYetException {
    String sql =
        """
        SELECT count(), toUnixTimestamp64Milli(min(oldest)) FROM
        (
            SELECT min(arrival) AS oldest FROM usage_identities HAVING count() > 0
            UNION ALL
            SELECT min(arrival) AS oldest FROM fate_identities HAVING count() > 0
        )
        """;
    return ask(
        "tell the oldest identity",
        sql,
        row ->
            row.next() && row.getLong(1) > 0
                ? Optional.of(Instant.ofEpochMilli(row.getLong(2)))
                : Optional.empty());
  }

  /**
   * @return whether no identity has ever landed here, as in a ClickHouse without our tables
   * @throws NotYetException if ClickHouse does not answer
   */
  public boolean isEmpty() throws NotYetException {
    String sql =
        """
        SELECT count() FROM system.tables
        WHERE database = '%s'
            AND name IN ('usage_identities', 'fate_identities') AND total_rows > 0
        """
            .formatted(settings.database());
    // The database itself may be missing, too.
    try (Connection server = settings.connectToServer();
        Statement statement = server.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() && row.getLong(1) == 0;
    } catch (SQLException | ClickHouseException e) {
      throw new NotYetException("ClickHouse did not tell whether it is empty", e);
    }
  }

  @Override
  public Instant since() throws NotYetException {
    Instant known = since;
    if (known == null) {
      known =
          ask(
                  "tell when it was set up",
                  "SELECT toUnixTimestamp64Milli(min(applied_at)) FROM schema_migrations HAVING count() > 0",
                  row ->
                      row.next()
                          ? Optional.of(Instant.ofEpochMilli(row.getLong(1)))
                          : Optional.<Instant>empty())
              .orElseThrow(() -> new NotYetException("ClickHouse is not set up yet"));
      since = known;
    }
    return known;
  }

  @Override
  public boolean isIncomplete() throws NotYetException {
    String sql =
        "SELECT count() FROM landing_rejects WHERE topic IN ('%s', '%s')"
            .concat(" AND (startsWith(reason, '%s') OR position(reason, '%s') > 0)")
            .formatted(
                Topics.ACCOUNT_INPUTS.topicName(),
                Topics.LINE_FATES.topicName(),
                LandingSession.GAP,
                LandingSession.RESUMED);
    return ask("tell whether records are missing", sql, row -> row.next() && row.getLong(1) > 0);
  }

  @Override
  public Map<TopicPartition, Reached> landed() throws NotYetException {
    return ask(
        "tell what has landed",
        ClickHouseSink.POSITIONS,
        row -> {
          Set<TopicPartition> running = landing.get();
          Map<TopicPartition, Reached> positions = new HashMap<>();
          while (row.next()) {
            TopicPartition partition = new TopicPartition(row.getString(1), row.getInt(2));
            if (running.contains(partition)) {
              positions.put(partition, new Reached(row.getString(4), row.getLong(3)));
            }
          }
          return positions;
        });
  }

  private <T> T ask(String what, String sql, Reading<T> reading) throws NotYetException {
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return reading.of(row);
    } catch (SQLException | ClickHouseException e) {
      close();
      throw new NotYetException("late lines wait: ClickHouse did not " + what, e);
    }
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = settings.connect();
      connection = open;
    }
    return open;
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException | ClickHouseException e) {
        // It is given up in any case.
      }
    }
  }
}
