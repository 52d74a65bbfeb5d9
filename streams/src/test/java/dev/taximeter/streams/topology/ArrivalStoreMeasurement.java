package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a million identities cost, on real RocksDB with the production options. Run by hand with
 * {@code -Dtaximeter.measure=true}; the figures are in RATIONALE.md.
 */
@EnabledIfSystemProperty(named = "taximeter.measure", matches = "true")
class ArrivalStoreMeasurement {
  private static final int MILLIONS = 5;
  private static final int BATCH = 1_000;
  private static final int MILLION = 1_000_000;

  @TempDir private Path directory;

  private KeyValueStore<Bytes, byte[]> open(String name) throws IOException {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "measurement");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    Path state = Files.createDirectories(directory.resolve(name));
    MockProcessorContext<Void, Void> context =
        new MockProcessorContext<>(properties, new TaskId(0, 0), state.toFile());
    KeyValueStore<Bytes, byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    return store;
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[16];
    random.nextBytes(key);
    return key;
  }

  private static byte[] value(long number) {
    return ByteBuffer.allocate(9).putLong(1_764_000_000_000L + number / 100).put((byte) 2).array();
  }

  @Test
  void measure() throws IOException {
    Random random = new Random(1);
    KeyValueStore<Bytes, byte[]> store = open("written");
    long begun = System.nanoTime();
    for (int number = 0; number < MILLIONS * MILLION; number++) {
      Bytes id = Bytes.wrap(key(random));
      if (store.get(id) == null) {
        store.put(id, value(number));
      }
    }
    report("look-up and write", begun);
    store.flush();
    long disk = size(directory.resolve("written"));
    System.out.printf(Locale.ROOT, "disk: %.1f MB per million%n", disk / 1e6 / MILLIONS);
    store.close();
    changelog();
    restore();
    assertThat(disk).isPositive();
  }

  private static void changelog() {
    Random random = new Random(1);
    SimpleRecord[] records = new SimpleRecord[BATCH];
    for (int i = 0; i < BATCH; i++) {
      records[i] = new SimpleRecord(1_764_000_000_000L + i, key(random), value(i));
    }
    int bytes = MemoryRecords.withRecords(Compression.lz4().build(), records).sizeInBytes();
    System.out.printf(
        Locale.ROOT, "changelog: %.1f MB per million%n", bytes / 1e6 * MILLION / BATCH);
  }

  /** What follows a crash, without the time to fetch the changelog. */
  private void restore() throws IOException {
    Random random = new Random(1);
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < MILLION; i++) {
      keys.add(key(random));
    }
    KeyValueStore<Bytes, byte[]> store = open("restored");
    long begun = System.nanoTime();
    for (byte[] key : keys) {
      store.put(Bytes.wrap(key), value(0));
    }
    System.out.printf(
        Locale.ROOT, "restore: %.1f s per million%n", (System.nanoTime() - begun) / 1e9);
    store.close();
  }

  private static void report(String what, long begun) {
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f s per million%n",
        what,
        (System.nanoTime() - begun) / 1e9 / MILLIONS);
  }

  private static long size(Path of) throws IOException {
    try (Stream<Path> files = Files.walk(of)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
