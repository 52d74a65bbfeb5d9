package dev.taximeter.api.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every history must answer. */
public abstract class UsageHistoryContract {
  /** Days and months of what history has by the day and by the month; some begin within an hour. */
  protected static final ZoneId WINDOWS = ZoneId.of("Asia/Kolkata");

  private static final int MOST = 100_000;

  /** Within a month; within a minute; where a month and a day begin. */
  private static final List<String> ENDS =
      List.of(
          "2026-10-26T00:00:00Z",
          "2026-12-27T05:17:31.007Z",
          "2026-11-30T18:30:00Z",
          "2026-12-12T18:30:00Z");

  /** A history that holds exactly these events. */
  protected abstract UsageHistory holding(List<LandedEvent> events);

  @Test
  void fromIsInclusiveAndToExclusive() throws Exception {
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, "prod", "m", "2026-11-01T09:59:59.999Z", 1),
                event("acme", 2, "prod", "m", "2026-11-01T10:00:00.000Z", 10),
                event("acme", 3, "prod", "m", "2026-11-01T10:00:30.499Z", 100),
                event("acme", 4, "prod", "m", "2026-11-01T10:00:30.500Z", 1_000)));

    UsageAnswer answer =
        history.sum(
            query(
                List.of("acme"),
                buckets(null, "UTC", "2026-11-01T10:00:00Z", "2026-11-01T10:00:30.500Z"),
                false,
                false));

    assertThat(answer.sums()).hasSize(1);
    UsageSum sum = answer.sums().get(0);
    assertThat(sum.requests()).isEqualTo(2);
    assertThat(sum.tokens().input()).isEqualTo(110);
    assertThat(sum.start()).isEqualTo(Instant.parse("2026-11-01T10:00:00Z").toEpochMilli());
    assertThat(answer.sequence()).isEqualTo(4);
    assertThat(answer.exact()).isTrue();
  }

  @Test
  void anEmptyHistoryAnswersNothing() throws Exception {
    UsageAnswer answer =
        holding(List.of())
            .sum(
                query(
                    List.of("acme"),
                    buckets(Granularity.DAY, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
                    true,
                    true));

    assertThat(answer.sums()).isEmpty();
    assertThat(answer.sequence()).isZero();
    assertThat(answer.exact()).isTrue();
  }

  @Test
  void groupsKeysAndModelsAsAsked() throws Exception {
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, "prod", "a", "2026-11-01T10:00:00Z", 1),
                event("acme", 2, "prod", "b", "2026-11-01T10:00:00Z", 2),
                event("acme", 3, "dev", "a", "2026-11-01T10:00:00Z", 4)));
    Buckets buckets = buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");

    assertThat(history.sum(query(List.of("acme"), buckets, true, false)).sums())
        .extracting(UsageSum::key, UsageSum::model, sum -> sum.tokens().input())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("prod", null, 3L),
            org.assertj.core.groups.Tuple.tuple("dev", null, 4L));
    assertThat(history.sum(query(List.of("acme"), buckets, false, true)).sums())
        .extracting(UsageSum::key, UsageSum::model, sum -> sum.tokens().input())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(null, "a", 5L),
            org.assertj.core.groups.Tuple.tuple(null, "b", 2L));
  }

  @Test
  void filtersKeepHostileTextAsText() throws Exception {
    String hostile = "it's \\'; DROP TABLE usage_events -- ?";
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, hostile, "m?", "2026-11-01T10:00:00Z", 1),
                event("acme", 2, "prod", "m", "2026-11-01T10:00:00Z", 2)));

    UsageAnswer answer =
        history.sum(
            new UsageQuery(
                List.of("acme"),
                hostile,
                "m?",
                buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
                WINDOWS,
                true,
                true,
                MOST));

    assertThat(answer.sums()).hasSize(1);
    assertThat(answer.sums().get(0).key()).isEqualTo(hostile);
    assertThat(answer.sums().get(0).model()).isEqualTo("m?");
    // What is filtered out is still known to be there.
    assertThat(answer.sequence()).isEqualTo(2);
    assertThat(answer.exact()).isTrue();
  }

  @Test
  void unattributedUsageIsShownOnlyByName() throws Exception {
    String unattributed = "unattributed:0123456789abcdef";
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, "prod", "m", "2026-11-01T10:00:00Z", 1),
                event(unattributed, 1, "0123456789ab", "m", "2026-11-01T10:00:00Z", 2)));
    Buckets buckets = buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");

    assertThat(history.sum(query(List.of(), buckets, false, false)).sums())
        .extracting(UsageSum::account)
        .containsExactly("acme");
    assertThat(history.sum(query(List.of(unattributed), buckets, false, false)).sums())
        .extracting(UsageSum::account)
        .containsExactly(unattributed);
  }

  @Test
  void amountsAreExact() throws Exception {
    List<LandedEvent> events = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      events.add(
          new LandedEvent(
              "acme",
              i,
              "prod",
              "m",
              Instant.parse("2026-11-01T10:00:00Z"),
              new TokenCounts(1, 2, 3, 4, 5),
              "USD",
              new BigDecimal("0.100000000001")));
    }

    UsageSum sum =
        holding(events)
            .sum(
                query(
                    List.of("acme"),
                    buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
                    false,
                    false))
            .sums()
            .get(0);

    assertThat(sum.cost()).isEqualByComparingTo("1.00000000001");
    assertThat(sum.tokens()).isEqualTo(new TokenCounts(10, 20, 30, 40, 50));
    assertThat(sum.currency()).isEqualTo("USD");
  }

  @Test
  void aMissingEventMakesTheAnswerInexact() throws Exception {
    UsageAnswer answer =
        holding(
                List.of(
                    event("acme", 1, "prod", "m", "2026-11-01T10:00:00Z", 1),
                    event("acme", 3, "prod", "m", "2026-11-02T10:00:00Z", 1)))
            .sum(
                query(
                    List.of("acme"),
                    buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
                    false,
                    false));

    assertThat(answer.exact()).isFalse();
    assertThat(answer.sequence()).isEqualTo(2);
  }

  @Test
  void severalQueriesAreOneAnswer() throws Exception {
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, "prod", "m", "2026-09-01T10:00:00Z", 1),
                event("acme", 2, "prod", "m", "2026-11-01T10:00:00Z", 2),
                event("beta", 1, "prod", "m", "2026-11-01T10:00:00Z", 4),
                event("beta", 2, "prod", "m", "2026-11-20T10:00:00Z", 8)));
    UsageQuery ofAcme =
        query(
            List.of("acme"),
            buckets(null, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            true,
            false);
    UsageQuery ofBeta =
        query(
                List.of("beta"),
                buckets(null, "UTC", "2026-10-01T00:00:00Z", "2026-11-10T00:00:00Z"),
                true,
                false)
            .byTheHour();

    UsageAnswer answer = history.sum(List.of(ofAcme, ofBeta));

    assertThat(answer.sums())
        .extracting(UsageSum::account, sum -> sum.tokens().input())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("acme", 2L),
            org.assertj.core.groups.Tuple.tuple("beta", 4L));
    assertThat(answer.sequence()).isEqualTo(4);
    assertThat(answer.exact()).isTrue();
  }

  @Test
  void agreesWithAddingUpOneByOne() throws Exception {
    Random random = new Random(41);
    List<LandedEvent> events = new ArrayList<>();
    long base = Instant.parse("2026-10-20T00:00:00Z").toEpochMilli();
    long[] sequences = new long[3];
    for (int i = 0; i < 2_000; i++) {
      int account = random.nextInt(3);
      events.add(
          new LandedEvent(
              "account-" + account,
              ++sequences[account],
              "key-" + random.nextInt(2),
              "model-" + random.nextInt(3),
              Instant.ofEpochMilli(base + (long) random.nextInt(7_000_000) * 1_000 + 7),
              new TokenCounts(random.nextInt(1_000), random.nextInt(10), 0, random.nextInt(500), 3),
              "USD",
              BigDecimal.valueOf(random.nextInt(1_000_000), 9)));
    }
    UsageHistory history = holding(events);
    InMemoryUsageHistory oracle = new InMemoryUsageHistory();
    events.forEach(oracle::add);

    List<Granularity> granularities = new ArrayList<>(List.of(Granularity.values()));
    granularities.add(null);
    for (Granularity granularity : granularities) {
      for (String zone : List.of("Europe/Berlin", "Asia/Kolkata", "UTC")) {
        for (String to : ENDS) {
          Buckets buckets = buckets(granularity, zone, "2026-10-23T22:10:05.500Z", to);
          for (List<String> accounts : List.of(List.<String>of(), List.of("account-1"))) {
            UsageQuery query = query(accounts, buckets, true, granularity != Granularity.MINUTE);
            UsageAnswer expected = oracle.sum(query);
            UsageAnswer answer = history.sum(query);
            assertThat(plain(answer.sums()))
                .as("%s in %s until %s", granularity, zone, to)
                .containsExactlyInAnyOrderElementsOf(plain(expected.sums()));
            assertThat(answer.sequence()).isEqualTo(expected.sequence());
            assertThat(answer.exact()).isTrue();
            assertThat(plain(history.sum(query.byTheHour()).sums()))
                .containsExactlyInAnyOrderElementsOf(plain(expected.sums()));
          }
        }
      }
    }
  }

  private static List<String> plain(List<UsageSum> sums) {
    return sums.stream()
        .map(
            sum ->
                "%d %s %s %s %d %s %s %s"
                    .formatted(
                        sum.start(),
                        sum.account(),
                        sum.key(),
                        sum.model(),
                        sum.requests(),
                        sum.tokens(),
                        sum.currency(),
                        sum.cost().stripTrailingZeros().toPlainString()))
        .toList();
  }

  protected static UsageQuery query(
      List<String> accounts, Buckets buckets, boolean byKey, boolean byModel) {
    return new UsageQuery(accounts, null, null, buckets, WINDOWS, byKey, byModel, MOST);
  }

  protected static Buckets buckets(Granularity granularity, String zone, String from, String to)
      throws Buckets.TooManyException {
    return Buckets.of(granularity, ZoneId.of(zone), Instant.parse(from), Instant.parse(to), MOST);
  }

  protected static LandedEvent event(
      String account, long sequence, String key, String model, String completion, long input) {
    return new LandedEvent(
        account,
        sequence,
        key,
        model,
        Instant.parse(completion),
        new TokenCounts(input, 0, 0, 0, 0),
        account.startsWith("unattributed:") ? "" : "USD",
        BigDecimal.ZERO);
  }
}
