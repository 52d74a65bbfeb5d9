package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UnattributedKey.Amount;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.ParserSettings;
import dev.taximeter.streams.account.Accounts;
import dev.taximeter.streams.intake.LineParser;
import dev.taximeter.streams.replay.LetterIndex;
import dev.taximeter.streams.replay.Letters;
import dev.taximeter.streams.replay.Replayer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A flood has filled the desk, a line comes that it has no room for, and the rule by which that
 * line was counted turns out to be wrong: from the log to the bill and back, nothing is left over.
 */
class OverflowReplayTest {
  /** What the desk has room for: far more in production. */
  private static final int FLOOD = 5;

  /** As Anthropic itself reports it: cached tokens are not part of the input. */
  private static final TokenCounts CORRECTED = new TokenCounts(100, 60, 0, 9, 0);

  /** The same by the rule for OpenAI, in which they are. */
  private static final TokenCounts RECEIVED = new TokenCounts(40, 60, 0, 9, 0);

  private static final String OVERFLOW = "unattributed:overflow-0";

  @TempDir private Path stateDirectory;
  private final AtomicReference<AccessLogParser> parser = new AtomicReference<>();
  private final List<LineReplay> steps = new ArrayList<>();
  private final Map<String, LineCount> counts = new HashMap<>();
  private Meter meter;
  private int decisions;

  @BeforeEach
  void start() {
    speak("openai");
    PlainParser plain = new PlainParser();
    LineParser either =
        (line, source, arrival, doubtful) ->
            line[0] == '{'
                ? parser.get().parse(line, arrival, doubtful)
                : plain.parse(line, source, arrival, doubtful);
    Accounts small = new Accounts(Duration.ofMinutes(1), Meter.BILLING, 10, FLOOD);
    meter = new Meter(stateDirectory, either, Meter.AGE, small);
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  /** What the gateway file says of the upstream. */
  private void speak(String dialect) {
    parser.set(
        new AccessLogParser(
            ParserSettings.defaults().withDialects(List.of(new DialectRule("*", dialect)))));
  }

  private void flood() {
    for (int i = 0; i < FLOOD; i++) {
      meter.ship(
          "suspect "
              + PlainParser.line(
                  "sk-of-a-flood-1", "m", new TokenCounts(1, 0, 0, 0, 0), NOW.minusSeconds(5), i));
    }
    meter.settle();
  }

  /** Its client has forged a key, so that nobody knows who pays. */
  private static String heldLine() {
    String usage =
        "{\\\"input_token\\\":100,\\\"input_token_details\\\":{\\\"cached_tokens\\\":60},"
            + "\\\"model\\\":\\\"qwen-max\\\",\\\"output_token\\\":9}";
    return ("{\"ai_log\":\"%s\",\"authority\":\"a\",\"bytes_received\":\"1\",\"bytes_sent\":\"2\","
            + "\"downstream_local_address\":\"l\",\"downstream_remote_address\":\"r\",\"duration\":\"1000\","
            + "\"istio_policy_status\":\"-\",\"method\":\"POST\",\"path\":\"/v1/messages\","
            + "\"protocol\":\"HTTP/1.1\",\"request_id\":\"held\",\"requested_server_name\":\"-\","
            + "\"response_code\":\"200\",\"response_flags\":\"-\",\"route_name\":\"ai-route-a\","
            + "\"start_time\":\"2026-11-20T09:59:00.000Z\",\"trace_id\":\"-\","
            + "\"upstream_cluster\":\"outbound|443||llm-a.internal.dns\",\"upstream_host\":\"1.2.3.4:443\","
            + "\"upstream_local_address\":\"l\",\"upstream_service_time\":\"1\","
            + "\"upstream_transport_failure_reason\":\"-\","
            + "\"user_agent\":\"x\",\"user_api_key\":\"sk-of-somebody-else\",\"x_forwarded_for\":\"-\","
            + "\"response_code_details\":\"via_upstream\",\"user_api_key\":\"sk-demo-00001\","
            + "\"client_version\":\"-\"}")
        .formatted(usage);
  }

  @Test
  void whatTheDeskHadNoRoomForIsReplayedByTheRightRuleAndNothingIsLeftOver() {
    flood();
    assertThat(meter.events()).isEmpty();
    meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS);
    meter.ship(heldLine());
    String id = meter.identityOf(heldLine());
    assertThat(meter.events())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.account()).isEqualTo(OVERFLOW);
              assertThat(event.usage().tokens()).isEqualTo(RECEIVED);
            });
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, (long) FLOOD, Fate.UNATTRIBUTED, 1L));
    List<TestRecord<byte[], byte[]>> letters = meter.readRaw(Topics.ACCESS_LOG_DEAD_LETTERS);
    byte[] letter = letters.get(letters.size() - 1).value();
    assertThat(Json.MAPPER.readValue(letter, DeadLetter.class).counted()).isEqualTo(RECEIVED);

    speak("anthropic");
    String first = meter.identityOf(firstOfTheFlood());
    assertThat(resolve(first, null)).isTrue();
    replay(id, letter);

    assertThat(steps)
        .extracting(LineReplay::outcome)
        .containsExactly(LineReplay.Outcome.SENT, LineReplay.Outcome.RESOLVED);
    assertThat(steps.get(1).problem()).contains("40 input", "100 input");
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, FLOOD + 1L));
    UnattributedKey together = overflow();
    assertThat(together.received()).isEqualTo(new Amount(1, RECEIVED));
    assertThat(together.claimed()).as("what was received leaves").isEqualTo(together.received());
    assertThat(together.lapsed()).isEqualTo(Amount.NONE);

    assertThat(resolve(id, "acme")).isTrue();
    assertThat(meter.events())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.account()).isEqualTo("acme");
              assertThat(event.usage().tokens()).isEqualTo(CORRECTED);
            });
    assertThat(resolve(id, "acme")).as("once").isFalse();
    replay(id, letter);
    assertThat(steps.get(steps.size() - 1).outcome()).isEqualTo(LineReplay.Outcome.REFUSED);
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, (long) FLOOD, Fate.BILLED, 1L));
    assertThat(meter.events().stream().map(UsageEvent::account)).isEmpty();
  }

  private static String firstOfTheFlood() {
    return "suspect "
        + PlainParser.line(
            "sk-of-a-flood-1", "m", new TokenCounts(1, 0, 0, 0, 0), NOW.minusSeconds(5), 0);
  }

  /** Assigns a line to an account's key, or writes it off. */
  private boolean resolve(String line, @Nullable String account) {
    String key = account == null ? null : account + "-prod";
    meter.order(
        "decision-" + ++decisions, "checked", Catalog.EMPTY, new Order.Resolve(line, account, key));
    boolean accepted = meter.result().accepted();
    meter.settle();
    return accepted;
  }

  private UnattributedKey overflow() {
    meter.settle();
    return meter
        .output(Topics.UNATTRIBUTED_KEYS, UnattributedKey.class)
        .readKeyValuesToMap()
        .get("overflow-0");
  }

  private Map<Fate, Long> fates() {
    meter.settle();
    for (LineCount count : meter.read(Topics.LINE_ACCOUNTING, LineCount.class)) {
      counts.put(count.recordKey(), count);
    }
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    counts
        .values()
        .forEach(count -> count.fates().forEach((fate, n) -> fates.merge(fate, n, Long::sum)));
    fates.values().removeIf(lines -> lines == 0);
    return fates;
  }

  /** Sends a dead letter again as the process that carries out orders does. */
  private void replay(String id, byte[] letter) {
    Replayer replayer = new Replayer(new Index(), new Store(letter), Meter.SECRET, meter::now);
    meter.order("replay-" + steps.size(), "", Catalog.EMPTY, new Order.Replay(List.of(id)));
    for (ProducerRecord<byte[], byte[]> record : meter.carryOut(replayer)) {
      if (record.topic().equals(Topics.ACCESS_LOG.topicName())) {
        meter.pipe(
            new TestRecord<>(record.key(), record.value(), record.headers(), record.timestamp()));
      } else if (record.topic().equals(Topics.LINE_REPLAYS.topicName())) {
        steps.add(Json.MAPPER.readValue(record.value(), LineReplay.class));
      }
    }
    meter.settle();
    steps.addAll(meter.read(Topics.LINE_REPLAYS, LineReplay.class));
  }

  private static final class Index implements LetterIndex {
    @Override
    public Map<String, Place> find(Collection<String> ids) {
      Map<String, Place> places = new HashMap<>();
      ids.forEach(id -> places.put(id, new Place(0, 0)));
      return places;
    }

    @Override
    public void close() {}
  }

  /** Holds one letter. */
  private record Store(byte[] letter) implements Letters {
    @Override
    public Optional<byte[]> read(LetterIndex.Place place) {
      return Optional.of(letter);
    }

    @Override
    public void close() {}
  }
}
