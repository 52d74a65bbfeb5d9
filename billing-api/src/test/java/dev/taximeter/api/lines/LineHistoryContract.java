package dev.taximeter.api.lines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.lines.LineHistory.LeakageQuery;
import dev.taximeter.api.lines.LineHistory.LeakageSum;
import dev.taximeter.api.lines.LineHistory.OperationQuery;
import dev.taximeter.api.lines.LineHistory.OperationSum;
import dev.taximeter.api.lines.LineHistory.Payers;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.Granularity;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every history of lines must answer. */
public abstract class LineHistoryContract {
  private static final int MOST = 1_000;
  private static final String A = "aa".repeat(32);
  private static final String B = "bb".repeat(32);
  private static final Instant FROM = Instant.parse("2026-11-03T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-11-05T00:00:00Z");

  private int number;

  /** A history that holds exactly these lines. */
  protected abstract LineHistory holding(List<LandedLine> lines);

  private LandedLine usage(String account, String at, String requestId) {
    Instant instant = Instant.parse(at);
    return new LandedLine(
        id(), account, "billed", null, false, A, "m", instant, instant.plusSeconds(1), requestId);
  }

  private LandedLine other(String reason, String fingerprint, String at, String requestId) {
    Instant instant = Instant.parse(at);
    boolean leakage = reason.equals("client-left") || reason.equals("success-without-usage");
    return new LandedLine(
        id(),
        null,
        reason.equals("seen-before")
            ? "duplicate"
            : reason.equals("payer-uncertain")
                ? "suspense"
                : reason.equals("foreign-line") ? "quarantined" : "unbillable",
        reason,
        leakage,
        fingerprint,
        leakage ? "" : "m",
        instant,
        instant.plusSeconds(1),
        requestId);
  }

  private String id() {
    return "%032x".formatted(++number);
  }

  private static List<String> plain(List<LeakageSum> sums) {
    return sums.stream()
        .map(
            sum ->
                "%s %s %s %d"
                    .formatted(
                        sum.fingerprint().isEmpty() ? "-" : sum.fingerprint().substring(0, 2),
                        sum.model().isEmpty() ? "-" : sum.model(),
                        sum.reason().isEmpty() ? "-" : sum.reason(),
                        sum.lines()))
        .toList();
  }

  private static Buckets buckets(Granularity granularity, String zone) {
    try {
      return Buckets.of(granularity, ZoneId.of(zone), FROM, TO, MOST);
    } catch (Buckets.TooManyException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void leakageIsCountedByWhatIsAsked() {
    LineHistory history =
        holding(
            List.of(
                other("client-left", A, "2026-11-03T10:00:00Z", ""),
                other("client-left", A, "2026-11-03T11:00:00Z", ""),
                other("success-without-usage", A, "2026-11-03T12:00:00Z", ""),
                other("client-left", B, "2026-11-03T12:00:00Z", ""),
                other("client-left", "", "2026-11-03T12:00:00Z", ""),
                other("failed-request", A, "2026-11-03T12:00:00Z", ""),
                other("seen-before", "", "2026-11-03T12:00:00Z", ""),
                usage("acme", "2026-11-03T12:00:00Z", "")));

    assertThat(plain(history.leakage(new LeakageQuery(Payers.ALL, FROM, TO, false, false), MOST)))
        .containsExactlyInAnyOrder("aa - - 3", "bb - - 1", "- - - 1");
    assertThat(plain(history.leakage(new LeakageQuery(Payers.ALL, FROM, TO, true, true), MOST)))
        .containsExactlyInAnyOrder(
            "aa - client-left 2",
            "aa - success-without-usage 1",
            "bb - client-left 1",
            "- - client-left 1");
    assertThat(
            plain(
                history.leakage(
                    new LeakageQuery(new Payers(List.of(A, ""), null), FROM, TO, false, false),
                    MOST)))
        .containsExactlyInAnyOrder("aa - - 3", "- - - 1");
    assertThat(
            plain(
                history.leakage(
                    new LeakageQuery(new Payers(null, "bbbb"), FROM, TO, false, false), MOST)))
        .containsExactly("bb - - 1");
    assertThat(
            history.leakage(
                new LeakageQuery(new Payers(List.of(), null), FROM, TO, false, false), MOST))
        .isEmpty();
  }

  /** Each attempt of a call may be charged for: leakage counts lines, and the call is one. */
  @Test
  void leakageIsCountedForEachAttemptOfAnOperation() {
    LineHistory history =
        holding(
            List.of(
                leak("client-left", "qwen-max", "2026-11-03T10:00:00Z", "r1"),
                other("fallback-attempt", A, "2026-11-03T10:00:01Z", "r1"),
                leak("success-without-usage", "gpt-4o", "2026-11-03T10:00:02Z", "r1"),
                leak("success-without-usage", "gpt-4o", "2026-11-03T10:00:03Z", "r1"),
                usage("acme", "2026-11-03T10:00:04Z", "r1")));

    assertThat(plain(history.leakage(new LeakageQuery(Payers.ALL, FROM, TO, true, true), MOST)))
        .containsExactlyInAnyOrder(
            "aa qwen-max client-left 1", "aa gpt-4o success-without-usage 2");
    assertThat(history.operations(new OperationQuery(null, Payers.ALL, buckets(null, "UTC"))))
        .containsExactly(new OperationSum(FROM.toEpochMilli(), 5, 5, 1, 1, 0, 0));
  }

  private LandedLine leak(String reason, String model, String at, String requestId) {
    LandedLine line = other(reason, A, at, requestId);
    return new LandedLine(
        line.id(),
        line.account(),
        line.fate(),
        reason,
        true,
        A,
        model,
        line.completion(),
        line.arrival(),
        requestId);
  }

  @Test
  void aLineCountsAtItsCompletionAndElseAtItsArrival() {
    LandedLine undated =
        new LandedLine(
            id(),
            null,
            "unbillable",
            "client-left",
            true,
            A,
            "",
            null,
            Instant.parse("2026-11-04T10:00:00Z"),
            "");
    LandedLine late =
        new LandedLine(
            id(),
            null,
            "unbillable",
            "client-left",
            true,
            A,
            "",
            Instant.parse("2026-11-03T00:00:00Z"),
            Instant.parse("2026-12-20T00:00:00Z"),
            "");
    LandedLine ahead =
        new LandedLine(
            id(),
            null,
            "unbillable",
            "client-left",
            true,
            A,
            "",
            Instant.parse("2026-11-03T00:04:00Z"),
            Instant.parse("2026-11-02T23:55:00Z"),
            "");
    LineHistory history =
        holding(
            List.of(
                undated,
                late,
                ahead,
                other("client-left", A, "2026-11-02T23:59:59.999Z", ""),
                other("client-left", A, "2026-11-05T00:00:00Z", "")));

    assertThat(plain(history.leakage(new LeakageQuery(Payers.ALL, FROM, TO, false, false), MOST)))
        .containsExactly("aa - - 3");
  }

  @Test
  void moreGroupsThanAllowedAreSeen() {
    List<LandedLine> lines = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      lines.add(other("client-left", "%064x".formatted(i + 1), "2026-11-03T10:00:00Z", ""));
    }
    assertThat(holding(lines).leakage(new LeakageQuery(Payers.ALL, FROM, TO, false, false), 3))
        .hasSize(4);
  }

  @Test
  void hostileTextStaysText() {
    String hostile = "it's \\'; DROP TABLE line_fates -- ?";
    LineHistory history =
        holding(
            List.of(
                usage("acme", "2026-11-03T10:00:00Z", hostile),
                usage("acme", "2026-11-03T11:00:00Z", hostile)));
    assertThat(
            history.operations(
                new OperationQuery(
                    "acme", new Payers(List.of(hostile), null), buckets(null, "UTC"))))
        .containsExactly(new OperationSum(FROM.toEpochMilli(), 2, 2, 0, 1, 1, 2));
    assertThat(
            history.operations(
                new OperationQuery(hostile, new Payers(null, hostile), buckets(null, "UTC"))))
        .isEmpty();
  }

  @Test
  void anOperationIsAllAttemptsOfOneRequestId() {
    LineHistory history =
        holding(
            List.of(
                // One call with two fallbacks, across midnight in UTC.
                other("fallback-attempt", A, "2026-11-03T23:59:58Z", "r1"),
                other("fallback-attempt", A, "2026-11-03T23:59:59Z", "r1"),
                usage("acme", "2026-11-04T00:00:01Z", "r1"),
                // Two without a request id, one of them failed.
                usage("acme", "2026-11-03T10:00:00Z", ""),
                other("failed-request", A, "2026-11-03T10:00:00Z", ""),
                // A client with a constant request id.
                usage("acme", "2026-11-03T11:00:00Z", "job"),
                usage("acme", "2026-11-03T12:00:00Z", "job"),
                usage("acme", "2026-11-03T13:00:00Z", "job"),
                // No calls of a model.
                other("not-ai", A, "2026-11-03T11:00:00Z", "r2"),
                other("answered-by-gateway", A, "2026-11-03T11:00:00Z", "r3"),
                other("rejected-key", A, "2026-11-03T11:00:00Z", "r4"),
                // Suspense is one; copies and what is unreadable are not counted.
                other("payer-uncertain", "", "2026-11-03T11:00:00Z", "r5"),
                other("seen-before", "", "2026-11-03T11:00:00Z", "job"),
                other("foreign-line", "", "2026-11-03T11:00:00Z", ""),
                // Somebody else's.
                usage("globex", "2026-11-03T11:00:00Z", "job"),
                other("client-left", B, "2026-11-03T11:00:00Z", "g1")));
    long day = FROM.toEpochMilli();
    long nextDay = Instant.parse("2026-11-04T00:00:00Z").toEpochMilli();

    assertThat(
            history.operations(
                new OperationQuery(
                    "acme", new Payers(List.of(A), null), buckets(Granularity.DAY, "UTC"))))
        .containsExactlyInAnyOrder(
            new OperationSum(day, 8, 5, 0, 3, 1, 3), new OperationSum(nextDay, 3, 3, 2, 1, 0, 0));
    assertThat(history.operations(new OperationQuery(null, Payers.ALL, buckets(null, "UTC"))))
        .containsExactly(new OperationSum(day, 14, 11, 2, 6, 1, 4));
  }

  @Test
  void aLineThatWasClaimedOrAssignedIsCountedOnce() {
    LandedLine unattributed = usage("unattributed:aa", "2026-11-03T10:00:00Z", "r1");
    LandedLine claimed = withAccount(unattributed, "acme", "billed", null);
    LandedLine suspense = other("payer-uncertain", "", "2026-11-03T11:00:00Z", "r2");
    LandedLine assigned = withAccount(suspense, "acme", "billed", null);
    LineHistory history = holding(List.of(unattributed, claimed, suspense, assigned));
    OperationSum expected = new OperationSum(FROM.toEpochMilli(), 2, 2, 0, 2, 0, 0);

    assertThat(history.operations(new OperationQuery(null, Payers.ALL, buckets(null, "UTC"))))
        .containsExactly(expected);
    assertThat(
            history.operations(
                new OperationQuery("acme", new Payers(List.of(A), null), buckets(null, "UTC"))))
        .containsExactly(expected);
  }

  private static LandedLine withAccount(
      LandedLine line, String account, String fate, String reason) {
    return new LandedLine(
        line.id(),
        account,
        fate,
        reason,
        false,
        A,
        "m",
        line.completion(),
        line.arrival(),
        line.requestId());
  }

  @Test
  void latestArrivalIsThatOfLinesWithoutUsage() {
    LineHistory history =
        holding(
            List.of(
                other("client-left", A, "2026-11-03T10:00:00Z", ""),
                usage("acme", "2026-11-03T12:00:00Z", "")));
    assertThat(history.latestArrival(FROM)).isEqualTo(Instant.parse("2026-11-03T10:00:01Z"));
    assertThat(history.latestArrival(TO)).isNull();
    assertThat(holding(List.of()).latestArrival(FROM)).isNull();
  }

  @Test
  void agreesWithCountingOneByOne() {
    Random random = new Random(43);
    List<String> reasons =
        List.of(
            "client-left", "success-without-usage", "failed-request", "fallback-attempt", "not-ai");
    List<LandedLine> lines = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String at = FROM.plusSeconds(random.nextInt(200_000) - 10_000).toString();
      String requestId = random.nextInt(4) == 0 ? "" : "r" + random.nextInt(300);
      lines.add(
          random.nextBoolean()
              ? usage("account-" + random.nextInt(3), at, requestId)
              : other(reasons.get(random.nextInt(5)), random.nextBoolean() ? A : B, at, requestId));
    }
    LineHistory history = holding(lines);
    InMemoryLineHistory oracle = new InMemoryLineHistory();
    lines.forEach(oracle::add);

    for (Granularity granularity : Granularity.values()) {
      if (granularity != Granularity.MINUTE) {
        OperationQuery query =
            new OperationQuery(
                "account-1", new Payers(List.of(A), null), buckets(granularity, "Asia/Kolkata"));
        assertThat(history.operations(query))
            .as("by %s", granularity)
            .containsExactlyInAnyOrderElementsOf(oracle.operations(query));
      }
    }
    LeakageQuery leakage = new LeakageQuery(Payers.ALL, FROM, TO, true, true);
    assertThat(plain(history.leakage(leakage, MOST)))
        .containsExactlyInAnyOrderElementsOf(plain(oracle.leakage(leakage, MOST)));
  }
}
