package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.late.Identities;
import dev.taximeter.streams.late.IdentitiesContract;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The same on a real engine. Runs where {@code taximeter.test.clickhouse.url} names one, with
 * {@code .user} and {@code .password}; it works in a database of its own.
 */
@EnabledIfSystemProperty(named = "taximeter.test.clickhouse.url", matches = ".+")
class ClickHouseIdentitiesIT extends IdentitiesContract {
  private static final ClickHouseSettings SETTINGS =
      new ClickHouseSettings(
          System.getProperty("taximeter.test.clickhouse.url", "jdbc:clickhouse:http://nowhere/"),
          "taximeter_identities_test",
          System.getProperty("taximeter.test.clickhouse.user", "default"),
          System.getProperty("taximeter.test.clickhouse.password", ""));

  @Override
  protected Identities holding(List<Landed> landed) throws SQLException {
    Schema.migrate(SETTINGS);
    try (Connection connection = SETTINGS.connect()) {
      for (String table : List.of("usage_identities", "fate_identities", "landing_progress")) {
        execute(connection, "TRUNCATE TABLE " + table);
      }
      insert(
          connection,
          "INSERT INTO usage_identities (id, arrival, kept, record_offset) VALUES (?, fromUnixTimestamp64Milli(toInt64(?)), false, ?)",
          landed.stream().filter(line -> line.fate().equals("billed")).toList());
      insert(
          connection,
          "INSERT INTO fate_identities (id, arrival, fate, record_offset) VALUES (?, fromUnixTimestamp64Milli(toInt64(?)), ?, 0)",
          landed.stream().filter(line -> !line.fate().equals("billed")).toList());
    }
    return new ClickHouseIdentities(
        SETTINGS, () -> Set.of(new TopicPartition(Topics.LINE_FATES.topicName(), 0)));
  }

  @Test
  void theTablesKeepIdentitiesAsLongAsTheSettingSays() throws SQLException {
    Schema.migrate(SETTINGS);
    Schema.keepIdentities(SETTINGS, Duration.ofDays(90));
    assertThat(definition()).contains("toIntervalDay(91)").contains("NOT kept");
    Schema.keepIdentities(SETTINGS, Duration.ofDays(400));
    assertThat(definition()).contains("toIntervalDay(401)");
  }

  private static String definition() throws SQLException {
    try (Connection connection = SETTINGS.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW CREATE TABLE usage_identities")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private static void insert(Connection connection, String sql, List<Landed> lines)
      throws SQLException {
    if (lines.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Landed line : lines) {
        statement.setString(1, Uuids.of(line.id()));
        statement.setLong(2, line.arrival().toEpochMilli());
        if (line.fate().equals("billed")) {
          statement.setLong(3, 0);
        } else {
          statement.setString(3, line.fate());
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
