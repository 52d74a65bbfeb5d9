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
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.packed.PackedWindows;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.LineIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.account.Accounts;
import dev.taximeter.streams.account.BillingSettings;
import dev.taximeter.streams.intake.LineParser;
import dev.taximeter.streams.late.InMemoryIdentities;
import dev.taximeter.streams.late.LateLane;
import dev.taximeter.streams.replay.Replayer;
import dev.taximeter.streams.topology.parts.AccountInputs;
import dev.taximeter.streams.worker.NotYetException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
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
  static final Duration HORIZON = Duration.ofHours(24);
  static final Duration RETENTION = Duration.ofDays(400);

  static final BillingSettings BILLING = new BillingSettings(Duration.ofDays(3));

  /** How long ago the installation began. */
  static final Duration AGE = Duration.ofDays(10);

  final MeteringSettings settings;
  final TopologyTestDriver driver;

  /** The history that late lines are looked up in. */
  final InMemoryIdentities history;

  private final LateLane lane;
  private final Map<Topics, List<TestRecord<byte[], byte[]>>> unread = new EnumMap<>(Topics.class);
  private final TestInputTopic<byte[], byte[]> decided;
  private final List<ConsumerRecord<byte[], byte[]>> held = new ArrayList<>();
  private Instant now = NOW;
  private long lateLines;
  private final List<ProducerRecord<byte[], byte[]>> heldVerdicts = new ArrayList<>();
  private boolean laneRuns = true;
  private boolean verdictsHeld;
  private final AccountAssembly assembly = new AccountAssembly();
  private final TestInputTopic<byte[], byte[]> raw;
  private final TestInputTopic<String, Command> commands;
  private final TestInputTopic<String, AccountInput> accountInputs;

  Meter(Path stateDirectory) {
    this(stateDirectory, new PlainParser());
  }

  Meter(Path stateDirectory, LineParser parser) {
    this(stateDirectory, parser, AGE);
  }

  /**
   * @param age how long ago the installation began
   */
  Meter(Path stateDirectory, LineParser parser, Duration age) {
    this(stateDirectory, parser, age, new Accounts(Duration.ofMinutes(1), BILLING));
  }

  /**
   * @param accounts with room for less than in production
   */
  Meter(Path stateDirectory, LineParser parser, Duration age, Accounts accounts) {
    history = new InMemoryIdentities(NOW.minus(age));
    lane = new LateLane(history, history::ends, HORIZON, RETENTION, () -> now);
    settings =
        new MeteringSettings(
            Map.of("bootstrap.servers", "nowhere:9092"),
            // All that the driver knows is partition 0.
            1,
            (short) 1,
            SECRET,
            stateDirectory,
            2,
            HORIZON,
            RETENTION,
            accounts.windowRetention(),
            accounts.billing().grace());
    driver =
        new TopologyTestDriver(
            MeteringTopology.build(settings, parser, false, accounts),
            StreamsSettings.of(settings),
            NOW);
    raw =
        driver.createInputTopic(
            Topics.ACCESS_LOG.topicName(), new ByteArraySerializer(), new ByteArraySerializer());
    decided =
        driver.createInputTopic(
            Topics.LATE_LINES_DECIDED.topicName(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
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
    shipRecord(key, value, now, flags);
  }

  void shipRecord(byte[] key, byte[] value, Instant timestamp, String... flags) {
    RecordHeaders headers = new RecordHeaders();
    for (String flag : flags) {
      headers.add(flag, new byte[] {'1'});
    }
    headers.add(RawLine.SHIPMENT_HEADER, SHIPMENT.getBytes(StandardCharsets.UTF_8));
    pipe(new TestRecord<>(key, value, headers, timestamp.toEpochMilli()));
  }

  /** A raw record as it is. */
  void pipe(TestRecord<byte[], byte[]> record) {
    raw.pipeInput(record);
    runLane();
  }

  /** Lets late lines wait, or lets those that have waited go on. */
  void setLane(boolean runs) {
    laneRuns = runs;
    runLane();
  }

  /** Gives verdicts to what waits. Lines for which it is too early are held as in production. */
  void runLane() {
    pull();
    List<TestRecord<byte[], byte[]>> waiting =
        unread.computeIfAbsent(Topics.LATE_LINES, topic -> new ArrayList<>());
    while (laneRuns && !waiting.isEmpty()) {
      List<ProducerRecord<byte[], byte[]>> verdicts = new ArrayList<>();
      try {
        lane.process(held(waiting), verdicts::add);
      } catch (NotYetException e) {
        return;
      }
      waiting.clear();
      held.clear();
      heldVerdicts.addAll(verdicts);
      deliver();
    }
  }

  private void deliver() {
    List<ProducerRecord<byte[], byte[]>> verdicts = List.copyOf(heldVerdicts);
    if (!verdictsHeld) {
      heldVerdicts.clear();
      for (ProducerRecord<byte[], byte[]> verdict : verdicts) {
        decided.pipeInput(
            new TestRecord<>(
                verdict.key(), verdict.value(), verdict.headers(), verdict.timestamp()));
      }
    }
    pull();
  }

  /** Keeps verdicts on their way back to intake, or lets them arrive. */
  void setVerdictsHeld(boolean areHeld) {
    verdictsHeld = areHeld;
    deliver();
    runLane();
  }

  String identityOf(String line) {
    return HexFormat.of()
        .formatHex(new LineIdentity(SECRET).of(line.getBytes(StandardCharsets.UTF_8)));
  }

  private List<ConsumerRecord<byte[], byte[]>> held(List<TestRecord<byte[], byte[]>> waiting) {
    while (held.size() < waiting.size()) {
      TestRecord<byte[], byte[]> record = waiting.get(held.size());
      held.add(
          new ConsumerRecord<>(
              Topics.LATE_LINES.topicName(),
              0,
              lateLines++,
              record.timestamp(),
              TimestampType.CREATE_TIME,
              record.key().length,
              record.value().length,
              record.key(),
              record.value(),
              record.headers(),
              Optional.empty()));
    }
    return held;
  }

  /** How many late lines wait. */
  int lateLines() {
    pull();
    return unread.getOrDefault(Topics.LATE_LINES, List.of()).size();
  }

  /** Reads what the late lane depends on and keeps it for the test. */
  private void pull() {
    for (Topics topic : List.of(Topics.LATE_LINES, Topics.LINE_FATES, Topics.ACCOUNT_INPUTS)) {
      List<TestRecord<byte[], byte[]>> records =
          driver
              .createOutputTopic(
                  topic.topicName(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
              .readRecordsToList();
      unread.computeIfAbsent(topic, none -> new ArrayList<>()).addAll(records);
      records.forEach(record -> learn(topic, record.value()));
    }
  }

  private void learn(Topics topic, byte[] value) {
    if (topic == Topics.LINE_FATES) {
      LineFate fate = Json.MAPPER.readValue(value, LineFate.class);
      if (fate.fate() != Fate.DUPLICATE) {
        history.write(fate.id(), fate.fate() == Fate.QUARANTINED, fate.arrival());
      }
    } else if (topic == Topics.ACCOUNT_INPUTS
        && AccountInputs.decode(topic.topicName(), value)
            instanceof AccountInput.UsageInput input) {
      input.usages().forEach(usage -> history.write(usage.id(), false, usage.arrival()));
    }
  }

  Instant now() {
    return now;
  }

  /** Lets time pass, for the topology and for the late lane. */
  void pass(Duration duration) {
    now = now.plus(duration);
    driver.advanceWallClockTime(duration);
    runLane();
  }

  void command(String id, Catalog upsert) {
    commands.pipeInput(id, new Command(id, "test", "", NOW, upsert, List.of()), NOW.toEpochMilli());
  }

  void order(String id, String reason, Catalog upsert, Order order) {
    commands.pipeInput(
        id, new Command(id, "ann", reason, NOW, upsert, List.of(order)), NOW.toEpochMilli());
  }

  void accountInput(String account, AccountInput input) {
    accountInputs.pipeInput(account, input, NOW.toEpochMilli());
  }

  /** Lets every emission that is due happen. */
  /** As if a store had not been there yet when something was decided. */
  void forget(String store, String key) {
    driver.getKeyValueStore(store).delete(key);
  }

  void settle() {
    pass(Duration.ofSeconds(1));
  }

  <V> List<V> read(Topics topic, Class<V> type) {
    return readRaw(topic).stream()
        .map(record -> Json.MAPPER.readValue(record.value(), type))
        .toList();
  }

  <V> TestOutputTopic<String, V> output(Topics topic, Class<V> type) {
    return driver.createOutputTopic(
        topic.topicName(), new StringDeserializer(), Json.deserializer(type));
  }

  List<TestRecord<byte[], byte[]>> readRaw(Topics topic) {
    pull();
    List<TestRecord<byte[], byte[]>> pulled = unread.get(topic);
    if (pulled != null) {
      List<TestRecord<byte[], byte[]>> records = List.copyOf(pulled);
      pulled.clear();
      return records;
    }
    return readRaw(topic.topicName());
  }

  /** What the process that carries out orders of replays sends, of those that wait. */
  List<ProducerRecord<byte[], byte[]>> carryOut(Replayer replayer) {
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (TestRecord<byte[], byte[]> order : readRaw(Topics.REPLAY_ORDERS)) {
      try {
        replayer.process(
            List.of(
                new ConsumerRecord<>(
                    Topics.REPLAY_ORDERS.topicName(), 0, 0, order.key(), order.value())),
            sent::add);
      } catch (NotYetException e) {
        throw new AssertionError(e);
      }
    }
    return sent;
  }

  List<TestRecord<byte[], byte[]>> readRaw(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  List<UsageEvent> events() {
    return readRaw(Topics.USAGE_EVENTS).stream()
        .flatMap(sent -> PackedEvents.decode(sent.value()).stream())
        .toList();
  }

  List<UsageWindows> windows() {
    return readRaw(Topics.USAGE_WINDOWS).stream()
        .map(sent -> PackedWindows.decode(sent.value()))
        .toList();
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
