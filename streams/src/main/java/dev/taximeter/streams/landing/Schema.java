package dev.taximeter.streams.landing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The database's tables, created and changed in numbered steps. */
public final class Schema {
  /** The steps, in order; a released one is never changed. */
  static final List<String> FILES =
      List.of(
          "V0001__usage.sql",
          "V0002__accounts.sql",
          "V0003__lines.sql",
          "V0004__catalogue.sql",
          "V0005__landing.sql",
          "V0006__identities.sql",
          "V0007__claims.sql",
          "V0008__sources.sql",
          "V0009__request_ids.sql",
          "V0011__landing_generations.sql",
          "V0014__price_models.sql",
          "V0015__provider_cost.sql",
          "V0016__ledger.sql",
          "V0017__bills.sql",
          "V0018__settled.sql",
          "V0019__plan_versions.sql",
          "V0020__audit_log.sql",
          "V0021__recorded.sql",
          "V0023__credit_terms.sql",
          "V0026__alerts.sql",
          "V0028__usage_by_arrival.sql");

  private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

  private static final String JOURNAL =
      """
      CREATE TABLE IF NOT EXISTS schema_migrations
      (
          `version` UInt32,
          `name` String,
          `checksum` String,
          `applied_at` DateTime64(3, 'UTC') DEFAULT now64(3)
      )
      ENGINE = ReplacingMergeTree(`applied_at`)
      ORDER BY `version`
      """;

  private Schema() {}

  /**
   * Creates the database if need be and takes the steps that it lacks. Several processes may do so
   * at once, and again after any interruption.
   *
   * @throws SQLException if ClickHouse cannot be reached or refuses
   * @throws IllegalStateException if the database was made by a newer program, or with other steps
   */
  public static void migrate(ClickHouseSettings settings) throws SQLException {
    try (Connection server = settings.connectToServer();
        Statement statement = server.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS `" + settings.database() + "`");
    }
    try (Connection connection = settings.connect()) {
      execute(connection, JOURNAL);
      Map<Integer, String> applied = applied(connection);
      for (Migration migration : migrations()) {
        String checksum = applied.remove(migration.version());
        if (checksum == null) {
          apply(connection, migration);
        } else if (!checksum.equals(migration.checksum())) {
          throw new IllegalStateException(
              "database %s was set up with another version of step %d, %s"
                  .formatted(settings.database(), migration.version(), migration.name()));
        }
      }
      if (!applied.isEmpty()) {
        throw new IllegalStateException(
            "database %s has steps that this version does not know (%s): it was used by a newer one"
                .formatted(settings.database(), applied.keySet()));
      }
    }
  }

  /**
   * Makes ClickHouse keep the identities of lines as long as metering relies on them.
   *
   * @param retention how long after their arrival
   * @throws SQLException if ClickHouse cannot be reached or refuses
   */
  static void keepIdentities(ClickHouseSettings settings, Duration retention) throws SQLException {
    // One more, because a retention may end within a day and clocks differ.
    String days = "toIntervalDay(%d)".formatted(retention.toDays() + 1);
    try (Connection connection = settings.connect()) {
      for (Table<?> table : Tables.IDENTITIES) {
        if (!definition(connection, table.name()).contains(days)) {
          execute(
              connection,
              "ALTER TABLE %s MODIFY TTL toDateTime(arrival) + %s DELETE WHERE NOT kept SETTINGS materialize_ttl_after_modify = 0"
                  .formatted(table.name(), days));
          LOG.info("Table {} keeps rows for {}", table.name(), retention);
        }
      }
    }
  }

  private static String definition(Connection connection, String table) throws SQLException {
    String sql =
        "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : "";
      }
    }
  }

  static List<Migration> migrations() {
    return FILES.stream().map(file -> Migration.parse(file, text(file))).toList();
  }

  private static void apply(Connection connection, Migration migration) throws SQLException {
    for (String statement : migration.statements()) {
      execute(connection, statement);
    }
    String sql = "INSERT INTO schema_migrations (version, name, checksum) VALUES (?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setInt(1, migration.version());
      insert.setString(2, migration.name());
      insert.setString(3, migration.checksum());
      insert.executeUpdate();
    }
    LOG.info("Database step {}, {}, is done", migration.version(), migration.name());
  }

  private static Map<Integer, String> applied(Connection connection) throws SQLException {
    Map<Integer, String> applied = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT version, checksum FROM schema_migrations FINAL")) {
      while (row.next()) {
        applied.put(row.getInt(1), row.getString(2));
      }
    }
    return applied;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(String file) {
    try (InputStream in = Schema.class.getResourceAsStream("schema/" + file)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its file schema/" + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
