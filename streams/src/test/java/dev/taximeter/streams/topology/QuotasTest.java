package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Quota.Metric;
import dev.taximeter.contract.catalog.Quota.Window;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.topic.Topics;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Usage against quotas: one alert per quota, window and threshold. */
class QuotasTest {
  @TempDir private Path stateDirectory;
  private Meter meter;
  private int lines;
  private int commands;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static Quota quota(
      String id,
      String key,
      String model,
      Metric metric,
      Window window,
      String limit,
      Integer... at) {
    return new Quota(
        id, "acme", key, model, metric, window, new BigDecimal(limit), Arrays.asList(at));
  }

  private void set(Quota... quotas) {
    meter.command(
        "quotas " + ++commands,
        new Catalog(List.of(), List.of(), List.of(), List.of(), Arrays.asList(quotas), List.of()));
  }

  private void use(String key, String model, long tokens, Instant completion) {
    meter.accountInput(
        "acme",
        new AccountInput.UsageInput(
            new Usage(
                "%032x".formatted(++lines),
                Fate.BILLED,
                key,
                null,
                null,
                model,
                new TokenCounts(tokens, 0, 0, 0, 0),
                completion,
                completion,
                meter.now(),
                new LineSource("h", "p"),
                0,
                "s",
                List.of(),
                null)));
  }

  private List<Alert> alerts() {
    return meter.read(Topics.ALERTS, Alert.class);
  }

  @Test
  void eachThresholdAlertsOnceWithWhatReachedIt() {
    set(quota("month", null, null, Metric.TOTAL_TOKENS, Window.MONTH, "1000", 80, 100));
    use("acme-prod", "qwen-max", 799, NOW);
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-max", 1, NOW.minusSeconds(3));

    List<Alert> first = alerts();
    assertThat(first).hasSize(1);
    Alert alert = first.get(0);
    assertThat(alert.threshold()).isEqualTo(80);
    assertThat(alert.period()).isEqualTo("2026-11");
    assertThat(alert.periodStart()).isEqualTo(Instant.parse("2026-10-31T23:00:00Z"));
    assertThat(alert.periodEnd()).isEqualTo(Instant.parse("2026-11-30T23:00:00Z"));
    assertThat(alert.value()).isEqualByComparingTo("800");
    assertThat(alert.limit()).isEqualByComparingTo("1000");
    assertThat(alert.crossedAt()).isEqualTo(NOW.minusSeconds(3));
    assertThat(alert.line()).isEqualTo("%032x".formatted(2));
    assertThat(alert.sequence()).isEqualTo(2);
    assertThat(alert.late()).isFalse();

    use("acme-prod", "qwen-max", 10_000, NOW);
    use("acme-prod", "qwen-max", 10_000, NOW);
    assertThat(alerts()).extracting(Alert::threshold).containsExactly(100);
  }

  @Test
  void keysModelsAndMetricsAreToldApart() {
    set(
        quota("key", "acme-dev", null, Metric.REQUESTS, Window.DAY, "2", 100),
        quota("model", null, "qwen-*", Metric.INPUT_TOKENS, Window.DAY, "100", 100),
        quota("output", null, null, Metric.OUTPUT_TOKENS, Window.DAY, "1", 100),
        quota("cost", null, null, Metric.COST, Window.DAY, "0.40", 100));
    use("acme-dev", "other", 1_000_000, NOW);
    use("acme-prod", "qwen-max", 99, NOW);
    assertThat(alerts()).isEmpty();
    use("acme-dev", "other", 1, NOW);
    assertThat(alerts()).extracting(Alert::quota).containsExactly("key");
    use("acme-prod", "qwen-plus", 1, NOW);
    assertThat(alerts()).extracting(Alert::quota).containsExactly("model");
    // A million of qwen input costs 0.40; a hundred have been used.
    use("acme-prod", "qwen-plus", 999_899, NOW);
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-plus", 1, NOW);
    assertThat(alerts())
        .singleElement()
        .matches(alert -> alert.quota().equals("cost") && alert.currency().equals("USD"))
        .matches(alert -> alert.value().compareTo(new BigDecimal("0.40")) == 0);
  }

  @Test
  void lateUsageCountsInItsWindowAndIsMarked() {
    set(quota("day", null, null, Metric.TOTAL_TOKENS, Window.DAY, "100", 100));
    Instant yesterday = NOW.minus(Duration.ofDays(1));
    use("acme-prod", "qwen-max", 60, NOW);
    use("acme-prod", "qwen-max", 60, yesterday);
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-max", 60, yesterday);
    assertThat(alerts())
        .singleElement()
        .matches(alert -> alert.late() && alert.period().equals("2026-11-19"));
    use("acme-prod", "qwen-max", 60, NOW);
    assertThat(alerts())
        .singleElement()
        .matches(alert -> !alert.late() && alert.period().equals("2026-11-20"));
  }

  /** The demonstration and first backfills bring months that are long past. */
  @Test
  void aWindowOfLongAgoCountsOnceOverASweep() {
    set(quota("day", null, null, Metric.TOTAL_TOKENS, Window.DAY, "100", 100));
    Instant before = NOW.minus(Duration.ofDays(60));
    use("acme-prod", "qwen-max", 60, before);
    meter.pass(Duration.ofSeconds(30));
    use("acme-prod", "qwen-max", 60, before);
    meter.pass(Duration.ofSeconds(30));
    use("acme-prod", "qwen-max", 60, before);
    assertThat(alerts()).singleElement().matches(Alert::late);
  }

  @Test
  void aWindowWhoseCountMayBeGoneIsLeftAlone() {
    set(quota("minute", null, null, Metric.REQUESTS, Window.MINUTE, "1", 100));
    Instant before = NOW.minus(Duration.ofDays(3));
    use("acme-prod", "qwen-max", 60, before);
    meter.pass(Duration.ofSeconds(30));
    use("acme-prod", "qwen-max", 60, before);
    assertThat(alerts()).isEmpty();
  }

  @Test
  void anEditNeitherResetsNorRepeats() {
    set(quota("day", null, null, Metric.TOTAL_TOKENS, Window.DAY, "1000", 50, 100));
    use("acme-prod", "qwen-max", 600, NOW);
    assertThat(alerts()).extracting(Alert::threshold).containsExactly(50);
    // Raised: what was told is not told again when it is reached again.
    set(quota("day", null, null, Metric.TOTAL_TOKENS, Window.DAY, "2000", 50, 100));
    use("acme-prod", "qwen-max", 600, NOW);
    assertThat(alerts()).isEmpty();
    // Lowered below what was used: the change itself reaches it, and a new threshold.
    set(quota("day", null, null, Metric.TOTAL_TOKENS, Window.DAY, "1000", 50, 100, 120));
    assertThat(alerts())
        .hasSize(2)
        .allMatch(alert -> alert.line() == null && alert.crossedAt().equals(NOW))
        .extracting(Alert::threshold)
        .containsExactly(100, 120);
  }

  private static Quota sliding(String id, Window window, String limit, Integer... at) {
    return new Quota(
        id,
        "acme",
        null,
        null,
        Metric.TOTAL_TOKENS,
        window,
        new BigDecimal(limit),
        Arrays.asList(at),
        null,
        Quota.Enforcement.SOFT,
        Quota.Kind.SLIDING,
        null);
  }

  @Test
  void aSlidingQuotaAlertsAgainOnlyAfterItWasLeft() {
    set(sliding("hour", Window.HOUR, "100", 50, 100));
    use("acme-prod", "qwen-max", 60, NOW);
    assertThat(alerts()).extracting(Alert::threshold).containsExactly(50);
    meter.pass(Duration.ofMinutes(30));
    use("acme-prod", "qwen-max", 60, meter.now());
    Alert full = alerts().get(0);
    assertThat(full.threshold()).isEqualTo(100);
    assertThat(full.periodStart()).isEqualTo(NOW.minus(Duration.ofMinutes(30)));
    assertThat(full.value()).isEqualByComparingTo("120");
    // The first 60 have left, the second have not: 50 percent stays reached, 100 does not.
    meter.pass(Duration.ofMinutes(31));
    use("acme-prod", "qwen-max", 39, meter.now());
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-max", 1, meter.now());
    assertThat(alerts()).extracting(Alert::threshold).containsExactly(100);
    // Older than the window: it counts nowhere.
    use("acme-prod", "qwen-max", 10_000, meter.now().minus(Duration.ofMinutes(62)));
    assertThat(alerts()).isEmpty();
  }

  /** Against a plain list of what was used, at random instants, with a restart in the middle. */
  @Test
  void randomSlidingUsageAlertsExactlyWhereAPlainListSays() {
    Random random = new Random(7);
    Quota quota = sliding("day", Window.DAY, "1000", 30, 100);
    set(quota);
    List<Instant> starts = new ArrayList<>();
    List<Long> used = new ArrayList<>();
    Set<Integer> told = new HashSet<>();
    int expected = 0;
    int found = 0;
    for (int i = 0; i < 600; i++) {
      meter.pass(Duration.ofSeconds(random.nextInt(7_200)));
      Instant now = meter.now();
      Instant oldest =
          dev.taximeter.contract.catalog.QuotaPeriod.of(quota, now, java.time.ZoneOffset.UTC)
              .start();
      long before = 0;
      for (int j = 0; j < used.size(); j++) {
        before += starts.get(j).isBefore(oldest) ? 0 : used.get(j);
      }
      long held = before;
      told.removeIf(threshold -> held * 100 < 1_000L * threshold);
      Instant completion = now.minusSeconds(random.nextInt(30 * 3_600));
      long tokens = random.nextInt(200);
      use("acme-prod", "qwen-max", tokens, completion);
      starts.add(dev.taximeter.contract.catalog.QuotaPeriod.stepOf(Window.DAY, completion));
      used.add(tokens);
      if (!starts.get(starts.size() - 1).isBefore(oldest)) {
        for (int threshold : quota.thresholds()) {
          if ((before + tokens) * 100 >= 1_000L * threshold && told.add(threshold)) {
            expected++;
          }
        }
      }
      found += alerts().size();
      assertThat(found).as("after %d", i).isEqualTo(expected);
    }
    assertThat(found).isGreaterThan(20);
  }

  @Test
  void anAnchoredMonthCountsFromItsDay() {
    set(
        new Quota(
            "month",
            "acme",
            null,
            null,
            Metric.TOTAL_TOKENS,
            Window.MONTH,
            new BigDecimal("100"),
            List.of(100),
            null,
            Quota.Enforcement.SOFT,
            Quota.Kind.CALENDAR,
            new Quota.Anchor(15, 6)));
    Instant begin = Instant.parse("2026-11-15T05:00:00Z");
    use("acme-prod", "qwen-max", 60, begin.minusMillis(1));
    use("acme-prod", "qwen-max", 60, begin);
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-max", 40, NOW);
    assertThat(alerts())
        .singleElement()
        .matches(alert -> alert.periodStart().equals(begin))
        .matches(alert -> alert.period().equals("2026-11-15"));
  }

  /**
   * Quotas that are defined after the usage have what those have that were there before it,
   * whatever they count, and so have those of before after more usage.
   */
  @Test
  void aQuotaThatIsDefinedInItsWindowCountsWhatIsInIt() {
    Random random = new Random(5);
    List<Quota> early = new ArrayList<>();
    List<Quota> late = new ArrayList<>();
    for (Window window : List.of(Window.DAY, Window.WEEK, Window.MONTH)) {
      for (Metric metric : Metric.values()) {
        early.add(hard("early", window, metric, null, null, null));
        late.add(hard("late", window, metric, null, null, null));
      }
      early.add(hard("early-key", window, Metric.COST, "acme-dev", null, null));
      late.add(hard("late-key", window, Metric.COST, "acme-dev", null, null));
      early.add(hard("early-model", window, Metric.COST, null, "qwen-*", null));
      late.add(hard("late-model", window, Metric.COST, null, "qwen-*", null));
      Quota.Anchor anchor = new Quota.Anchor(window == Window.DAY ? 1 : 4, 0);
      early.add(hard("early-anchor", window, Metric.REQUESTS, null, null, anchor));
      late.add(hard("late-anchor", window, Metric.REQUESTS, null, null, anchor));
    }
    set(early.toArray(Quota[]::new));
    useAtRandom(random, 200);
    set(late.toArray(Quota[]::new));
    useAtRandom(random, 100);
    meter.settle();

    List<GateState> told = meter.read(Topics.GATE_STATES, GateState.class);
    java.util.Map<String, BigDecimal> used = new java.util.HashMap<>();
    told.get(told.size() - 1).limits().forEach(limit -> used.put(limit.quota(), limit.used()));
    for (Quota quota : early) {
      if (quota.metric() != Metric.OUTPUT_TOKENS) {
        assertThat(used.get(quota.id())).as(quota.id()).isPositive();
      }
      assertThat(used.get(quota.id().replace("early", "late")))
          .as(quota.id())
          .isEqualByComparingTo(used.get(quota.id()));
    }
  }

  private void useAtRandom(Random random, int count) {
    for (int i = 0; i < count; i++) {
      use(
          random.nextBoolean() ? "acme-prod" : "acme-dev",
          random.nextBoolean() ? "qwen-max" : "other",
          1 + random.nextInt(900),
          NOW.minusSeconds(i % 3 == 0 ? random.nextInt(36_000) : random.nextInt(45 * 86_400)));
    }
  }

  private static Quota hard(
      String id, Window window, Metric metric, String key, String model, Quota.Anchor anchor) {
    return new Quota(
        id + "-" + window.code() + "-" + metric.code(),
        "acme",
        key,
        model,
        metric,
        window,
        new BigDecimal("1000000000"),
        List.of(100),
        null,
        Quota.Enforcement.HARD,
        Quota.Kind.CALENDAR,
        anchor);
  }

  @Test
  void whatIsInTheWindowAlreadyAlertsWhenTheQuotaIsDefined() {
    use("acme-prod", "qwen-max", 600, NOW.minus(Duration.ofDays(3)));
    use("acme-prod", "qwen-max", 600, NOW);
    set(quota("month", null, null, Metric.TOTAL_TOKENS, Window.MONTH, "1000", 50, 100, 150));
    List<Alert> told = alerts();
    assertThat(told).extracting(Alert::threshold).containsExactly(50, 100);
    assertThat(told).allMatch(alert -> alert.line() == null);
    set(quota("month", null, null, Metric.TOTAL_TOKENS, Window.MONTH, "1000", 50, 100, 150));
    assertThat(alerts()).isEmpty();
    use("acme-prod", "qwen-max", 300, NOW);
    assertThat(alerts()).extracting(Alert::threshold).containsExactly(150);
  }

  /** Whatever the order and size of usage: as many alerts as a plain sum says. */
  @Test
  void randomUsageAlertsExactlyWhereAPlainSumSays() {
    Random random = new Random(11);
    List<Quota> quotas = new ArrayList<>();
    for (Window window : Window.values()) {
      quotas.add(
          quota(
              "q-" + window.code(),
              null,
              null,
              Metric.TOTAL_TOKENS,
              window,
              "5000",
              1,
              37,
              100,
              250));
    }
    set(quotas.toArray(Quota[]::new));
    Set<String> expected = new HashSet<>();
    java.util.Map<String, Long> sums = new java.util.HashMap<>();
    for (int i = 0; i < 400; i++) {
      Instant completion = NOW.minusSeconds(random.nextInt(20 * 86_400));
      long tokens = random.nextInt(900);
      use("acme-prod", "qwen-max", tokens, completion);
      for (Quota quota : quotas) {
        var period =
            dev.taximeter.contract.catalog.QuotaPeriod.of(
                quota.window(), completion, java.time.ZoneId.of("Europe/Berlin"));
        if (quota.window() == Window.MINUTE
            && period.end().isBefore(NOW.minus(Duration.ofDays(2)))) {
          continue; // Minutes of long ago are not looked at.
        }
        long sum = sums.merge(quota.id() + period.start(), tokens, Long::sum);
        for (int threshold : quota.thresholds()) {
          if (sum * 100 >= 5_000L * threshold) {
            expected.add(quota.id() + "@" + period.label() + ":" + threshold);
          }
        }
      }
    }
    List<String> found =
        alerts().stream()
            .map(alert -> alert.quota() + "@" + alert.period() + ":" + alert.threshold())
            .toList();
    assertThat(found).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
    assertThat(found).hasSizeGreaterThan(200);
  }
}
