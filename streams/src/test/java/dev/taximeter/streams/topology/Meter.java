package dev.taximeter.streams.topology;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.intake.LineParser;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The production topology with the production configuration, driven by hand. */
final class Meter implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  static final RootSecret SECRET = RootSecret.of(new byte[32]);
  static final String HOST = "gateway-1";
  static final String PATH = "/var/log/access.log";
  static final String SHIPMENT = "shipment-1";

  final MeteringSettings settings;
  final TopologyTestDriver driver;
  private final AccountAssembly assembly = new AccountAssembly();
  private final TestInputTopic<byte[], byte[]> raw;
  private final TestInputTopic<String, Command> commands;
  private final TestInputTopic<String, AccountInput> accountInputs;

  Meter(Path stateDirectory) {
    this(stateDirectory, new PlainParser(), Duration.ofDays(400));
  }

  Meter(Path stateDirectory, LineParser parser, Duration horizon) {
    settings =
        new MeteringSettings(
            Map.of("bootstrap.servers", "nowhere:9092"),
            4,
            (short) 1,
            SECRET,
            stateDirectory,
            2,
            horizon,
            Duration.ofMinutes(1));
    driver =
        new TopologyTestDriver(
            MeteringTopology.build(settings, parser), StreamsSettings.of(settings), NOW);
    raw =
        driver.createInputTopic(
            Topics.ACCESS_LOG.topicName(), new ByteArraySerializer(), new ByteArraySerializer());
    commands =
        driver.createInputTopic(
            Topics.COMMANDS.topicName(), new StringSerializer(), Json.serializer());
    accountInputs =
        driver.createInputTopic(
            Topics.ACCOUNT_INPUTS.topicName(), new StringSerializer(), Json.serializer());
  }

  void ship(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    shipRecord(RawLine.checksum(bytes), new RawLine(HOST, PATH, 0, bytes).toBytes());
  }

  void shipRecord(byte[] key, byte[] value, String... flags) {
    RecordHeaders headers = new RecordHeaders();
    for (String flag : flags) {
      headers.add(flag, new byte[] {'1'});
    }
    headers.add(RawLine.SHIPMENT_HEADER, SHIPMENT.getBytes(StandardCharsets.UTF_8));
    raw.pipeInput(new TestRecord<>(key, value, headers, NOW.toEpochMilli()));
  }

  void command(String id, Catalog upsert) {
    commands.pipeInput(id, new Command(id, "test", "", NOW, upsert, List.of()), NOW.toEpochMilli());
  }

  void accountInput(String account, AccountInput input) {
    accountInputs.pipeInput(account, input, NOW.toEpochMilli());
  }

  /** Lets every emission that is due happen. */
  void settle() {
    driver.advanceWallClockTime(Duration.ofSeconds(1));
  }

  <V> List<V> read(Topics topic, Class<V> type) {
    return output(topic, type).readValuesToList();
  }

  <V> TestOutputTopic<String, V> output(Topics topic, Class<V> type) {
    return driver.createOutputTopic(
        topic.topicName(), new StringDeserializer(), Json.deserializer(type));
  }

  List<TestRecord<byte[], byte[]>> readRaw(Topics topic) {
    return driver
        .createOutputTopic(
            topic.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  List<UsageEvent> events() {
    return read(Topics.USAGE_EVENTS, UsageEvent.class);
  }

  Map<String, AccountState> latestStates() {
    Map<String, AccountState> states = new HashMap<>();
    for (AccountRecord record : read(Topics.ACCOUNT_STATES, AccountRecord.class)) {
      AccountState state = assembly.accept(record);
      if (state != null) {
        states.put(state.account(), state);
      }
    }
    return states;
  }

  CommandResult result() {
    List<CommandResult> results = read(Topics.COMMAND_RESULTS, CommandResult.class);
    return results.get(results.size() - 1);
  }

  @Override
  public void close() {
    driver.close();
  }

  static ApiKey key(String account, String name, String rawKey) {
    return new ApiKey(
        account,
        name,
        new Fingerprinter(SECRET).fingerprint(rawKey),
        Fingerprinter.lastFour(rawKey));
  }

  static PriceSchedule flat(String perMillion) {
    return new PriceSchedule.Flat(new BigDecimal(perMillion));
  }

  /** A catalogue with one account on flat prices and one on tiers with a charge per request. */
  static Catalog catalogue() {
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    PriceSchedule tiers =
        new PriceSchedule.Graduated(
            List.of(
                new PriceSchedule.Tier(1_000L, new BigDecimal("1.00")),
                new PriceSchedule.Tier(null, new BigDecimal("0.50"))));
    return new Catalog(
        List.of(
            new Account("acme", "Acme", "USD", ZoneId.of("Europe/Berlin"), "pay"),
            new Account("globex", "Globex", "USD", ZoneId.of("UTC"), "scale")),
        List.of(
            key("acme", "acme-prod", "sk-demo-00001"),
            key("acme", "acme-dev", "sk-demo-00002"),
            key("globex", "globex-main", "sk-demo-00003")),
        List.of(
            new PriceBook(
                "list",
                "USD",
                List.of(
                    new PriceEntry(
                        "list",
                        "qwen-*",
                        from,
                        0,
                        Map.of(
                            TokenClass.INPUT,
                            flat("0.40"),
                            TokenClass.CACHED_INPUT,
                            flat("0.10"),
                            TokenClass.OUTPUT,
                            flat("1.20"))))),
            new PriceBook(
                "tiered",
                "USD",
                List.of(
                    new PriceEntry(
                        "tiered",
                        "*",
                        from,
                        0,
                        Map.of(TokenClass.INPUT, tiers, TokenClass.OUTPUT, tiers))))),
        List.of(
            new Plan("pay", "list", BigDecimal.ZERO, 0),
            new Plan("scale", "tiered", new BigDecimal("0.0001"), 0)),
        List.of(),
        List.of(
            new Credit(
                "acme-welcome",
                "acme",
                new BigDecimal("50.00"),
                Instant.parse("2027-01-01T00:00:00Z"))));
  }
}
