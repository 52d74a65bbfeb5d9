package dev.taximeter.contract.json;

import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one JSON form of all records: decimals as plain strings with every digit, instants as RFC
 * 3339 in UTC, unknown fields ignored so that newer writers do not break older readers.
 */
public final class Json {
  /** Immutable and thread-safe. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .addModule(DecimalStrings.module())
          .build();

  private Json() {}

  /**
   * @return a serde whose deserializer fails with a plain message if the bytes are no such record
   */
  public static <T> Serde<T> serde(Class<T> type) {
    return Serdes.serdeFrom(serializer(), deserializer(type));
  }

  public static <T> Serializer<T> serializer() {
    return (topic, value) -> value == null ? null : MAPPER.writeValueAsBytes(value);
  }

  public static <T> Deserializer<T> deserializer(Class<T> type) {
    var reader = MAPPER.readerFor(type);
    return (topic, bytes) -> {
      if (bytes == null) {
        return null;
      }
      try {
        return reader.readValue(bytes);
      } catch (JacksonException e) {
        // The message of the cause would quote the record.
        throw new org.apache.kafka.common.errors.SerializationException(
            "a record of " + topic + " is no " + type.getSimpleName());
      }
    };
  }
}
