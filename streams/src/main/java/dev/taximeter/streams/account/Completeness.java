package dev.taximeter.streams.account;

import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * How complete usage is, as every task of accounts sees it. Sources of other shippers promise
 * nothing and are not waited for; neither are those that were retired or have finished. One of our
 * own that has not told yet how far it is, such as a backfill that runs, is waited for.
 */
public final class Completeness {
  /** Name of the global store: source to watermark in Unix milliseconds. */
  static final String STORE = "source-watermarks";

  private static final Logger LOG = LoggerFactory.getLogger(Completeness.class);

  /** Of a source that has not told yet. */
  private static final long NOTHING_YET = Long.MIN_VALUE;

  private final @Nullable KeyValueStore<String, Long> watermarks;

  /**
   * @param watermarks may be read-only; null if nobody tells
   */
  Completeness(@Nullable KeyValueStore<String, Long> watermarks) {
    this.watermarks = watermarks;
  }

  /** The global store: in memory, read again from the topic of sources at every start. */
  public static StoreBuilder<KeyValueStore<String, Long>> store() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.Long())
        .withLoggingDisabled();
  }

  /**
   * @return whether all usage that completed before has been through intake, as far as anybody says
   */
  boolean reaches(Instant instant) {
    if (watermarks == null) {
      return true;
    }
    try (KeyValueIterator<String, Long> entries = watermarks.all()) {
      while (entries.hasNext()) {
        if (entries.next().value < instant.toEpochMilli()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Keeps the global store up to date with the topic of sources. */
  public static final class Updater implements Processor<byte[], byte[], Void, Void> {
    private @Nullable KeyValueStore<String, Long> watermarks;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      watermarks = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (watermarks == null || record.key() == null) {
        return;
      }
      String source = new String(record.key(), StandardCharsets.UTF_8);
      Long watermark = record.value() == null ? null : watermark(record.value());
      if (watermark == null) {
        watermarks.delete(source);
      } else {
        watermarks.put(source, watermark);
      }
    }

    private static @Nullable Long watermark(byte[] value) {
      try {
        SourceState state = Json.MAPPER.readValue(value, SourceState.class);
        boolean over =
            state.status() == SourceState.Status.RETIRED
                || state.status() == SourceState.Status.FINISHED;
        Instant watermark = state.watermark();
        if (over || (watermark == null && state.kind() == SourceState.Kind.FOREIGN)) {
          return null;
        }
        return watermark == null ? NOTHING_YET : watermark.toEpochMilli();
      } catch (JacksonException e) {
        LOG.error("The state of a source cannot be read; completeness is not known");
        return NOTHING_YET;
      }
    }
  }
}
