package dev.taximeter.api.kafka;

import dev.taximeter.contract.json.Json;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;

/** Reads the values of one type. */
final class Records<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  private final Class<T> type;
  private final ObjectReader reader;

  Records(Class<T> type) {
    this.type = type;
    this.reader = Json.MAPPER.readerFor(type);
  }

  /**
   * Reads a record's value.
   *
   * @return null if the record deletes its key, or is none of the type: one bad record must not
   *     hide all others
   */
  @Nullable T read(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    try {
      return reader.readValue(record.value());
    } catch (JacksonException e) {
      LOG.error(
          "{}-{}@{} is no {}; it is passed over",
          record.topic(),
          record.partition(),
          record.offset(),
          type.getSimpleName());
      return null;
    }
  }
}
