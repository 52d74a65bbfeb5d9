package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UnattributedKey.Amount;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.topic.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Usage of unknown keys, and what claims make of it. */
class ClaimsTest {
  private static final String RAW_KEY = "sk-unknown-00009";
  private static final ApiKey KEY = Meter.key("acme", "acme-new", RAW_KEY);
  private static final Instant COMPLETION = NOW.minusSeconds(5);

  @TempDir private Path stateDirectory;
  private Meter meter;
  private final Map<String, LineCount> latestCounts = new HashMap<>();

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private void ship(String rawKey, long input, Instant completion, int number) {
    meter.ship(
        PlainParser.line(
            rawKey, "qwen-max", new TokenCounts(input, 0, 0, 0, 0), completion, number));
  }

  private static Catalog registering(ApiKey key) {
    return new Catalog(List.of(), List.of(key), List.of(), List.of(), List.of(), List.of());
  }

  private void claim(String command, Instant from) {
    meter.order(
        command,
        "they called",
        registering(KEY),
        new Order.Claim(KEY.fingerprint(), "acme", KEY.name(), from));
  }

  private UnattributedKey latestKey() {
    return meter
        .output(Topics.UNATTRIBUTED_KEYS, UnattributedKey.class)
        .readKeyValuesToMap()
        .get(KEY.fingerprint());
  }

  /** Counters over all writers: fates, and under null what is settled. */
  private Map<Fate, Long> fates() {
    meter
        .read(Topics.LINE_ACCOUNTING, LineCount.class)
        .forEach(count -> latestCounts.put(count.recordKey(), count));
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    latestCounts
        .values()
        .forEach(
            count -> count.fates().forEach((fate, lines) -> fates.merge(fate, lines, Long::sum)));
    fates.values().removeIf(lines -> lines == 0);
    return fates;
  }

  private long settled() {
    return latestCounts.values().stream().mapToLong(LineCount::settled).sum();
  }

  @Test
  void whatAnUnknownKeyUsesIsHeldAndSummed() {
    ship(RAW_KEY, 10, COMPLETION.minusSeconds(60), 1);
    ship(RAW_KEY, 20, COMPLETION, 2);
    meter.settle();

    UnattributedKey key = latestKey();
    assertThat(key.holder()).isEqualTo("unattributed:" + KEY.fingerprint().substring(0, 16));
    assertThat(key.lastFour()).isEqualTo("0009");
    assertThat(key.firstSeen()).isEqualTo(COMPLETION.minusSeconds(60));
    assertThat(key.lastSeen()).isEqualTo(COMPLETION);
    Amount both = new Amount(2, new TokenCounts(30, 0, 0, 0, 0));
    assertThat(key.received()).isEqualTo(both);
    assertThat(key.held()).isEqualTo(both);
    assertThat(key.claimed()).isEqualTo(Amount.NONE);
    assertThat(key.lapsed()).isEqualTo(Amount.NONE);
    assertThat(key.models()).containsExactly(new UnattributedKey.ModelAmount("qwen-max", both));
    assertThat(key.claim()).isNull();
  }

  @Test
  void usageWithoutAnyKeyIsListedAndCannotBeClaimed() {
    ship("-", 10, COMPLETION, 1);
    meter.settle();
    UnattributedKey none =
        meter
            .output(Topics.UNATTRIBUTED_KEYS, UnattributedKey.class)
            .readKeyValuesToMap()
            .get("none");
    assertThat(none.received().requests()).isEqualTo(1);
    assertThat(none.held()).isEqualTo(Amount.NONE);

    meter.order("c", "", Catalog.EMPTY, new Order.Claim("none", "acme", "acme-new", null));
    assertThat(meter.result().problems())
        .containsExactly(
            "the fingerprint of a claim must be 64 hex digits; usage without any key cannot be"
                + " claimed");
  }

  /** Brokers delete what is stamped longer ago than the topic retains, whether it landed or not. */
  @Test
  void whatArrivedLongAgoIsStampedSoThatItCanLand() {
    ship(RAW_KEY, 100, COMPLETION, 1);
    meter.settle();
    meter.readRaw(Topics.USAGE_EVENTS);
    meter.pass(Duration.ofDays(10));
    claim("c", null);
    meter.settle();
    List<TestRecord<byte[], byte[]>> events = meter.readRaw(Topics.USAGE_EVENTS);
    assertThat(events).hasSize(1);
    assertThat(events.get(0).getRecordTime())
        .isBetween(meter.now().minus(Duration.ofDays(1)), meter.now());
    assertThat(PackedEvents.decode(events.get(0).value()).get(0).usage().arrival()).isEqualTo(NOW);
  }

  @Test
  void aClaimMovesWhatWasHeldAndWhatStillComes() {
    ship(RAW_KEY, 100, COMPLETION, 1);
    ship(RAW_KEY, 200, COMPLETION, 2);
    meter.settle();
    List<UsageEvent> before = meter.events();
    assertThat(fates()).isEqualTo(Map.of(Fate.UNATTRIBUTED, 2L));
    assertThat(settled()).isEqualTo(2);

    claim("claim", null);
    CommandResult answer = meter.result();
    assertThat(answer.accepted()).isTrue();
    assertThat(answer.id()).isEqualTo("claim");
    assertThat(answer.catalogVersion()).isEqualTo(2);
    assertThat(answer.changed())
        .containsExactly("key/" + KEY.fingerprint(), "claim/" + KEY.fingerprint());
    meter.settle();

    // One that was attributed with the catalogue from before.
    Usage late = usage("late", 400);
    meter.accountInput(
        "unattributed:" + KEY.fingerprint().substring(0, 16), new AccountInput.UsageInput(late));
    // And one that never gets there.
    ship(RAW_KEY, 800, COMPLETION, 3);
    meter.settle();

    List<UsageEvent> billed =
        meter.events().stream().filter(event -> event.account().equals("acme")).toList();
    assertThat(billed)
        .extracting(
            event -> event.usage().id(),
            event -> event.usage().tokens().input(),
            event -> event.usage().flags(),
            event -> event.usage().key(),
            UsageEvent::sequence)
        .containsExactly(
            tuple(before.get(0).usage().id(), 100L, List.of("claimed"), "acme-new", 1L),
            tuple(before.get(1).usage().id(), 200L, List.of("claimed"), "acme-new", 2L),
            tuple("late", 400L, List.of("claimed"), "acme-new", 3L),
            tuple(billed.get(3).usage().id(), 800L, List.of(), "acme-new", 4L));
    assertThat(billed).allMatch(event -> event.usage().fate() == Fate.BILLED);
    // 1,500 tokens at 0.40 per million
    Map<String, AccountState> states = meter.latestStates();
    assertThat(states.get("acme").spent()).isEqualByComparingTo("0.0006");

    UnattributedKey key = latestKey();
    assertThat(key.received().requests()).isEqualTo(3);
    assertThat(key.claimed()).isEqualTo(new Amount(3, new TokenCounts(700, 0, 0, 0, 0)));
    assertThat(key.held()).isEqualTo(Amount.NONE);
    assertThat(key.claim())
        .isEqualTo(
            new UnattributedKey.Claim(
                "acme",
                "acme-new",
                null,
                false,
                "claim",
                "ann",
                "they called",
                NOW.plusSeconds(1)));
    assertThat(states.get(key.holder()).sequence()).isEqualTo(3);

    // The late one never passed intake, so it has no count of its own there.
    assertThat(fates()).isEqualTo(Map.of(Fate.UNATTRIBUTED, -1L, Fate.BILLED, 4L));
    assertThat(settled()).isEqualTo(4);
  }

  @Test
  void aClaimFromAnInstantLeavesWhatWasBefore() {
    ship(RAW_KEY, 1, COMPLETION.minusSeconds(1), 1);
    ship(RAW_KEY, 2, COMPLETION, 2);
    claim("claim", COMPLETION);
    meter.settle();
    ship("sk-demo-00001", 4, COMPLETION, 3);
    meter.accountInput(
        "unattributed:" + KEY.fingerprint().substring(0, 16),
        new AccountInput.UsageInput(usage("old", 8, COMPLETION.minusSeconds(2))));
    meter.settle();

    assertThat(meter.events().stream().filter(event -> event.account().equals("acme")))
        .extracting(event -> event.usage().tokens().input())
        .containsExactly(2L, 4L);
    UnattributedKey key = latestKey();
    assertThat(key.held()).isEqualTo(new Amount(2, new TokenCounts(9, 0, 0, 0, 0)));
    assertThat(key.claimed()).isEqualTo(new Amount(1, new TokenCounts(2, 0, 0, 0, 0)));

    // The same account may claim the rest, too; nothing goes twice.
    claim("all of it", null);
    meter.settle();
    assertThat(meter.events().stream().filter(event -> event.account().equals("acme")))
        .extracting(event -> event.usage().tokens().input())
        .containsExactly(1L, 8L);
    assertThat(latestKey().held()).isEqualTo(Amount.NONE);
  }

  @Test
  void aClaimBeforeAnyUsageStandsAndIsAnsweredAgainWhenRepeated() {
    claim("claim", null);
    CommandResult answer = meter.result();
    assertThat(answer.accepted()).isTrue();
    meter.accountInput(
        "unattributed:" + KEY.fingerprint().substring(0, 16),
        new AccountInput.UsageInput(usage("first", 7)));
    claim("claim", null);
    assertThat(meter.result()).isEqualTo(answer);
    meter.settle();
    assertThat(meter.events())
        .extracting(UsageEvent::account)
        .containsExactlyInAnyOrder(latestKey().holder(), "acme");
  }

  @Test
  void registeringAKeyMovesNothing() {
    ship(RAW_KEY, 1, COMPLETION, 1);
    meter.command("register", registering(KEY));
    meter.settle();
    assertThat(meter.events()).extracting(UsageEvent::account).containsExactly(latestKeyHolder());
    assertThat(fates()).isEqualTo(Map.of(Fate.UNATTRIBUTED, 1L));
  }

  private static String latestKeyHolder() {
    return "unattributed:" + KEY.fingerprint().substring(0, 16);
  }

  @Test
  void aClaimToAnotherAccountOrAnUnregisteredKeyIsRefusedAndChangesNothing() {
    ship(RAW_KEY, 1, COMPLETION, 1);
    claim("claim", null);
    ApiKey theirs = Meter.key("globex", "stolen", RAW_KEY);
    meter.order(
        "steal",
        "",
        registering(theirs),
        new Order.Claim(theirs.fingerprint(), "globex", "stolen", null));
    assertThat(meter.result().problems())
        .contains("key stolen of account globex is already a key of another account");

    meter.order(
        "unregistered", "", Catalog.EMPTY, new Order.Claim("a".repeat(64), "acme", "ghost", null));
    assertThat(meter.result().problems())
        .containsExactly(
            "the claim needs the key registered as ghost of account acme in the same command, or"
                + " before");
    meter.settle();
    assertThat(meter.events().stream().filter(event -> event.account().equals("globex"))).isEmpty();
    assertThat(latestKey().claim().account()).isEqualTo("acme");
  }

  @Test
  void aLargeBacklogGoesInBoundedSteps() {
    int lines = 2_500;
    for (int i = 0; i < lines; i++) {
      ship(RAW_KEY, 1, COMPLETION, i);
    }
    meter.settle();
    meter.events();
    claim("claim", null);

    meter.driver.advanceWallClockTime(Duration.ofMillis(60));
    assertThat(meter.events()).hasSize(1_000);
    assertThat(latestKey().claim().forwarding()).isTrue();
    meter.driver.advanceWallClockTime(Duration.ofMillis(60));
    assertThat(meter.events()).hasSize(1_000);
    meter.driver.advanceWallClockTime(Duration.ofMillis(60));
    assertThat(meter.events()).hasSize(500);
    meter.settle();
    assertThat(meter.events()).isEmpty();
    assertThat(latestKey().claim().forwarding()).isFalse();
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, (long) lines));
    assertThat(settled()).isEqualTo(lines);
  }

  private static Usage usage(String id, long input) {
    return usage(id, input, COMPLETION);
  }

  private static Usage usage(String id, long input, Instant completion) {
    return new Usage(
        id,
        Fate.UNATTRIBUTED,
        KEY.fingerprint().substring(0, 12),
        KEY.fingerprint(),
        "0009",
        "qwen-max",
        new TokenCounts(input, 0, 0, 0, 0),
        completion,
        completion,
        NOW,
        new dev.taximeter.contract.event.LineSource(Meter.HOST, Meter.PATH),
        0,
        Meter.SHIPMENT,
        List.of(),
        null);
  }
}
