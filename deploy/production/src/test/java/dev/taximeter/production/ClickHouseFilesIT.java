package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.taximeter.streams.landing.ClickHouseSettings;
import dev.taximeter.streams.landing.Schema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real engine reads what is meant for a cluster, and makes the same tables of it as metering.
 */
class ClickHouseFilesIT {
  @Test
  void clusterStatementsAreTheSchemaAndTheEngineUnderstandsThem(@TempDir Path folder)
      throws Exception {
    Path library = ServicesIT.engineLibrary();
    assumeThat(library).as("the ClickHouse engine is not installed: ./taximeter test").isNotNull();
    try (Processes processes = new Processes(folder)) {
      int port = ServicesIT.startEngine(processes, folder, library);
      ClickHouseSettings settings =
          new ClickHouseSettings(
              "jdbc:clickhouse:http://127.0.0.1:%d/".formatted(port),
              "taximeter",
              "taximeter",
              "writer");
      Schema.migrate(settings);
      try (Connection connection = settings.connect();
          Statement statement = connection.createStatement()) {
        for (String sql : ClusterSql.withoutCluster("other")) {
          statement.execute(sql);
        }
        assertThat(columns(statement, "other"))
            .isNotEmpty()
            .isEqualTo(columns(statement, "taximeter"));
        for (String file : List.of("cluster.sql", "distributed.sql", "users.sql")) {
          List<String> statements = ClusterSql.statements(DeployFiles.text("clickhouse/" + file));
          assertThat(statements).as(file).isNotEmpty();
          for (String sql : statements) {
            understood(statement, sql);
          }
        }
        assertThatThrownBy(() -> understood(statement, "CREATE TABEL x (a UInt8)"))
            .isInstanceOf(SQLException.class);
        // Migrations that find these tables have nothing to do.
        Schema.migrate(settings);
        for (String query : businessQueries()) {
          statement.executeQuery(query).close();
        }
      }
    }
  }

  /** Tables with their columns, keys and kinds, in a form that can be compared. */
  private static List<String> columns(Statement statement, String database) throws SQLException {
    List<String> found = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT c.table, c.name, c.type, c.default_kind, c.default_expression, t.engine,"
                + " t.sorting_key, t.partition_key FROM system.columns AS c JOIN system.tables AS t ON t.database"
                + " = c.database AND t.name = c.table WHERE c.database = '"
                + database
                + "' ORDER BY c.table, c.position")) {
      while (rows.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= 8; i++) {
          row.append(rows.getString(i)).append(" | ");
        }
        found.add(row.toString());
      }
    }
    return found;
  }

  /** The engine's own parser reads it; nothing is carried out. */
  private static void understood(Statement statement, String sql) throws SQLException {
    statement.executeQuery("EXPLAIN AST " + sql).close();
  }

  /** With Grafana's macros for the chosen time filled in, as the plugin does. */
  private static List<String> businessQueries() {
    List<String> queries = new ArrayList<>();
    for (String query :
        MonitoringTest.json(DeployFiles.deploy("grafana/dashboards/business.json"))
            .findValuesAsText("rawSql")) {
      queries.add(
          query
              .replace("$__fromTime", "toDateTime(1700000000)")
              .replace("$__toTime", "toDateTime(1800000000)"));
    }
    assertThat(queries).hasSizeGreaterThan(4);
    return queries;
  }
}
