package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.alerts.InMemoryIncidents;
import dev.taximeter.api.alerts.InMemoryMarks;
import dev.taximeter.api.catalog.InMemoryCatalog;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.event.AlertMark;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.Delivery.Status;
import dev.taximeter.contract.event.DeliveryOrder;
import dev.taximeter.contract.event.Incident;
import dev.taximeter.contract.security.RootSecret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets what, how often it is tried, and what a death between a try and its record costs. */
@Timeout(60)
class DispatcherTest {
  private static final String ACMES = "rcp_00000000000000a1";
  private static final String GLOBEXS = "rcp_00000000000000b2";
  private static final String OPERATORS = "rcp_00000000000000c3";
  private static final AlertMessage MESSAGE = Messages.quota("a1", "acme");

  private final InMemoryCatalog catalog = new InMemoryCatalog();
  private final InMemoryDeliveries deliveries = new InMemoryDeliveries();
  private final InMemoryMarks marks = new InMemoryMarks();
  private final InMemoryIncidents incidents = new InMemoryIncidents();
  private final Secrets secrets = new Secrets(RootSecret.of(new byte[32]));
  private final Ticking clock = new Ticking();
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final List<String> disabled = new ArrayList<>();
  private volatile Verdict verdict = Verdict.accepted("ok");
  private volatile boolean canDisable = true;
  private volatile CountDownLatch hold = new CountDownLatch(0);
  private Dispatcher dispatcher;

  private static final class Ticking extends Clock {
    private volatile Instant now = Messages.NOW;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void start() throws Exception {
    load(recipient(ACMES, "acme"));
    load(recipient(GLOBEXS, "globex"));
    load(recipient(OPERATORS, null));
    dispatcher = dispatcher();
  }

  @AfterEach
  void stop() {
    dispatcher.close();
  }

  private Dispatcher dispatcher() {
    Courier courier =
        (to, id, message, now) -> {
          sent.add(id);
          held();
          return verdict;
        };
    return new Dispatcher(
        catalog,
        deliveries,
        marks,
        incidents,
        secrets,
        new Dispatcher.Couriers(courier, courier),
        (recipient, reason) -> {
          disabled.add(recipient + " " + reason);
          return canDisable;
        },
        clock);
  }

  /** A receiver that takes its time, if a test says so. */
  private void held() {
    try {
      if (!hold.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody let go");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Recipient recipient(String id, String account) {
    return Messages.recipient(secrets, id, account, Channel.WEBHOOK, "https://hooks.example.com/x");
  }

  private void load(Recipient recipient) throws Exception {
    catalog.decide(
        new Command("c", "test", "", Instant.EPOCH, Catalog.of(recipient), List.of(), Map.of()),
        Duration.ZERO);
  }

  private Draft draft() {
    return new Draft(deliveries, partition -> true);
  }

  private void write(Draft draft) {
    draft.changed().forEach(held -> deliveries.put(held.delivery()));
  }

  private List<Delivery> created(AlertMessage message, Instant decided) {
    Draft draft = draft();
    dispatcher.create(message, decided, InMemoryDeliveries.PARTITION, draft);
    return draft.changed().stream().map(Deliveries.Held::delivery).toList();
  }

  /** As the loop does it: what follows is written, then seen. */
  private void create(AlertMessage message) {
    created(message, clock.instant()).forEach(deliveries::put);
  }

  private void create() {
    created(MESSAGE, Messages.NOW).forEach(deliveries::put);
  }

  /** Until so much was tried and the turns of all who were tried are over. */
  private List<Dispatcher.Ended> tryOnce(int expected) throws InterruptedException {
    List<Dispatcher.Ended> ended = new ArrayList<>();
    while (ended.stream().filter(one -> one.tried() != null).count() < expected
        || turnsUnderWay(ended) > 0) {
      dispatcher.start(partition -> true);
      ended.addAll(dispatcher.ended());
      Thread.sleep(5);
    }
    return ended;
  }

  private static long turnsUnderWay(List<Dispatcher.Ended> ended) {
    long begun = ended.stream().map(Dispatcher.Ended::recipient).distinct().count();
    return begun - ended.stream().filter(one -> one.tried() == null).count();
  }

  private void record(List<Dispatcher.Ended> ended) {
    Draft draft = draft();
    dispatcher.settle(ended, draft);
    write(draft);
    dispatcher.settled();
  }

  private Delivery of(String recipient) {
    return deliveries.of(recipient).get(0).delivery();
  }

  @Test
  void theAccountsRecipientsAndTheOperatorsGetItOnce() throws Exception {
    create();
    assertThat(created(MESSAGE, Messages.NOW)).isEmpty();
    record(tryOnce(2));

    assertThat(deliveries.of(GLOBEXS)).isEmpty();
    assertThat(of(ACMES).status()).isEqualTo(Status.DELIVERED);
    assertThat(of(OPERATORS).tries()).hasSize(1);
    assertThat(sent).containsExactlyInAnyOrder(of(ACMES).id(), of(OPERATORS).id());
    assertThat(of(ACMES).id()).isNotEqualTo(of(OPERATORS).id());
  }

  @Test
  void kindsThatNobodyAskedForAreNotSent() throws Exception {
    Recipient acmes = recipient(ACMES, "acme");
    load(
        acmes.with(
            acmes.name(),
            acmes.address(),
            acmes.shown(),
            null,
            "",
            List.of(AlertKind.BALANCE_LOW)));
    load(recipient(OPERATORS, null).with(Recipient.Status.DISABLED, "x"));
    create();

    assertThat(deliveries.of(ACMES)).isEmpty();
    assertThat(deliveries.of(OPERATORS)).isEmpty();
  }

  @Test
  void oldNewsIsNotSentNorWhatWasBeforeTheRecipient() {
    assertThat(created(MESSAGE, Messages.NOW.minus(Duration.ofDays(4)))).isEmpty();
    assertThat(created(MESSAGE, Messages.NOW.minusSeconds(61))).isEmpty();
    assertThat(created(MESSAGE, Messages.NOW.minusSeconds(59))).hasSize(2);
  }

  @Test
  void aFailureIsTriedAgainLaterUnderTheSameId() throws Exception {
    verdict = new Verdict(500, "no", false, false, null);
    create();
    record(tryOnce(2));
    assertThat(of(ACMES).status()).isEqualTo(Status.PENDING);
    assertThat(of(ACMES).nextTry())
        .isBetween(Messages.NOW.plusSeconds(4), Messages.NOW.plusSeconds(7));
    dispatcher.start(partition -> true);
    Thread.sleep(50);
    assertThat(sent).as("not before its time").hasSize(2);

    clock.now = Messages.NOW.plusSeconds(10);
    verdict = Verdict.accepted("ok");
    record(tryOnce(2));

    assertThat(of(ACMES).status()).isEqualTo(Status.DELIVERED);
    assertThat(of(ACMES).tries()).extracting(Delivery.Try::accepted).containsExactly(false, true);
    assertThat(sent).filteredOn(of(ACMES).id()::equals).hasSize(2);
  }

  @Test
  void itEndsAfterTheLastTry() throws Exception {
    verdict = new Verdict(500, "no", false, false, null);
    create();
    for (int i = 0; i < RetrySchedule.MOST_ATTEMPTS; i++) {
      record(tryOnce(2));
      clock.now = clock.now.plus(Duration.ofDays(2));
    }
    assertThat(of(ACMES).status()).isEqualTo(Status.FAILED);
    assertThat(of(ACMES).nextTry()).isNull();
  }

  @Test
  void whatWasTriedAndNotWrittenDownIsTriedAgainUnderTheSameId() throws Exception {
    create();
    tryOnce(2); // The process dies here: nothing of it was written.
    dispatcher.close();
    dispatcher = dispatcher();
    record(tryOnce(2));

    assertThat(sent).filteredOn(of(ACMES).id()::equals).hasSize(2);
    assertThat(of(ACMES).status()).isEqualTo(Status.DELIVERED);
    assertThat(of(ACMES).tries()).hasSize(1);
  }

  @Test
  void whatBeganBeforeAResetDoesNotCount() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    hold = first;
    create();
    dispatcher.start(partition -> true);
    while (sent.size() < 2) {
      Thread.sleep(5);
    }
    dispatcher.reset();
    hold = new CountDownLatch(0);
    first.countDown();
    Thread.sleep(100);

    assertThat(dispatcher.ended()).isEmpty();
    record(tryOnce(2));
    assertThat(of(ACMES).tries()).hasSize(1);
  }

  @Test
  void partitionsOfOthersAreNotTouched() throws Exception {
    create();
    dispatcher.start(partition -> partition != InMemoryDeliveries.PARTITION);
    Thread.sleep(50);

    assertThat(sent).isEmpty();
  }

  @Test
  void whoIsGoneIsDisabled() throws Exception {
    load(recipient(OPERATORS, null).removed());
    verdict = new Verdict(410, "gone", false, true, null);
    create();
    record(tryOnce(1));

    assertThat(disabled).containsExactly(ACMES + " it answered 410 Gone");
    assertThat(of(ACMES).status()).isEqualTo(Status.FAILED);
  }

  @Test
  void whoCannotBeDisabledYetIsTriedAgain() throws Exception {
    load(recipient(OPERATORS, null).removed());
    canDisable = false;
    verdict = new Verdict(410, "gone", false, true, null);
    create();
    record(tryOnce(1));

    assertThat(of(ACMES).status()).isEqualTo(Status.PENDING);
  }

  @Test
  void whatIsMutedIsNotSent() {
    marks.write(
        new AlertMark(
            AlertMark.Type.MUTE,
            "m1",
            "acme",
            AlertKind.QUOTA,
            null,
            Messages.NOW,
            Messages.NOW.plusSeconds(1),
            "admin",
            ""));
    assertThat(created(MESSAGE, Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.MUTED);
    clock.now = Messages.NOW.plusSeconds(1);
    assertThat(created(MESSAGE, Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.PENDING);
    clock.now = Messages.NOW;
    assertThat(created(Messages.quota("a2", "globex"), Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.PENDING);
  }

  @Test
  void whoDoesNotTakeMessagesGetsNoMoreThanItsShare() {
    for (int i = 0; i < Dispatcher.MOST_WAITING; i++) {
      deliveries.put(
          Delivery.fresh(ACMES, Messages.quota("w" + i, "acme"), Status.PENDING, Messages.NOW));
    }
    create();

    Delivery refused = deliveries.find(ACMES, Delivery.idOf(ACMES, MESSAGE)).delivery();
    assertThat(refused.status()).isEqualTo(Status.FAILED);
    assertThat(refused.tries().get(0).answer()).contains("does not take messages");
    assertThat(of(OPERATORS).status()).isEqualTo(Status.PENDING);
  }

  /** As the loop does it: alerts are taken while there is room, and nothing of them fails. */
  @Test
  void aBurstArrivesWholly() throws Exception {
    int alerts = 2_000;
    int taken = 0;
    boolean wasFull = false;
    int rounds = 0;
    while (sent.size() < 2 * alerts) {
      boolean full = dispatcher.isFull(partition -> true);
      wasFull |= full;
      Draft draft = draft();
      dispatcher.settle(dispatcher.ended(), draft);
      for (int i = 0; i < 100 && !full && taken < alerts; i++) {
        dispatcher.create(
            Messages.quota("a" + taken++, "acme"),
            Messages.NOW,
            InMemoryDeliveries.PARTITION,
            draft);
      }
      write(draft);
      dispatcher.settled();
      dispatcher.start(partition -> true);
      Thread.sleep(2);
      rounds++;
    }
    while (!deliveries.waiting().isEmpty()) {
      record(dispatcher.ended());
      Thread.sleep(5);
    }

    assertThat(wasFull).isTrue();
    assertThat(rounds).isLessThan(alerts);
    assertThat(deliveries.of(ACMES))
        .hasSize(alerts)
        .allMatch(held -> held.delivery().status() == Status.DELIVERED);
    assertThat(deliveries.of(OPERATORS))
        .hasSize(alerts)
        .allMatch(held -> held.delivery().status() == Status.DELIVERED);
    assertThat(sent).doesNotHaveDuplicates();
  }

  @Test
  void whoFailsHoldsNobodyElseUp() throws Exception {
    for (int i = 0; i < Dispatcher.MOST_DUE; i++) {
      deliveries.put(
          Delivery.fresh(ACMES, Messages.quota("w" + i, "acme"), Status.PENDING, Messages.NOW));
    }
    assertThat(dispatcher.isFull(partition -> true)).isTrue();
    verdict = new Verdict(500, "no", false, false, null);
    record(tryOnce(1));

    assertThat(sent).as("it is left alone after a failure").hasSize(1);
    assertThat(dispatcher.isFull(partition -> true)).isFalse();
    dispatcher.start(partition -> true);
    Thread.sleep(50);
    assertThat(sent).hasSize(1);
  }

  @Test
  void whoSaysWhenIsLeftAloneUntilThen() throws Exception {
    load(recipient(OPERATORS, null).removed());
    verdict = new Verdict(429, "slowly", false, false, Duration.ofMinutes(10));
    create();
    create(Messages.quota("a2", "acme"));
    record(tryOnce(1));
    clock.now = Messages.NOW.plus(Duration.ofMinutes(9));
    dispatcher.start(partition -> true);
    Thread.sleep(50);
    assertThat(sent).as("no other message, either").hasSize(1);
    clock.now = Messages.NOW.plus(Duration.ofMinutes(11));
    verdict = Verdict.accepted("ok");
    record(tryOnce(2));
    assertThat(deliveries.of(ACMES)).allMatch(it -> it.delivery().status() == Status.DELIVERED);
  }

  @Test
  void robotsGetOneAtATime() throws Exception {
    load(
        Messages.recipient(
            secrets, OPERATORS, null, Channel.DINGTALK, "https://oapi.dingtalk.com/x"));
    load(recipient(ACMES, "acme").removed());
    create();
    create(Messages.quota("a2", "acme"));
    record(tryOnce(1));
    dispatcher.start(partition -> true);
    Thread.sleep(50);
    assertThat(sent).hasSize(1);
    clock.now = Messages.NOW.plusSeconds(4);
    record(tryOnce(1));
    assertThat(sent).hasSize(2);
  }

  private static AlertMessage gap(boolean over) {
    return new AlertMessage(
        "g1",
        AlertKind.GAP,
        over,
        null,
        "h:/a",
        "Missing bytes",
        "text",
        Messages.NOW,
        over ? Messages.NOW.plusSeconds(60) : null,
        Map.of());
  }

  private Delivery of(AlertMessage message) {
    Deliveries.Held held = deliveries.find(OPERATORS, Delivery.idOf(OPERATORS, message));
    return held == null ? null : held.delivery();
  }

  @Test
  void theEndIsToldToWhoWasToldOfTheBeginningWhateverIsMuted() throws Exception {
    create(gap(false));
    record(tryOnce(1));
    mute();
    clock.now = Messages.NOW.plusSeconds(60);
    create(gap(true));

    assertThat(of(gap(true)).status()).isEqualTo(Status.PENDING);
    assertThat(deliveries.of(ACMES)).isEmpty();
  }

  @Test
  void theEndIsNotToldToWhoWasNotToldOfTheBeginning() {
    mute();
    create(gap(false));
    create(gap(true));

    assertThat(of(gap(false)).status()).isEqualTo(Status.MUTED);
    assertThat(of(gap(true))).isNull();
  }

  private void mute() {
    marks.write(
        new AlertMark(
            AlertMark.Type.MUTE,
            "m1",
            null,
            AlertKind.GAP,
            null,
            Messages.NOW,
            Messages.NOW.plusSeconds(600),
            "admin",
            ""));
  }

  @Test
  void anEndOvertakesItsBeginningOnlyByTakingItsPlace() throws Exception {
    verdict = new Verdict(500, "no", false, false, null);
    create(gap(false));
    record(tryOnce(1));
    verdict = Verdict.accepted("ok");
    clock.now = Messages.NOW.plusSeconds(60);
    create(gap(true));

    assertThat(of(gap(false)).status()).isEqualTo(Status.SUPERSEDED);
    record(tryOnce(1));
    assertThat(of(gap(true)).status()).isEqualTo(Status.DELIVERED);
    clock.now = Messages.NOW.plus(Duration.ofDays(1));
    dispatcher.start(partition -> true);
    Thread.sleep(50);
    assertThat(sent).hasSize(2);
  }

  @Test
  void aBeginningThatIsUnderWayWhenItIsOverCountsIfItArrives() throws Exception {
    create(gap(false));
    List<Dispatcher.Ended> ended = tryOnce(1);
    clock.now = Messages.NOW.plusSeconds(60);
    create(gap(true));
    record(ended);

    assertThat(of(gap(false)).status()).isEqualTo(Status.DELIVERED);
    assertThat(of(gap(true)).status()).isEqualTo(Status.PENDING);
  }

  @Test
  void whatIsSentAgainDuringATryIsSentAgain() throws Exception {
    load(recipient(OPERATORS, null).removed());
    create();
    List<Dispatcher.Ended> ended = tryOnce(1);
    Draft draft = draft();
    dispatcher.order(
        new DeliveryOrder("o1", ACMES, of(ACMES).id(), Messages.NOW, "admin"),
        InMemoryDeliveries.PARTITION,
        draft);
    dispatcher.settle(ended, draft);
    write(draft);
    dispatcher.settled();

    assertThat(of(ACMES).status()).isEqualTo(Status.PENDING);
    assertThat(of(ACMES).tries()).hasSize(1);
    record(tryOnce(1));
    assertThat(sent).hasSize(2);
    assertThat(of(ACMES).status()).isEqualTo(Status.DELIVERED);
  }

  @Test
  void alertManagersAreToldAgainWhileItLasts() throws Exception {
    load(Messages.recipient(secrets, OPERATORS, null, Channel.ALERTMANAGER, "https://a.example/"));
    Incident open =
        new Incident("g1", 1, AlertKind.GAP, null, "h:/a", "text", Map.of(), Messages.NOW, null);
    incidents.put(open);
    create(gap(false));
    record(tryOnce(1));
    clock.now = Messages.NOW.plus(Dispatcher.REPEATED_AFTER).minusSeconds(1);
    assertThat(repeated()).isEmpty();
    clock.now = Messages.NOW.plus(Dispatcher.REPEATED_AFTER);
    assertThat(repeated()).extracting(Delivery::status).containsExactly(Status.PENDING);
    incidents.put(open.resolved(clock.now));
    assertThat(repeated()).isEmpty();
  }

  private List<Delivery> repeated() {
    Draft draft = draft();
    dispatcher.repeat(draft);
    return draft.changed().stream().map(Deliveries.Held::delivery).toList();
  }

  @Test
  void ofRemovedRecipientsNothingIsKept() throws Exception {
    create();
    load(recipient(ACMES, "acme").removed());

    assertThat(dispatcher.orphans(draft()))
        .extracting(held -> held.delivery().recipient())
        .containsExactly(ACMES);
    assertThat(dispatcher.orphans(new Draft(deliveries, partition -> false))).isEmpty();
  }

  @Test
  void turnsThatGoOnWhenEverythingBeginsAnewDoNotOverflow() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    hold = released;
    create();
    for (int i = 0; i < 50; i++) {
      dispatcher.start(partition -> true);
      dispatcher.reset();
    }
    while (sent.size() < 2) {
      Thread.sleep(5);
    }
    Thread.sleep(50);
    assertThat(sent).as("one try of each").hasSize(2);
    hold = new CountDownLatch(0);
    released.countDown();
    Thread.sleep(50);
    record(tryOnce(2));
    assertThat(of(ACMES).status()).isEqualTo(Status.DELIVERED);
  }

  @Test
  void theLogIsBounded() {
    for (int i = 0; i < Dispatcher.LONGEST_LOG + 3; i++) {
      deliveries.put(
          Delivery.fresh(
              ACMES, Messages.quota("w" + i, "acme"), Status.MUTED, Messages.NOW.plusSeconds(i)));
    }
    assertThat(dispatcher.forgotten(ACMES, InMemoryDeliveries.PARTITION, draft()))
        .extracting(delivery -> delivery.message().alert())
        .containsExactly("w0", "w1", "w2");
    assertThat(dispatcher.forgotten(ACMES, InMemoryDeliveries.PARTITION + 1, draft())).isEmpty();
  }

  private Deliveries.Held ordered(DeliveryOrder order, int partition) {
    Draft draft = draft();
    dispatcher.order(order, partition, draft);
    return draft.changed().isEmpty() ? null : draft.changed().get(0);
  }

  @Test
  void ordersSendAgainOrTryARecipient() throws Exception {
    create();
    record(tryOnce(2));
    String id = of(ACMES).id();
    Deliveries.Held again =
        ordered(
            new DeliveryOrder("o1", ACMES, id, Messages.NOW, "admin"),
            InMemoryDeliveries.PARTITION);
    assertThat(again.delivery().status()).isEqualTo(Status.PENDING);
    assertThat(again.delivery().id()).isEqualTo(id);
    assertThat(again.delivery().attempts()).isZero();
    assertThat(again.delivery().revision()).isEqualTo(of(ACMES).revision() + 1);

    DeliveryOrder test = new DeliveryOrder("o2", GLOBEXS, null, Messages.NOW, "admin");
    Deliveries.Held tried = ordered(test, 1);
    assertThat(tried.delivery().message().kind()).isEqualTo(AlertKind.TEST);
    assertThat(tried.delivery().id()).isEqualTo(Dispatcher.idOfTest(test));
    assertThat(ordered(new DeliveryOrder("o3", ACMES, "msg_none", Messages.NOW, "admin"), 1))
        .isNull();
  }

  @Test
  void aTestThatFailsIsNotTriedAgain() throws Exception {
    verdict = new Verdict(500, "no", false, false, null);
    DeliveryOrder test = new DeliveryOrder("o2", GLOBEXS, null, Messages.NOW, "admin");
    deliveries.put(ordered(test, 1).delivery());
    record(tryOnce(1));

    assertThat(of(GLOBEXS).status()).isEqualTo(Status.FAILED);
  }
}
