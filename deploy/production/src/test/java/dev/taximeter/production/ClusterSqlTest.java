package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ClusterSqlTest {
  @Test
  void clusterTablesAreThoseOfTheSchema() {
    DeployFiles.generated("clickhouse/cluster.sql", ClusterSql.cluster());
    DeployFiles.generated("clickhouse/distributed.sql", ClusterSql.distributed());
  }

  /** A table that is not replicated would be on one server only; a step may be repeated. */
  @Test
  void everyTableIsReplicatedAndEveryStepRepeatable() {
    for (String sql : ClusterSql.statements(ClusterSql.cluster())) {
      assertThat(sql).contains("ON CLUSTER '{cluster}'");
      if (sql.startsWith("CREATE TABLE")) {
        assertThat(sql)
            .contains("IF NOT EXISTS")
            .containsPattern("ENGINE = Replicated\\w*MergeTree");
      } else if (sql.startsWith("ALTER TABLE")) {
        assertThat(sql).doesNotContainPattern("(ADD COLUMN|ADD INDEX)(?! IF NOT EXISTS)");
      }
    }
  }

  /** ALTER TABLE as a whole would let a stolen password delete and change what was metered. */
  @Test
  void meteringMayAlterWhatItsMigrationsAlterAndNoMore() {
    String grant =
        ClusterSql.statements(DeployFiles.text("clickhouse/users.sql")).stream()
            .filter(sql -> sql.startsWith("GRANT") && sql.endsWith("ON taximeter.* TO taximeter"))
            .findFirst()
            .orElseThrow();
    assertThat(grant).doesNotContain("ALTER TABLE", "DELETE", "UPDATE", "DROP");
    for (String sql : ClusterSql.statements(ClusterSql.cluster())) {
      if (sql.startsWith("ALTER TABLE")) {
        Matcher step =
            Pattern.compile("(?m)^\\s*(ADD|MODIFY|MATERIALIZE|DROP|DELETE|UPDATE) (\\w+)")
                .matcher(sql);
        int steps = 0;
        while (step.find()) {
          String right =
              step.group(2).equals("ORDER") ? "ORDER BY" : step.group(1) + " " + step.group(2);
          assertThat(grant).as(sql).contains("ALTER " + right);
          steps++;
        }
        assertThat(steps).as(sql).isPositive();
      }
    }
    // Schema adapts the TTL of identities.
    assertThat(grant).contains("ALTER TTL");
  }

  /** With readonly = 2 a query may change a setting, unless it has a bound. */
  @Test
  void theReadersBoundsHold() {
    assertThat(DeployFiles.text("clickhouse/users.sql"))
        .containsPattern("max_memory_usage = (\\d+) MAX \\1\\b")
        .containsPattern("max_execution_time = (\\d+) MAX \\1\\b");
  }
}
