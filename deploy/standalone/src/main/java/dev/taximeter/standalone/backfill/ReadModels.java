package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import tools.jackson.databind.JsonNode;

/** How far ClickHouse and the API have followed the topics. */
public final class ReadModels {
  /** Topics whose records become rows that answers and audits are made of. */
  public static final List<Topics> LANDED =
      List.of(
          Topics.USAGE_EVENTS,
          Topics.USAGE_WINDOWS,
          Topics.ACCOUNT_STATES,
          Topics.LINE_FATES,
          Topics.LINE_ACCOUNTING);

  private static final String PROGRESS =
      "SELECT topic, partition, argMax(next_offset, (generation, next_offset))"
          + " FROM landing_progress GROUP BY topic, partition";

  private ReadModels() {}

  /**
   * Reads how far landing has come.
   *
   * @return next offset by partition; what has not begun is missing
   * @throws SQLException if ClickHouse does not answer
   */
  public static Map<TopicPartition, Long> landed(RunningSystem system) throws SQLException {
    Map<TopicPartition, Long> positions = new HashMap<>();
    try (Connection connection = system.clickHouse();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(PROGRESS)) {
      while (rows.next()) {
        positions.put(new TopicPartition(rows.getString(1), rows.getInt(2)), rows.getLong(3));
      }
    }
    return positions;
  }

  /**
   * Reads how far the API's live answers have come.
   *
   * @return next offset by partition
   * @throws IOException if the API does not answer
   */
  public static Map<TopicPartition, Long> live(RunningSystem system)
      throws IOException, InterruptedException {
    Map<TopicPartition, Long> positions = new HashMap<>();
    JsonNode topics = system.api().get("/v1/status").path("positions");
    for (Map.Entry<String, JsonNode> topic : topics.properties()) {
      for (Map.Entry<String, JsonNode> partition : topic.getValue().properties()) {
        positions.put(
            new TopicPartition(topic.getKey(), Integer.parseInt(partition.getKey())),
            partition.getValue().asLong());
      }
    }
    return positions;
  }

  /**
   * Sums what is still missing.
   *
   * @param ends where the topics end
   * @param positions how far a reader has come
   * @return offsets between the two, 0 if the reader has caught up
   */
  public static long lag(Map<TopicPartition, Long> ends, Map<TopicPartition, Long> positions) {
    return ends.entrySet().stream()
        .mapToLong(end -> Math.max(0, end.getValue() - positions.getOrDefault(end.getKey(), 0L)))
        .sum();
  }
}
