package dev.taximeter.streams.intake;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.json.Json;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Who pays for a key: the catalogue as every task of intake sees it. */
public final class CatalogueKeys {
  /** Name of the global store: fingerprint to account and key name. */
  static final String STORE = "catalogue-keys";

  private static final Logger LOG = LoggerFactory.getLogger(CatalogueKeys.class);
  private static final String VERSION = "version";
  private static final String KEY_PREFIX = "key/";

  /** Account ids hold no tab. */
  private static final char SEPARATOR = '\t';

  private static final String REPLACED = "replaced";
  private static final int DECIMAL = 10;

  private final KeyValueStore<String, String> store;

  /**
   * @param store may be read-only
   */
  CatalogueKeys(KeyValueStore<String, String> store) {
    this.store = store;
  }

  /** The global store: in memory, read again from the catalogue's topic at every start. */
  public static StoreBuilder<KeyValueStore<String, String>> store() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.String())
        .withLoggingDisabled();
  }

  /**
   * The payer of a key, and what usage is shown under.
   *
   * @param expiresAt milliseconds of the epoch; the largest number if it never does
   * @param replaced whether another key has taken over its name
   */
  record Owner(String account, String keyName, long expiresAt, boolean replaced) {}

  @Nullable Owner ownerOf(String fingerprint) {
    String owner = store.get(KEY_PREFIX + fingerprint);
    if (owner == null) {
      return null;
    }
    int accountEnd = owner.indexOf(SEPARATOR);
    int expiryEnd = owner.indexOf(SEPARATOR, accountEnd + 1);
    int replacedEnd = owner.indexOf(SEPARATOR, expiryEnd + 1);
    return new Owner(
        owner.substring(0, accountEnd),
        owner.substring(replacedEnd + 1),
        Long.parseLong(owner, accountEnd + 1, expiryEnd, DECIMAL),
        replacedEnd > expiryEnd + 1);
  }

  /**
   * @return latest catalogue version of which all keys are here; 0 before the first
   */
  long version() {
    String version = store.get(VERSION);
    return version == null ? 0 : Long.parseLong(version);
  }

  void learn(CatalogRecord change) {
    if (change.resource() instanceof CatalogRecord.Resource.OfKey ofKey) {
      ApiKey key = ofKey.key();
      long expiry = key.expiresAt() == null ? Long.MAX_VALUE : key.expiresAt().toEpochMilli();
      String replaced = key.replacedBy() == null ? "" : REPLACED;
      store.put(
          KEY_PREFIX + key.fingerprint(),
          key.account() + SEPARATOR + expiry + SEPARATOR + replaced + SEPARATOR + key.name());
    }
    if (change.last()) {
      store.put(VERSION, Long.toString(change.version()));
    }
  }

  /** Keeps the global store up to date with the catalogue's topic. */
  public static final class Updater implements Processor<byte[], byte[], Void, Void> {
    private @Nullable CatalogueKeys keys;

    @Override
    public void init(ProcessorContext<Void, Void> context) {
      keys = new CatalogueKeys(context.getStateStore(STORE));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (keys == null || record.value() == null) {
        return;
      }
      try {
        keys.learn(Json.MAPPER.readValue(record.value(), CatalogRecord.class));
      } catch (JacksonException e) {
        // Its key stays unknown: the usage is metered as unattributed, not lost. The exception's
        // message would quote the record.
        LOG.error("A record of the catalogue cannot be read; it is left out");
      }
    }
  }
}
