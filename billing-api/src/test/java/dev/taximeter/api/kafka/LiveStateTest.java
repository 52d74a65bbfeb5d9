package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
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
import java.time.ZoneId;
import java.time.ZoneOffset;
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

  private static AccountState state(String id, long sequence) {
    return new AccountState(
        id, sequence, 9, "USD", "UTC", BigDecimal.ONE, sequence, List.of(), List.of(), null);
  }
}
