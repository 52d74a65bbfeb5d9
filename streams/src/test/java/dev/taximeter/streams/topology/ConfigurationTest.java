package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.streams.topology.parts.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
  @TempDir private Path directory;
  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void write() throws Exception {
    Path kafka = directory.resolve("kafka.properties");
    Files.writeString(kafka, "bootstrap.servers=127.0.0.1:1\nsecurity.protocol=PLAINTEXT\n");
    Path secret = directory.resolve("root-secret");
    Files.writeString(secret, "ab".repeat(32));
    variables.put("TAXIMETER_KAFKA_CONFIG", kafka.toString());
    variables.put("TAXIMETER_ROOT_SECRET_FILE", secret.toString());
    variables.put("TAXIMETER_STATE_DIR", directory.resolve("state").toString());
  }

  private MeteringSettings settings() {
    return MeteringSettings.from(new Environment(variables));
  }

  @Test
  void settingsHaveDefaults() {
    MeteringSettings settings = settings();
    assertThat(settings.partitions()).isEqualTo(4);
    assertThat(settings.replication()).isEqualTo((short) 3);
    assertThat(settings.threads()).isEqualTo(2);
    assertThat(settings.duplicateHorizon()).isEqualTo(Duration.ofHours(24));
    assertThat(settings.identityRetention()).isEqualTo(Duration.ofDays(400));
    assertThat(settings.windowRetention()).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void settingsAreRead() {
    variables.put("TAXIMETER_PARTITIONS", "6");
    variables.put("TAXIMETER_REPLICATION", "1");
    variables.put("TAXIMETER_STREAM_THREADS", "3");
    variables.put("TAXIMETER_DUPLICATE_HORIZON", "PT48H");
    variables.put("TAXIMETER_IDENTITY_RETENTION", "P90D");
    variables.put("TAXIMETER_WINDOW_RETENTION", "PT10M");
    MeteringSettings settings = settings();
    assertThat(settings.partitions()).isEqualTo(6);
    assertThat(settings.replication()).isEqualTo((short) 1);
    assertThat(settings.threads()).isEqualTo(3);
    assertThat(settings.duplicateHorizon()).isEqualTo(Duration.ofHours(48));
    assertThat(settings.identityRetention()).isEqualTo(Duration.ofDays(90));
    assertThat(settings.windowRetention()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void aHorizonThatLeavesNoSlackIsRefused() {
    variables.put("TAXIMETER_DUPLICATE_HORIZON", "PT59M");
    assertThatThrownBy(this::settings)
        .isInstanceOf(SettingsException.class)
        .hasMessage("TAXIMETER_DUPLICATE_HORIZON must be PT1H or more, not PT59M");
    variables.put("TAXIMETER_DUPLICATE_HORIZON", "PT1H");
    variables.put("TAXIMETER_IDENTITY_RETENTION", "P29D");
    assertThatThrownBy(this::settings)
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("TAXIMETER_IDENTITY_RETENTION must be ");
  }

  @Test
  void aWrongSecretIsNamedButNotShown() throws Exception {
    Path secret = directory.resolve("root-secret");
    Files.writeString(secret, "my-password");
    assertThatThrownBy(this::settings)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("TAXIMETER_ROOT_SECRET_FILE")
        .hasMessageNotContaining("my-password");
  }

  @Test
  void metersExactlyOnce() {
    StreamsConfig config = new StreamsConfig(StreamsSettings.of(settings()));
    assertThat(config.getString(StreamsConfig.PROCESSING_GUARANTEE_CONFIG))
        .isEqualTo("exactly_once_v2");
    assertThat(config.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(1_000);
    assertThat(config.getMainConsumerConfigs("g", "c", 0))
        .containsEntry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
        .containsEntry("security.protocol", "PLAINTEXT");
    assertThat(config.getGlobalConsumerConfigs("c"))
        .containsEntry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
  }

  @Test
  void everyNodeAndStoreHasAName() {
    String description =
        MeteringTopology.build(settings(), new PlainParser(), false).describe().toString();
    assertThat(description)
        .contains("Source: raw-lines", "Processor: intake", "Sink: rekeyed-lines")
        .doesNotContainPattern("KSTREAM|KTABLE|STATE-STORE|0000");
  }

  private DeadLetterHandler handler() {
    DeadLetterHandler handler = new DeadLetterHandler();
    handler.configure(Map.of(DeadLetterHandler.ROOT_SECRET_CONFIG, Meter.SECRET));
    return handler;
  }

  private static DefaultErrorHandlerContext errorContext(byte[] value) {
    return new DefaultErrorHandlerContext(
        null,
        "account.inputs.v1",
        2,
        17,
        new RecordHeaders(),
        "node",
        new TaskId(0, 2),
        5,
        null,
        value);
  }

  @Test
  void whatCannotBeReadIsSealedAndTheRestGoesOn() {
    byte[] value = "no json, sk-secret".getBytes(StandardCharsets.UTF_8);
    DeserializationExceptionHandler.Response response =
        handler()
            .handleError(
                errorContext(value),
                new ConsumerRecord<>("account.inputs.v1", 2, 17, null, value),
                new IllegalStateException("sk-secret"));
    assertThat(response.result()).isEqualTo(DeserializationExceptionHandler.Result.RESUME);
    ProducerRecord<byte[], byte[]> sent = response.deadLetterQueueRecords().get(0);
    assertThat(sent.topic()).isEqualTo("gateway.access-log.v1.dlq");
    assertThat(new String(sent.value(), StandardCharsets.UTF_8)).doesNotContain("sk-secret");
    DeadLetter letter = Json.MAPPER.readValue(sent.value(), DeadLetter.class);
    assertThat(new Sealer(Meter.SECRET).open(letter.sealedFrame())).isEqualTo(value);
    assertThat(
            new String(
                sent.headers().lastHeader("__streams.errors.offset").value(),
                StandardCharsets.UTF_8))
        .isEqualTo("17");
  }

  @Test
  void aDefectGoesOnAndAFailingStoreIsTriedAgain() {
    Record<String, String> record = new Record<>("k", "v", 5);
    ProcessingExceptionHandler.Response defect =
        handler().handleError(errorContext(new byte[] {1}), record, new ArithmeticException());
    assertThat(defect.result()).isEqualTo(ProcessingExceptionHandler.Result.RESUME);
    assertThat(defect.deadLetterQueueRecords()).hasSize(1);
    ProcessingExceptionHandler.Response store =
        handler()
            .handleError(
                errorContext(new byte[] {1}), record, new ProcessorStateException("disk full"));
    assertThat(store.result()).isEqualTo(ProcessingExceptionHandler.Result.FAIL);
    assertThat(store.deadLetterQueueRecords()).isEmpty();
  }

  @Test
  void whatABrokerRefusesIsNamedAndNeverLeftOut() {
    Problems problems = new Problems();
    RefusedRecords handler = new RefusedRecords();
    handler.configure(Map.of(Problems.CONFIG, problems));
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            "account.states.v1", "acme".getBytes(StandardCharsets.UTF_8), new byte[96]);
    ProductionExceptionHandler.Response response =
        handler.handleError(errorContext(null), record, new RecordTooLargeException("sk-secret"));
    assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.FAIL);
    assertThat(problems.sentences())
        .containsExactly(
            "Kafka refuses a record of 100 bytes for topic account.states.v1; raise the topic's"
                + " max.message.bytes");
    assertThat(
            handler.handleError(errorContext(null), record, new TimeoutException("slow")).result())
        .isEqualTo(ProductionExceptionHandler.Result.RETRY);
    assertThat(problems.sentences()).hasSize(1);
  }
}
