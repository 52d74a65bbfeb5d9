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
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statements for a ClickHouse cluster come from the one schema: the migrations are carried out by
 * the real engine, which then tells each table as it has become.
 */
class ClickHouseFilesIT {
  private static final Pattern TABLE = Pattern.compile("CREATE TABLE taximeter\\.(\\w+) ");
  private static final Pattern ENGINE =
      Pattern.compile("ENGINE = (Replacing)?MergeTree(?:\\(([^)]*)\\))?");

  private static final String CLUSTER_HEAD =
      """
      -- Generated from the schema; see deploy/docs/clickhouse.md. Tables of a cluster with one shard and several replicas. Run it before
      -- metering's first start and before each upgrade: what exists already is left as it is. The server's macros name cluster, shard and replica.
      CREATE DATABASE IF NOT EXISTS taximeter ON CLUSTER '{cluster}';
      """;

  private static final String DISTRIBUTED_HEAD =
      """
      -- Generated from the schema; see deploy/docs/clickhouse.md. For reading over several installations, each of which has a shard of its own.
      -- FINAL in queries works shard by shard, and no row is in two of them. Taximeter itself does not use these tables.
      """;

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
        Map<String, String> tables = tables(statement);
        assertThat(tables).containsKeys("schema_migrations", "usage_events", "landing_progress");

        StringBuilder cluster = new StringBuilder(CLUSTER_HEAD);
        StringBuilder distributed = new StringBuilder(DISTRIBUTED_HEAD);
        tables.forEach(
            (name, definition) -> {
              cluster.append(replicated(definition)).append(";\n");
              distributed.append(
                  "CREATE TABLE IF NOT EXISTS taximeter.%1$s_all ON CLUSTER '{cluster}' AS taximeter.%1$s ENGINE = Distributed('{cluster}', 'taximeter', '%1$s');\n"
                      .formatted(name));
            });
        DeployFiles.generated("clickhouse/cluster.sql", cluster.toString());
        DeployFiles.generated("clickhouse/distributed.sql", distributed.toString());
        for (String file : List.of("cluster.sql", "distributed.sql", "users.sql")) {
          List<String> statements = statements(DeployFiles.text("clickhouse/" + file));
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

  private static Map<String, String> tables(Statement statement) throws SQLException {
    Map<String, String> tables = new java.util.TreeMap<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT name, create_table_query FROM system.tables WHERE database = 'taximeter'")) {
      while (rows.next()) {
        tables.put(rows.getString(1), rows.getString(2));
      }
    }
    return tables;
  }

  private static String replicated(String definition) {
    Matcher table = TABLE.matcher(definition);
    assertThat(table.find()).as(definition).isTrue();
    String made =
        table.replaceFirst("CREATE TABLE IF NOT EXISTS taximeter.$1 ON CLUSTER '{cluster}' ");
    Matcher engine = ENGINE.matcher(made);
    assertThat(engine.find()).as(definition).isTrue();
    String arguments = engine.group(2) == null ? "" : ", " + engine.group(2);
    String kind = engine.group(1) == null ? "" : engine.group(1);
    return engine
        .replaceFirst(
            Matcher.quoteReplacement(
                "ENGINE = Replicated%sMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'%s)"
                    .formatted(kind, arguments)))
        .replace("non_replicated_deduplication_window", "replicated_deduplication_window");
  }

  private static List<String> statements(String text) {
    return Stream.of(text.replaceAll("(?m)^--.*$", "").split(";\\s*(?:\n|$)"))
        .map(String::strip)
        .filter(sql -> !sql.isEmpty())
        .toList();
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
