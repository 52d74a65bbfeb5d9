package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountRecord.MonthTotals;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.MeteringStatus;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class LiveStateTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static ConsumerRecord<String, byte[]> record(Object value) {
    return new ConsumerRecord<>("topic", 0, 0, "key", Json.MAPPER.writeValueAsBytes(value));
  }

  @Test
  void theLatestStateOfAnAccountCounts() {
    LiveAccountStates states = new LiveAccountStates();
    states.accept(List.of(record(state("acme", 1)), record(state("acme", 2))));
    states.accept(
        List.of(
            new ConsumerRecord<>(
                "topic", 0, 0, "key", "no state".getBytes(StandardCharsets.UTF_8))));

    assertThat(states.find("acme").sequence()).isEqualTo(2);
    assertThat(states.find("globex")).isNull();
    assertThat(states.all()).hasSize(1);
  }

  /** Balance and bill are of one sequence number, wherever between two records a reader stands. */
  @Test
  void monthsAndSummaryAppearTogether() {
    YearMonth october = YearMonth.of(2026, 10);
    YearMonth november = YearMonth.of(2026, 11);
    MonthTotals restingOctober = new MonthTotals(october, 1, 0, 0, 1);
    List<AccountRecord> emissions =
        List.of(
            month(october, 1, 10),
            month(november, 2, 20),
            state("acme", 2, restingOctober, new MonthTotals(november, 1, 0, 0, 2)),
            month(november, 3, 30),
            state("acme", 3, restingOctober, new MonthTotals(november, 2, 0, 0, 3)));
    LiveAccountStates states = new LiveAccountStates();
    List<List<Long>> seen = new ArrayList<>();
    for (AccountRecord record : emissions) {
      states.accept(List.of(record(record)));
      AccountState state = states.find("acme");
      seen.add(
          state == null
              ? List.of()
              : List.of(
                  state.sequence(),
                  state.periods().get(0).lines().get(0).quantity(),
                  state.periods().get(1).lines().get(0).quantity()));
    }
    assertThat(seen)
        .containsExactly(
            List.of(),
            List.of(),
            List.of(2L, 10L, 20L),
            List.of(2L, 10L, 20L),
            List.of(3L, 10L, 30L));
  }

  /** Compaction may have removed a month that an old summary still names. */
  @Test
  void anOldSummaryWhoseMonthIsGoneWaitsForTheNext() {
    YearMonth november = YearMonth.of(2026, 11);
    LiveAccountStates states = new LiveAccountStates();
    states.accept(
        List.of(
            record(state("acme", 2, new MonthTotals(november, 1, 0, 0, 2))),
            record(month(november, 3, 30))));
    assertThat(states.find("acme")).isNull();
    states.accept(List.of(record(state("acme", 3, new MonthTotals(november, 2, 0, 0, 3)))));
    assertThat(states.find("acme").sequence()).isEqualTo(3);
    // A change of terms alone brings no month again.
    states.accept(List.of(record(state("acme", 3, new MonthTotals(november, 2, 0, 0, 3)))));
    assertThat(states.find("acme").periods()).hasSize(1);
  }

  private static AccountRecord month(YearMonth period, long sequence, long quantity) {
    return new AccountRecord.Month(
        "acme",
        period,
        sequence,
        List.of(
            new AccountState.BillLine(
                "m", TokenClass.INPUT, "v", quantity, BigDecimal.valueOf(quantity))));
  }

  @Test
  void aCatalogueVersionAppearsWhenItIsComplete() {
    LiveCatalog catalog = new LiveCatalog();
    catalog.accept(List.of(record(account("acme", 1, false))));
    assertThat(catalog.snapshot().version()).isZero();
    assertThat(catalog.snapshot().accounts()).isEmpty();

    catalog.accept(List.of(record(account("globex", 1, true))));
    assertThat(catalog.snapshot().version()).isEqualTo(1);
    assertThat(catalog.snapshot().accounts().keySet()).containsExactly("acme", "globex");

    catalog.accept(List.of(record(account("acme", 2, true))));
    assertThat(catalog.snapshot().version()).isEqualTo(2);
    assertThat(catalog.snapshot().termsVersion("acme")).isEqualTo(2);
    assertThat(catalog.snapshot().termsVersion("globex")).isEqualTo(1);
  }

  @Test
  void meteringIsAsFarAsItsSlowestPart() {
    LiveAccountStates states = new LiveAccountStates();
    LiveMeteringProgress progress = new LiveMeteringProgress(states, 2);
    progress.accept(List.of(record(new MeteringStatus("intake-0", 5, NOW))));
    assertThat(progress.catalogVersion()).isZero();

    progress.accept(List.of(record(new MeteringStatus("intake-1", 4, NOW))));
    assertThat(progress.catalogVersion()).isEqualTo(4);
    // A part that is no longer there does not count.
    progress.accept(List.of(record(new MeteringStatus("intake-2", 1, NOW))));
    assertThat(progress.catalogVersion()).isEqualTo(4);

    assertThat(progress.termsVersion("acme")).isZero();
    states.accept(List.of(record(state("acme", 1))));
    assertThat(progress.termsVersion("acme")).isEqualTo(9);
  }

  @Test
  void countersAreAddedOverWritersAndReplacedWithinOne() {
    LiveLineCounts counts = new LiveLineCounts(CLOCK);
    counts.feed(() -> true);
    counts.accept(
        List.of(
            record(count("shipper", "2026-11-24T09:00:00Z", 5, 0, Map.of())),
            record(count("shipper", "2026-11-24T09:00:00Z", 10, 0, Map.of())),
            record(count("intake-0", "2026-11-24T09:00:00Z", 0, 0, Map.of(Fate.BILLED, 4L))),
            record(
                count(
                    "intake-1",
                    "2026-11-24T09:00:00Z",
                    0,
                    0,
                    Map.of(Fate.BILLED, 5L, Fate.DUPLICATE, 1L))),
            record(count("account-3", "2026-11-24T09:00:00Z", 0, 9, Map.of()))));

    assertThat(counts.tallies())
        .containsExactly(
            new Tally(
                "s1",
                new LineSource("h", "/a.log"),
                Instant.parse("2026-11-24T09:00:00Z"),
                true,
                10,
                9,
                Map.of(Fate.BILLED, 9L, Fate.DUPLICATE, 1L),
                NOW));
  }

  @Test
  void whatOneWriterMovesFromOneFateToAnotherIsAdded() {
    LiveLineCounts counts = new LiveLineCounts(CLOCK);
    counts.feed(() -> true);
    String hour = "2026-11-24T09:00:00Z";
    counts.accept(
        List.of(
            record(count("intake-0", hour, 0, 0, Map.of(Fate.UNATTRIBUTED, 5L))),
            record(count("account-1", hour, 0, 2, Map.of(Fate.UNATTRIBUTED, -3L, Fate.BILLED, 3L))),
            record(count("account-2", hour, 0, 3, Map.of()))));

    Tally tally = counts.tallies().get(0);
    assertThat(tally.fates()).isEqualTo(Map.of(Fate.UNATTRIBUTED, 2L, Fate.BILLED, 3L));
    assertThat(tally.settled()).isEqualTo(5);
  }

  @Test
  void theDeskIsBoundedAndWhatWasDecidedLongestAgoGivesWay() {
    LiveSuspense suspense = new LiveSuspense(2);
    suspense.accept(List.of(record(suspended("1", 1, null)), record(suspended("2", 2, null))));
    assertThat(suspense.complete()).isTrue();
    suspense.accept(List.of(record(suspended("3", 3, null))));
    assertThat(suspense.complete()).isFalse();
    assertThat(suspense.find("3")).isNull();

    suspense.accept(List.of(record(suspended("3", 3, NOW))));
    assertThat(suspense.find("3").state()).isEqualTo(SuspenseItem.State.ASSIGNED);
    assertThat(suspense.find("2")).isNull();
    suspense.accept(List.of(record(suspended("1", 1, NOW.plusSeconds(1)))));
    suspense.accept(List.of(record(suspended("4", 4, null))));
    assertThat(suspense.find("3")).isNull();
    assertThat(suspense.all()).extracting(SuspenseItem::lineId).containsOnly("1", "4");
  }

  private static SuspenseItem suspended(String id, int second, Instant decidedAt) {
    Usage usage =
        new Usage(
            id,
            Fate.SUSPENSE,
            "",
            null,
            null,
            "m",
            TokenCounts.ZERO,
            NOW,
            NOW,
            NOW.plusSeconds(second),
            new LineSource("h", "/a.log"),
            0,
            "s1",
            List.of(),
            null);
    return new SuspenseItem(
        new SuspendedUsage(
            usage, Reason.PAYER_UNCERTAIN, new SuspendedUsage.Evidence("x", List.of())),
        decidedAt == null
            ? null
            : new SuspenseItem.Decision("acme", "prod", "c", "ann", "", decidedAt));
  }

  @Test
  void theLatestRecordOfAnUnknownKeyCounts() {
    LiveUnattributedKeys keys = new LiveUnattributedKeys();
    UnattributedKey key = UnattributedKey.empty("a".repeat(64));
    keys.accept(
        List.of(
            record(UnattributedKey.empty(null)),
            record(key),
            record(
                key.withClaim(
                    new UnattributedKey.Claim("acme", "prod", null, false, "c", "ann", "", NOW)))));

    assertThat(keys.all().keySet()).containsExactly("a".repeat(64), "none");
    assertThat(keys.find("a".repeat(64)).claim().account()).isEqualTo("acme");
    assertThat(keys.find("b".repeat(64))).isNull();
  }

  /** With as many models as a key can have, much fewer keys would fill the memory. */
  @Test
  void modelsThatSomebodyInventsAreBoundedOverAllKeys() {
    LiveUnattributedKeys keys = new LiveUnattributedKeys(10, 4);
    keys.accept(List.of(record(withModels('a', 5, 2)), record(withModels('b', 3, 2))));
    assertThat(keys.all()).hasSize(2);
    assertThat(keys.complete()).isTrue();
    keys.accept(List.of(record(withModels('c', 9, 1))));
    assertThat(keys.all().keySet()).containsExactly("a".repeat(64), "c".repeat(64));
    assertThat(keys.complete()).isFalse();
    // The same key again takes no more room than before.
    keys.accept(List.of(record(withModels('a', 6, 3))));
    assertThat(keys.all().keySet()).containsExactly("a".repeat(64), "c".repeat(64));
  }

  private static UnattributedKey withModels(char digit, int requests, int models) {
    UnattributedKey key = used(digit, requests);
    List<UnattributedKey.ModelAmount> amounts = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      amounts.add(new UnattributedKey.ModelAmount("model-" + i, key.received()));
    }
    return new UnattributedKey(
        key.holder(),
        key.fingerprint(),
        key.lastFour(),
        key.firstSeen(),
        key.lastSeen(),
        key.received(),
        key.claimed(),
        key.held(),
        amounts,
        key.claim());
  }

  private static UnattributedKey used(char digit, int requests) {
    UnattributedKey key = UnattributedKey.empty(String.valueOf(digit).repeat(64));
    UnattributedKey.Amount amount = UnattributedKey.Amount.NONE;
    for (int i = 0; i < requests; i++) {
      amount = amount.plus(new TokenCounts(1, 0, 0, 0, 0));
    }
    return new UnattributedKey(
        key.holder(),
        key.fingerprint(),
        null,
        NOW,
        NOW,
        amount,
        UnattributedKey.Amount.NONE,
        amount,
        List.of(),
        null);
  }

  @Test
  void unknownKeysAreBoundedAndThoseWithTheFewestRequestsGiveWay() {
    LiveUnattributedKeys keys = new LiveUnattributedKeys(2, 10);
    UnattributedKey overflow = UnattributedKey.overflow("unattributed:overflow-3");
    keys.accept(List.of(record(used('a', 5)), record(used('b', 1)), record(overflow)));
    assertThat(keys.complete()).isTrue();
    keys.accept(List.of(record(UnattributedKey.empty(null)), record(used('c', 3))));
    assertThat(keys.complete()).isFalse();
    assertThat(keys.all().keySet())
        .containsExactly("a".repeat(64), "c".repeat(64), "none", "overflow-3");
    keys.accept(List.of(record(used('b', 9))));
    assertThat(keys.find("c".repeat(64))).isNull();
    assertThat(keys.find("b".repeat(64)).received().requests()).isEqualTo(9);
    // A claim was made by a person, who waits to see it here.
    keys.accept(
        List.of(
            record(
                used('d', 0)
                    .withClaim(
                        new UnattributedKey.Claim(
                            "acme", "prod", null, false, "c", "ann", "", NOW)))));
    assertThat(keys.find("d".repeat(64))).isNotNull();
    assertThat(keys.all()).hasSize(5);
  }

  @Test
  void statesOfUnknownKeysAreBoundedAndThoseOfAccountsAreNot() {
    LiveAccountStates states = new LiveAccountStates(2);
    for (String account :
        List.of("unattributed:1", "acme", "unattributed:2", "unattributed:3", "globex")) {
      states.accept(List.of(record(state(account, 1))));
    }
    assertThat(states.all()).hasSize(4);
    assertThat(states.complete()).isFalse();
    assertThat(states.find("unattributed:3")).isNull();
    states.accept(List.of(record(state("unattributed:1", 2))));
    assertThat(states.find("unattributed:1").sequence()).isEqualTo(2);
  }

  @Test
  void theOldestHoursGiveWay() {
    LiveLineCounts counts = new LiveLineCounts(CLOCK, 2);
    counts.feed(() -> true);
    for (String hour :
        List.of("2026-11-24T07:00:00Z", "2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z")) {
      counts.accept(List.of(record(count("shipper", hour, 1, 0, Map.of()))));
    }

    assertThat(counts.heldFrom()).isEqualTo(Instant.parse("2026-11-24T08:00:00Z"));
    assertThat(counts.tallies()).hasSize(2);
    // What comes for an hour that has given way is history's.
    counts.accept(
        List.of(record(count("intake-0", "2026-11-24T07:00:00Z", 0, 0, Map.of(Fate.BILLED, 1L)))));
    assertThat(counts.tallies()).hasSize(2);
  }

  @Test
  void whatIsReadOnStartingChangedWhenItWasWritten() {
    LiveLineCounts counts = new LiveLineCounts(CLOCK);
    counts.feed(() -> false);
    counts.accept(List.of(record(count("shipper", "2026-11-24T09:00:00Z", 1, 0, Map.of()))));

    assertThat(counts.tallies().get(0).changed()).isBefore(NOW);
    assertThat(counts.caughtUp()).isFalse();
  }

  private static LineCount count(
      String writer, String hour, long read, long settled, Map<Fate, Long> fates) {
    return new LineCount(
        writer, "s1", new LineSource("h", "/a.log"), Instant.parse(hour), read, settled, fates);
  }

  private static CatalogRecord account(String id, long version, boolean last) {
    return new CatalogRecord(
        "account/" + id,
        version,
        "command",
        "author",
        "",
        NOW,
        last,
        new Resource.OfAccount(new Account(id, id, "USD", ZoneId.of("UTC"), "plan")));
  }

  private static AccountRecord.Summary state(String id, long sequence, MonthTotals... months) {
    return new AccountRecord.Summary(
        id, sequence, 9, "USD", "UTC", BigDecimal.ONE, sequence, List.of(), List.of(months), null);
  }
}
