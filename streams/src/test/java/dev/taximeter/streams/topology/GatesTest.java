package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Quota.Enforcement;
import dev.taximeter.contract.catalog.Quota.Kind;
import dev.taximeter.contract.catalog.Quota.Metric;
import dev.taximeter.contract.catalog.Quota.Window;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gate is told: hard quotas, prepaid balances, and what accounts do. */
class GatesTest {
  @TempDir private Path stateDirectory;
  private Meter meter;
  private int lines;
  private int commands;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("load", Meter.catalogue());
    meter.settle();
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static Quota quota(String id, String team, Enforcement enforcement, Kind kind) {
    return new Quota(
        id,
        "acme",
        null,
        null,
        Metric.TOTAL_TOKENS,
        Window.HOUR,
        new BigDecimal("100"),
        List.of(100),
        team,
        enforcement,
        kind,
        null);
  }

  private void set(Quota... quotas) {
    meter.command(
        "quotas " + ++commands,
        new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(quotas), List.of()));
    meter.settle();
  }

  private void set(Account.Billing billing, AccountDetails details) {
    meter.command(
        "account " + ++commands,
        Catalog.of(
            new Account(
                "acme", "Acme", "USD", ZoneId.of("Europe/Berlin"), "pay", billing, details)));
    meter.settle();
  }

  private void use(String key, long tokens, Instant completion) {
    meter.accountInput(
        "acme",
        new AccountInput.UsageInput(
            new Usage(
                "%032x".formatted(++lines),
                Fate.BILLED,
                key,
                null,
                null,
                "qwen-max",
                new TokenCounts(tokens, 0, 0, 0, 0),
                completion,
                completion,
                meter.now(),
                new LineSource("h", "p"),
                0,
                "s",
                List.of(),
                null)));
    meter.settle();
  }

  private List<GateState> told() {
    return meter.read(Topics.GATE_STATES, GateState.class);
  }

  private GateState last() {
    List<GateState> told = told();
    assertThat(told).isNotEmpty();
    return told.get(told.size() - 1);
  }

  @Test
  void nothingIsToldOfAccountsThatNothingStops() {
    set(quota("soft", null, Enforcement.SOFT, Kind.CALENDAR));
    use("acme-prod", 1_000, NOW);
    assertThat(told()).isEmpty();
  }

  @Test
  void aHardQuotaIsToldWithEveryUseUntilItsWindowEnds() {
    set(quota("hard", null, Enforcement.HARD, Kind.CALENDAR));
    GateState.Limit fresh = last().limits().get(0);
    assertThat(fresh.used()).isZero();
    assertThat(fresh.isReached(meter.now())).isFalse();
    assertThat(fresh.remaining(meter.now())).isEqualByComparingTo("100");

    use("acme-prod", 99, meter.now());
    assertThat(last().limits().get(0).isReached(meter.now())).isFalse();
    use("acme-dev", 1, meter.now());
    GateState state = last();
    GateState.Limit reached = state.limits().get(0);
    Instant end = Instant.parse("2026-11-20T11:00:00Z");
    assertThat(state.sequence()).isEqualTo(2);
    assertThat(reached.until()).isEqualTo(end);
    assertThat(reached.isReached(meter.now())).isTrue();
    assertThat(reached.remaining(meter.now())).isZero();
    assertThat(reached.isReached(end)).isFalse();
    assertThat(reached.remaining(end)).isEqualByComparingTo("100");

    meter.pass(Duration.ofHours(1));
    use("acme-dev", 7, meter.now());
    assertThat(last().limits().get(0).used()).isEqualByComparingTo("7");
  }

  @Test
  void aRaisedLimitFreesAndASoftOneIsNotToldAnyMore() {
    set(quota("hard", null, Enforcement.HARD, Kind.CALENDAR));
    use("acme-prod", 150, meter.now());
    assertThat(last().limits().get(0).isReached(meter.now())).isTrue();
    Quota hard = quota("hard", null, Enforcement.HARD, Kind.CALENDAR);
    set(
        new Quota(
            "hard",
            "acme",
            null,
            null,
            hard.metric(),
            hard.window(),
            new BigDecimal("200"),
            hard.thresholds(),
            null,
            Enforcement.HARD,
            Kind.CALENDAR,
            null));
    GateState.Limit raised = last().limits().get(0);
    assertThat(raised.used()).isEqualByComparingTo("150");
    assertThat(raised.isReached(meter.now())).isFalse();
    set(quota("hard", null, Enforcement.SOFT, Kind.CALENDAR));
    assertThat(last().limits()).isEmpty();
    use("acme-prod", 150, meter.now());
    assertThat(told()).isEmpty();
  }

  @Test
  void aPrepaidBalanceIsTold() {
    set(Account.Billing.PREPAID, AccountDetails.NONE);
    assertThat(last().balance()).isEqualByComparingTo("50");
    // A million of input costs 0.40.
    use("acme-prod", 100_000_000, meter.now());
    assertThat(last().balance()).isEqualByComparingTo("10");
    use("acme-prod", 25_000_000, meter.now());
    assertThat(last().balance()).isZero();
    meter.order(
        "more",
        "paid",
        Catalog.EMPTY,
        new Order.GrantCredit("acme", CreditKind.TOP_UP, new BigDecimal("5"), 100, null, null));
    meter.settle();
    assertThat(last().balance()).isEqualByComparingTo("5");
    set(Account.Billing.POSTPAID, AccountDetails.NONE);
    assertThat(last().stopsNothing()).isTrue();
  }

  /** Both directions, told before it happens, and after it the change that is next. */
  @Test
  void whatABalanceWillBeByItselfIsTold() {
    set(Account.Billing.PREPAID, AccountDetails.NONE);
    Instant begins = meter.now().plus(Duration.ofHours(1));
    Instant expires = meter.now().plus(Duration.ofHours(2));
    meter.order(
        "later",
        "paid",
        Catalog.EMPTY,
        new Order.GrantCredit("acme", CreditKind.TOP_UP, new BigDecimal("5"), 1, begins, expires));
    meter.settle();
    use("acme-prod", 125_000_000, meter.now());
    GateState before = last();
    assertThat(before.balance()).isZero();
    assertThat(before.next()).isEqualTo(new GateState.Next(begins, new BigDecimal("5")));
    assertThat(before.balance(begins.minusMillis(1))).isZero();
    assertThat(before.balance(begins)).isEqualByComparingTo("5");

    meter.pass(Duration.ofHours(1));
    meter.settle();
    GateState begun = last();
    assertThat(begun.balance()).isEqualByComparingTo("5");
    assertThat(begun.next()).isEqualTo(new GateState.Next(expires, BigDecimal.ZERO));
    meter.pass(Duration.ofHours(1));
    meter.settle();
    GateState expired = last();
    assertThat(expired.balance()).isZero();
    // The first credit is used up, so its end changes nothing.
    assertThat(expired.next())
        .isEqualTo(new GateState.Next(Instant.parse("2027-01-01T00:00:00Z"), BigDecimal.ZERO));
  }

  /** An account in which nothing happens after an upgrade would otherwise pass for ever. */
  @Test
  void whatWasNeverToldIsToldOnce() {
    set(Account.Billing.PREPAID, AccountDetails.NONE);
    assertThat(told()).hasSize(1);
    meter.forget("account-gates", "acme");
    meter.pass(Duration.ofSeconds(20));
    meter.settle();
    assertThat(last().balance()).isEqualByComparingTo("50");
    meter.pass(Duration.ofMinutes(1));
    assertThat(told()).isEmpty();
  }

  @Test
  void aTeamIsItsKeysOfTheMoment() {
    ApiKey prod = Meter.key("acme", "acme-prod", "sk-demo-00001");
    meter.command("team", Catalog.of(new Team("blue", "acme", "Blue")));
    meter.command("key", Catalog.of(inTeam(prod, "blue")));
    set(quota("team", "blue", Enforcement.HARD, Kind.CALENDAR));
    use("acme-prod", 40, meter.now());
    use("acme-dev", 1_000, meter.now());
    GateState.Limit limit = last().limits().get(0);
    assertThat(limit.team()).isEqualTo("blue");
    assertThat(limit.used()).isEqualByComparingTo("40");

    meter.command("in", Catalog.of(inTeam(Meter.key("acme", "acme-dev", "sk-demo-00002"), "blue")));
    use("acme-dev", 60, meter.now());
    assertThat(last().limits().get(0).used()).isEqualByComparingTo("100");
    assertThat(meter.read(Topics.ALERTS, Alert.class))
        .singleElement()
        .matches(alert -> alert.quota().equals("team") && alert.threshold() == 100);
    meter.command("out", Catalog.of(prod));
    use("acme-prod", 1_000, meter.now());
    assertThat(meter.read(Topics.ALERTS, Alert.class)).isEmpty();
  }

  private static ApiKey inTeam(ApiKey key, String team) {
    return new ApiKey(
        key.account(), key.name(), key.fingerprint(), key.lastFour(), team, null, null);
  }

  /** A gateway that logs the gate's word logs no key, and clients cannot make it up. */
  @Test
  void usageIsAttributedByWhatTheGateSigned() {
    String key = Meter.key("acme", "acme-prod", "sk-demo-00001").fingerprint();
    GateIdentity gate = GateIdentity.of(Meter.SECRET);
    GateIdentity stranger = GateIdentity.of(RootSecret.of("x".repeat(32).getBytes(UTF_8)));
    List<String> payers =
        List.of(
            gate.sign(key, NOW),
            stranger.sign(key, NOW),
            gate.sign(key, NOW.minus(Duration.ofHours(1))),
            gate.sign("ab".repeat(32), NOW));
    TokenCounts tokens = new TokenCounts(10, 0, 0, 0, 0);
    for (String payer : payers) {
      meter.ship(PlainParser.line(payer, "qwen-max", tokens, NOW, ++lines));
    }
    meter.settle();
    List<UsageEvent> events = meter.events();
    assertThat(events).hasSize(2);
    assertThat(events.get(0).account()).isEqualTo("acme");
    assertThat(events.get(0).usage().key()).isEqualTo("acme-prod");
    assertThat(events.get(0).usage().keyFingerprint()).isEqualTo(key);
    assertThat(events.get(0).usage().keyLastFour()).isNullOrEmpty();
    assertThat(events.get(1).usage().fate()).isEqualTo(Fate.UNATTRIBUTED);
    assertThat(events.get(1).usage().keyFingerprint()).isEqualTo("ab".repeat(32));
  }

  @Test
  void aSlidingQuotaFreesAsItsUsageLeaves() {
    set(quota("sliding", null, Enforcement.HARD, Kind.SLIDING));
    Instant first = meter.now();
    use("acme-prod", 60, first);
    meter.pass(Duration.ofMinutes(10));
    use("acme-prod", 60, meter.now());
    GateState.Limit reached = last().limits().get(0);
    assertThat(reached.used()).isEqualByComparingTo("120");
    // An hour after the minute of the first usage has ended.
    Instant free = Instant.parse("2026-11-20T11:01:00Z");
    assertThat(reached.until()).isEqualTo(free);

    meter.pass(Duration.between(meter.now(), free));
    use("acme-prod", 1, meter.now());
    GateState.Limit freed = last().limits().get(0);
    assertThat(freed.used()).isEqualByComparingTo("61");
    assertThat(freed.isReached(meter.now())).isFalse();
  }

  private static Quota sliding(String limit) {
    Quota quota = quota("sliding", null, Enforcement.SOFT, Kind.SLIDING);
    return new Quota(
        quota.id(),
        quota.account(),
        null,
        null,
        quota.metric(),
        quota.window(),
        new BigDecimal(limit),
        quota.thresholds(),
        null,
        quota.enforcement(),
        quota.kind(),
        null);
  }

  @Test
  void aSlidingLimitThatIsRaisedAndLoweredTellsNothingAgain() {
    set(sliding("100"));
    use("acme-prod", 120, meter.now());
    assertThat(meter.read(Topics.ALERTS, Alert.class)).hasSize(1);
    set(sliding("200"));
    set(sliding("100"));
    assertThat(meter.read(Topics.ALERTS, Alert.class)).isEmpty();

    meter.pass(Duration.ofMinutes(62));
    use("acme-prod", 120, meter.now());
    assertThat(meter.read(Topics.ALERTS, Alert.class)).hasSize(1);
  }
}
