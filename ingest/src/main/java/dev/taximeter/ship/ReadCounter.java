package dev.taximeter.ship;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Counts the lines that a shipment has read, by source and hour of arrival: the one side of the
 * conservation equation. Counts follow their transaction: committed or rolled back together.
 */
final class ReadCounter {
  private static final String WRITER = "shipper";
  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  /**
   * Lines can be counted for an hour again when the clock is set back or a file is slow. A count
   * that was forgotten would start again below what its readers have, so what the clock says must
   * not decide.
   */
  private static final long KEPT_NANOS = Duration.ofHours(24).toNanos();

  private record Key(LineSource source, long hourMillis) {}

  private static final class Count {
    long committed;
    long current;
    long changedNanos;
  }

  private final String shipment;
  private final LongSupplier nanoTime;
  private final Map<Key, Count> counts = new LinkedHashMap<>();

  ReadCounter(String shipment, LongSupplier nanoTime) {
    this.shipment = shipment;
    this.nanoTime = nanoTime;
  }

  void add(LineSource source, long arrivalMillis, long lines) {
    long hour = Math.floorDiv(arrivalMillis, HOUR_MILLIS) * HOUR_MILLIS;
    Count count = counts.computeIfAbsent(new Key(source, hour), k -> new Count());
    count.current += lines;
    count.changedNanos = nanoTime.getAsLong();
  }

  /**
   * @return records with the counts that changed since the last commit
   */
  List<ProducerRecord<byte[], byte[]>> records() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    counts.forEach(
        (key, count) -> {
          if (count.current != count.committed) {
            LineCount lineCount =
                new LineCount(
                    WRITER,
                    shipment,
                    key.source,
                    Instant.ofEpochMilli(key.hourMillis),
                    count.current,
                    0,
                    Map.of());
            records.add(
                new ProducerRecord<>(
                    Topics.LINE_ACCOUNTING.topicName(),
                    lineCount.recordKey().getBytes(StandardCharsets.UTF_8),
                    Json.MAPPER.writeValueAsBytes(lineCount)));
          }
        });
    return records;
  }

  void committed() {
    long now = nanoTime.getAsLong();
    counts.values().forEach(count -> count.committed = count.current);
    counts.values().removeIf(count -> now - count.changedNanos > KEPT_NANOS);
  }

  void rolledBack() {
    counts.values().forEach(count -> count.current = count.committed);
  }
}
