package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

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
}
