package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.streams.landing.Schema;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Statements for a ClickHouse cluster, made of the migrations that metering carries out. */
final class ClusterSql {
  private static final Pattern TABLE =
      Pattern.compile("^(CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\\w+)");
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

  private ClusterSql() {}

  /** The journal of the migrations, and what they make and change, in their order. */
  private static List<String> schema() {
    List<String> all = new ArrayList<>();
    try {
      Field journal = Schema.class.getDeclaredField("JOURNAL");
      journal.setAccessible(true);
      all.add(((String) journal.get(null)).strip());
      for (String migration : ClassFiles.texts("dev/taximeter/streams/landing/schema/", ".sql")) {
        all.addAll(statements(migration));
      }
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    // A cluster begins empty: there are no older rows to copy.
    return all.stream().filter(sql -> !sql.startsWith("INSERT INTO ")).toList();
  }

  static List<String> statements(String text) {
    return Stream.of(text.replaceAll("(?m)^\\s*--.*$", "").split(";\\s*(?:\n|$)", -1))
        .map(String::strip)
        .filter(sql -> !sql.isEmpty())
        .toList();
  }

  static String cluster() {
    StringBuilder text = new StringBuilder(CLUSTER_HEAD);
    for (String sql : schema()) {
      Matcher table = TABLE.matcher(sql);
      assertThat(table.find()).as("of a kind that this knows to rewrite: %s", sql).isTrue();
      String there = table.replaceFirst("$1 taximeter.$2 ON CLUSTER '{cluster}'");
      text.append(table.group(1).startsWith("CREATE") ? replicated(there) : there).append(";\n");
    }
    return text.toString();
  }

  private static String replicated(String made) {
    Matcher engine = ENGINE.matcher(made);
    assertThat(engine.find()).as(made).isTrue();
    String kind = engine.group(1) == null ? "" : engine.group(1);
    String arguments = engine.group(2) == null ? "" : ", " + engine.group(2);
    return engine
        .replaceFirst(
            Matcher.quoteReplacement(
                "ENGINE = Replicated%sMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'%s)"
                    .formatted(kind, arguments)))
        .replace("non_replicated_deduplication_window", "replicated_deduplication_window");
  }

  static String distributed() {
    StringBuilder text = new StringBuilder(DISTRIBUTED_HEAD);
    for (String sql : schema()) {
      Matcher table = TABLE.matcher(sql);
      if (table.find() && table.group(1).startsWith("CREATE")) {
        text.append(
            "CREATE TABLE IF NOT EXISTS taximeter.%1$s_all ON CLUSTER '{cluster}' AS taximeter.%1$s ENGINE = Distributed('{cluster}', 'taximeter', '%1$s');\n"
                .formatted(table.group(2)));
      }
    }
    return text.toString();
  }

  /** The same tables for one server: what is left when the cluster is taken out again. */
  static List<String> withoutCluster(String database) {
    return statements(
        cluster()
            .replace(" ON CLUSTER '{cluster}'", "")
            .replaceAll("Replicated(\\w*MergeTree)\\('[^']*', '\\{replica}'(?:, )?", "$1(")
            .replace("replicated_deduplication_window", "non_replicated_deduplication_window")
            .replace("taximeter.", database + ".")
            .replace("EXISTS taximeter", "EXISTS " + database));
  }
}
