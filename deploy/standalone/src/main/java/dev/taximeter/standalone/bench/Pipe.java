package dev.taximeter.standalone.bench;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka itself does with the same bytes on the same broker: the plain clients write them to a
 * topic of their own, then read them. No system that keeps its lines in Kafka can be faster.
 */
final class Pipe {
  private static final String TOPIC = "taximeter.bench.pipe";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int LINGER_MILLIS = 5;
  private static final int FETCH_BYTES = 8 << 20;

  private final Map<String, Object> kafka;
  private final int partitions;

  /**
   * @param kafka client settings
   * @param partitions as many as the raw topic has
   */
  Pipe(Map<String, Object> kafka, int partitions) {
    this.kafka = kafka;
    this.partitions = partitions;
  }

  /** How long each half took. */
  record Result(Duration produce, Duration consume) {}

  Result measure(BenchLines lines) throws IOException, InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(kafka)) {
      admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1))).all().get();
      try {
        return new Result(produce(lines), consume(lines.lines()));
      } finally {
        admin.deleteTopics(List.of(TOPIC)).all().get();
      }
    }
  }

  private Duration produce(BenchLines lines)
      throws IOException, InterruptedException, ExecutionException {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    LineSource source = new LineSource("bench", lines.file().toString());
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    long start = System.nanoTime();
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        BufferedReader reader =
            Files.newBufferedReader(lines.file(), StandardCharsets.ISO_8859_1)) {
      long offset = 0;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        byte[] line = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] frame = new RawLine(source.host(), source.path(), offset, line).toBytes();
        producer.send(
            new ProducerRecord<>(TOPIC, RawLine.checksum(line), frame),
            (metadata, exception) -> {
              if (exception != null) {
                failure.compareAndSet(null, exception);
              }
            });
        offset += line.length + 1;
      }
      producer.flush();
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new ExecutionException("Kafka did not take the lines", failed);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private Duration consume(long lines) throws IOException {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    long start = System.nanoTime();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(
          IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(TOPIC, p)).toList());
      long read = 0;
      while (read < lines) {
        read += consumer.poll(POLL).count();
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw new IOException("Kafka gave back %d of %d lines".formatted(read, lines));
        }
      }
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
