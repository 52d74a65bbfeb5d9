package dev.taximeter.standalone.doctor;

import dev.taximeter.contract.event.ReadGap;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.contract.topic.ReadGaps;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.backfill.ReadModels;
import dev.taximeter.standalone.backfill.RunningSystem;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import tools.jackson.databind.JsonNode;

/** Checks of the running processes. */
final class ServiceChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String TRANSACTION_VERSION = "transaction.version";

  /** With lower versions a broker does not guard against late writes of old transactions. */
  private static final int LEAST_TRANSACTION_VERSION = 2;

  /** More records than a moment's work; what is shown elsewhere is visibly behind. */
  private static final long GOOD_LAG = 20_000;

  private final RunningSystem system;

  ServiceChecks(RunningSystem system) {
    this.system = system;
  }

  Finding kafka() throws InterruptedException {
    try (Admin admin = admin()) {
      int brokers = answer(admin.describeCluster().nodes()).size();
      FinalizedVersionRange version =
          answer(admin.describeFeatures().featureMetadata())
              .finalizedFeatures()
              .get(TRANSACTION_VERSION);
      if (version == null || version.maxVersionLevel() < LEAST_TRANSACTION_VERSION) {
        return Finding.failure(
            "kafka",
            "Kafka answers, but its transaction.version is below 2.",
            "Upgrade it: kafka-features.sh upgrade --feature transaction.version=2");
      }
      return Finding.ok("kafka", "Kafka answers with %d broker(s).".formatted(brokers));
    } catch (ExecutionException | TimeoutException | KafkaException | SettingsException e) {
      return Finding.failure(
          "kafka", "Kafka does not answer: " + reason(e), look("broker", "Kafka"));
    }
  }

  Finding clickHouse() {
    try (Connection connection = system.clickHouse();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT version()")) {
      rows.next();
      return Finding.ok("clickhouse", "ClickHouse " + rows.getString(1) + " answers.");
    } catch (SQLException | SettingsException e) {
      return Finding.failure(
          "clickhouse",
          "ClickHouse does not answer: " + reason(e),
          look("clickhouse", "ClickHouse"));
    }
  }

  Finding api() throws InterruptedException {
    try {
      system.api().get("/v1/status");
      return Finding.ok("api", "The API answers.");
    } catch (IOException | SettingsException e) {
      return Finding.failure(
          "api", "The API does not answer: " + reason(e), look("api", "the API"));
    }
  }

  /** What metering waits for, has lost or cannot do. */
  Finding metering() {
    try {
      return MeteringCheck.of(
          system.meteringHealth("/problems"), system.dataDirectory().log("metering"));
    } catch (SettingsException e) {
      return Finding.failure("metering", reason(e), look("metering", "metering"));
    }
  }

  /** Whether all that gateways wrote has arrived. */
  Finding sources() throws InterruptedException {
    try {
      JsonNode completeness =
          system.api().get("/v1/sources?limit=1").path("asOf").path("completeness");
      long silent = completeness.path("silentSources").asLong();
      long gaps = completeness.path("openGaps").asLong();
      if (silent > 0 || gaps > 0) {
        return Finding.warning(
            "sources",
            "%d source(s) have fallen silent, %d byte range(s) of files are missing."
                .formatted(silent, gaps),
            "GET /v1/sources and /v1/sources/gaps name them: start the shipper or retire the"
                + " source; ship missing files with ./taximeter backfill.");
      }
      long unknown = completeness.path("unknownSources").asLong();
      if (unknown > 0) {
        List<String> named = new ArrayList<>();
        completeness.path("unknown").forEach(source -> named.add(source.asString()));
        return Finding.warning(
            "sources",
            "How complete usage is cannot be told: %d source(s) have not told yet how far they are, such as %s."
                .formatted(unknown, String.join(", ", named)),
            "Wait for a backfill that runs; a log that the gateway has not created yet is read as"
                + " soon as it appears: check its path.");
      }
      return Finding.ok("sources", "No source is silent, and no bytes are known to be missing.");
    } catch (IOException | SettingsException e) {
      return Finding.failure(
          "sources", "Sources cannot be read: " + reason(e), look("api", "the API"));
    }
  }

  /** Whether every line that was read has a fate. */
  Finding lines() throws InterruptedException {
    try {
      long residual = 0;
      for (JsonNode row : system.api().get("/v1/accounting").path("rows")) {
        residual += Math.abs(row.path("residual").asLong());
      }
      return residual == 0
          ? Finding.ok("lines", "Every line that was read has a fate, or is being metered.")
          : Finding.failure(
              "lines",
              "%d line(s) that were read have no fate.".formatted(residual),
              "GET /v1/accounting says of which file and hour; ship that file again with"
                  + " ./taximeter backfill: what is known counts once.");
    } catch (IOException | SettingsException e) {
      return Finding.failure(
          "lines", "The counts of lines cannot be read: " + reason(e), look("api", "the API"));
    }
  }

  /** Whether what people see follows from what was metered. */
  Finding audit() throws InterruptedException {
    try {
      JsonNode audit = system.api().get("/v1/audit");
      long drift = audit.path("drift").asLong();
      if (drift > 0) {
        return Finding.failure(
            "audit",
            "The audit in the background finds %d difference(s).".formatted(drift),
            "GET /v1/audit names them; ./taximeter audit --data-dir %s looks at everything again."
                .formatted(system.dataDirectory().root()));
      }
      String completed = audit.path("roundCompletedAt").asString("");
      return Finding.ok(
          "audit",
          completed.isEmpty()
              ? "The audit in the background has found no difference so far."
              : "The audit in the background finds no difference; last complete at "
                  + completed
                  + ".");
    } catch (IOException | SettingsException e) {
      return Finding.failure(
          "audit", "The audit cannot be read: " + reason(e), look("api", "the API"));
    }
  }

  /** How far what people see is behind what metering has decided. */
  Finding lag() throws InterruptedException {
    try (Admin admin = admin()) {
      Map<TopicPartition, Long> ends = committedEnds(admin);
      long lag = ReadModels.lag(ends, ReadModels.landed(system));
      String found = "Landing in ClickHouse is %d records behind.".formatted(lag);
      return lag > GOOD_LAG
          ? Finding.warning(
              "lag",
              found,
              "Wait, it catches up by itself; if it does not, look into "
                  + system.dataDirectory().log("metering")
                  + ".")
          : Finding.ok("lag", found);
    } catch (ExecutionException
        | TimeoutException
        | KafkaException
        | SQLException
        | SettingsException e) {
      return Finding.failure(
          "lag", "The lag cannot be read: " + reason(e), look("metering", "landing"));
    }
  }

  /** Input that Kafka's retention has deleted before metering read it. */
  Finding gaps() {
    try {
      List<ReadGap> gaps = ReadGaps.read(system.kafka(), PATIENCE);
      return gaps.isEmpty()
          ? Finding.ok("gaps", "All input was read before it expired.")
          : Finding.failure(
              "gaps",
              "Input expired unread: %d gap(s), the first in %s-%d, records %d to %d."
                  .formatted(
                      gaps.size(),
                      gaps.get(0).topic(),
                      gaps.get(0).partition(),
                      gaps.get(0).from(),
                      gaps.get(0).to() - 1),
              "Ship the gateway's files of that time again with backfill; lines already metered"
                  + " count once.");
    } catch (KafkaException | SettingsException e) {
      return Finding.failure(
          "gaps", "The gaps cannot be read: " + reason(e), look("metering", "Kafka"));
    }
  }

  private static Map<TopicPartition, Long> committedEnds(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    List<String> names = ReadModels.LANDED.stream().map(Topics::topicName).toList();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (TopicDescription topic : answer(admin.describeTopics(names).allTopicNames()).values()) {
      topic
          .partitions()
          .forEach(
              partition ->
                  latest.put(
                      new TopicPartition(topic.name(), partition.partition()),
                      OffsetSpec.latest()));
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> found =
        answer(
            admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all());
    found.forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  private Admin admin() {
    Map<String, Object> settings = new HashMap<>(system.kafka());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    return Admin.create(settings);
  }

  private static <T> T answer(KafkaFuture<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private String look(String process, String name) {
    return "Look into %s for why %s fails; the launcher restarts it meanwhile."
        .formatted(system.dataDirectory().log(process), name);
  }

  private static String reason(Exception problem) {
    Throwable cause = problem instanceof ExecutionException ? problem.getCause() : problem;
    String message = cause == null ? null : cause.getMessage();
    return message == null
        ? problem.getClass().getSimpleName()
        : message.lines().findFirst().orElse(message);
  }
}
