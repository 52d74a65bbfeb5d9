package dev.taximeter.streams.landing;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.topology.BoundedRocksDb;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Microseconds per line of what metering does with each: rate, pack, unpack, make a row, know. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class StageBenchmark {
  /** Lines of one account between two commits of a busy system. */
  static final int LINES = 100;

  private static final Instant COMPLETION = Instant.parse("2026-11-03T08:14:07.419Z");
  private static final int ID_BYTES = 16;
  private static final int ENTRY_BYTES = 9;

  private final List<Usage> usages = new ArrayList<>();
  private final List<UsageEvent> events = new ArrayList<>();
  private final List<byte[]> json = new ArrayList<>();
  private final Random random = new Random(1);
  private final Rater rater = new Rater(terms());
  private byte[] packed = {};
  private Path directory = Path.of("");
  private KeyValueStore<Bytes, byte[]> arrivals = openNothing();

  @Setup(Level.Trial)
  public void prepare() throws IOException {
    for (int i = 0; i < LINES; i++) {
      Usage usage = usage(i);
      usages.add(usage);
      Rating rating = rater.rate(usage, line -> 0);
      events.add(
          new UsageEvent(
              "acme",
              i + 1,
              usage,
              "USD",
              rating.cost(),
              rating.unpriced(),
              rating.charges(),
              rating.providerCost(),
              COMPLETION.plusSeconds(2)));
    }
    packed = PackedEvents.encode(events);
    events.forEach(event -> json.add(Json.MAPPER.writeValueAsBytes(event)));
    directory = Files.createTempDirectory("stage-benchmark");
    arrivals = open();
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    arrivals.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public void rate(Blackhole results) {
    for (Usage usage : usages) {
      results.consume(rater.rate(usage, line -> 0));
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public byte[] packEvents() {
    return PackedEvents.encode(events);
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public List<UsageEvent> unpackEvents() {
    return PackedEvents.decode(packed);
  }

  /** For comparison: an event as a JSON record of its own. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void writeJson(Blackhole results) {
    for (UsageEvent event : events) {
      results.consume(Json.MAPPER.writeValueAsBytes(event));
    }
  }

  /** For comparison: that record read again. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void readJson(Blackhole results) {
    for (byte[] record : json) {
      results.consume(Json.MAPPER.readValue(record, UsageEvent.class));
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public void makeRows(Blackhole results) {
    for (UsageEvent event : events) {
      results.consume(Tables.USAGE_EVENTS.row(0, event.sequence(), event));
    }
  }

  /** An identity that was not seen before, looked up and written, without its changelog. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void knowArrivals(Blackhole results) {
    for (int i = 0; i < LINES; i++) {
      byte[] id = new byte[ID_BYTES];
      random.nextBytes(id);
      Bytes key = Bytes.wrap(id);
      results.consume(arrivals.get(key));
      arrivals.put(key, ByteBuffer.allocate(ENTRY_BYTES).putLong(i).put((byte) 2).array());
    }
  }

  private KeyValueStore<Bytes, byte[]> open() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "benchmark");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    MockProcessorContext<Void, Void> context =
        new MockProcessorContext<>(properties, new TaskId(0, 0), directory.toFile());
    KeyValueStore<Bytes, byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("arrivals"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    return store;
  }

  private static KeyValueStore<Bytes, byte[]> openNothing() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore("none"), Serdes.Bytes(), Serdes.ByteArray())
        .build();
  }

  private static Usage usage(int number) {
    return new Usage(
        "%032x".formatted(number * 1_000_003L),
        Fate.BILLED,
        "acme-prod-" + number % 4,
        ("a" + number % 4).repeat(32),
        "x9" + number % 4 + "z",
        "qwen-" + number % 5,
        new TokenCounts(1_021 + number, 300, 0, 690 + number, 55),
        COMPLETION.plusMillis(number),
        COMPLETION.minusMillis(1_961 - number),
        COMPLETION.plusSeconds(1),
        new LineSource("gateway-1", "/var/log/higress/access.log"),
        4_096L * number,
        "run-1",
        List.of(),
        "f2f8e6f0-7a2b-4c8e-9d53-%012d".formatted(number));
  }

  private static AccountTerms terms() {
    PriceEntry entry =
        new PriceEntry(
            "list",
            "qwen-*",
            Instant.parse("2026-01-01T00:00:00Z"),
            3,
            Map.of(
                TokenClass.INPUT, flat("0.4"),
                TokenClass.CACHED_INPUT, flat("0.16"),
                TokenClass.OUTPUT, flat("1.2")));
    return new AccountTerms(
        new Account("acme", "Acme", "USD", ZoneId.of("Europe/Berlin"), "plan"),
        7,
        new Plan("plan", "list", new BigDecimal("0.0001"), 5),
        List.of(entry),
        List.of(),
        List.of());
  }

  private static PriceSchedule flat(String perMillion) {
    return new PriceSchedule.Flat(new BigDecimal(perMillion));
  }
}
