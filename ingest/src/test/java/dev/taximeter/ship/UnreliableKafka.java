package dev.taximeter.ship;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A Kafka in memory that keeps what is committed and fails in every way that a real one can. */
final class UnreliableKafka implements KafkaAccess {
  private static final int SENDS_PER_OTHER_CALL = 16;

  private final Random random;
  private final List<ProducerRecord<byte[], byte[]>> committed = new ArrayList<>();

  /** One call in so many fails; 0 for none. */
  private volatile int oneFailureIn;

  /** Of every topic, as far as shippers are told; without any there are no heartbeats. */
  private volatile int partitions;

  private int failures;
  private int producers;
  private volatile boolean down;
  private volatile boolean refusing;

  UnreliableKafka(long seed, int oneFailureIn) {
    this.random = new Random(seed);
    this.oneFailureIn = oneFailureIn;
  }

  void failOneIn(int calls) {
    oneFailureIn = calls;
  }

  void setPartitions(int partitions) {
    this.partitions = partitions;
  }

  /** As brokers refuse records from the future. */
  void refuseLines() {
    refusing = true;
  }

  void setDown(boolean down) {
    this.down = down;
  }

  synchronized int failures() {
    return failures;
  }

  synchronized int producers() {
    return producers;
  }

  private boolean fails() {
    return failsOneIn(oneFailureIn);
  }

  private synchronized boolean failsOneIn(int calls) {
    boolean fails = down || (calls > 0 && random.nextInt(calls) == 0);
    failures += fails ? 1 : 0;
    return fails;
  }

  private synchronized int choice(int bound) {
    return random.nextInt(bound);
  }

  @Override
  public synchronized Producer<byte[], byte[]> producer(String transactionalId) {
    producers++;
    return new UnreliableProducer();
  }

  @Override
  public Map<String, ShipperPosition> positions() {
    if (fails()) {
      throw new TimeoutException("positions");
    }
    Map<String, ShipperPosition> positions = new HashMap<>();
    for (ProducerRecord<byte[], byte[]> record : committed(Topics.SHIPPER_POSITIONS)) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        positions.remove(key);
      } else {
        positions.put(key, Json.MAPPER.readValue(record.value(), ShipperPosition.class));
      }
    }
    return positions;
  }

  synchronized List<ProducerRecord<byte[], byte[]>> committed(Topics topic) {
    return committed.stream().filter(r -> r.topic().equals(topic.topicName())).toList();
  }

  List<RawLine> lines() {
    return committed(Topics.ACCESS_LOG).stream()
        .filter(r -> r.headers().lastHeader(RawLine.HEARTBEAT_HEADER) == null)
        .map(r -> RawLine.fromBytes(r.value()))
        .toList();
  }

  List<String> texts() {
    return lines().stream().map(l -> new String(l.line(), StandardCharsets.UTF_8)).toList();
  }

  /** The latest count of each key. */
  Map<String, LineCount> counts() {
    Map<String, LineCount> counts = new HashMap<>();
    for (ProducerRecord<byte[], byte[]> record : committed(Topics.LINE_ACCOUNTING)) {
      counts.put(
          new String(record.key(), StandardCharsets.UTF_8),
          Json.MAPPER.readValue(record.value(), LineCount.class));
    }
    return counts;
  }

  private final class UnreliableProducer extends MockProducer<byte[], byte[]> {
    private final List<ProducerRecord<byte[], byte[]>> pending = new ArrayList<>();

    UnreliableProducer() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
      failSometimes();
      return Collections.nCopies(partitions, new PartitionInfo(topic, 0, null, null, null));
    }

    @Override
    public void initTransactions() {
      failSometimes();
      super.initTransactions();
    }

    @Override
    public void beginTransaction() {
      pending.clear();
      super.beginTransaction();
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      // Less often: there are many of them in a transaction, which must succeed now and then.
      if (failsOneIn(oneFailureIn * SENDS_PER_OTHER_CALL)) {
        switch (choice(3)) {
          case 0 -> throw new TimeoutException("no room");
          case 1 -> callback.onCompletion(null, new TimeoutException("expired"));
          default -> {} // Lost, and nobody says so.
        }
        return new CompletableFuture<>();
      }
      if (refusing) {
        callback.onCompletion(null, new InvalidTimestampException("out of range"));
        return new CompletableFuture<>();
      }
      pending.add(record);
      return super.send(record, callback);
    }

    @Override
    public void commitTransaction() {
      boolean fails = fails();
      if (!fails || choice(2) == 0) {
        super.commitTransaction();
        synchronized (UnreliableKafka.this) {
          committed.addAll(pending);
        }
      }
      if (fails) {
        throw new TimeoutException("committed or not, who knows");
      }
    }

    @Override
    public void abortTransaction() {
      failSometimes();
      super.abortTransaction();
    }

    private void failSometimes() {
      if (fails()) {
        throw new KafkaException("fenced, or away");
      }
    }
  }
}
