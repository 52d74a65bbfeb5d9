package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

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

  /** As the loop does it: what follows is written, then seen. */
  private void create() {
    dispatcher.created(MESSAGE, Messages.NOW).forEach(deliveries::put);
  }

  private List<Dispatcher.Ended> tryOnce(int expected) throws InterruptedException {
    dispatcher.start(partition -> true);
    List<Dispatcher.Ended> ended = new ArrayList<>();
    while (ended.size() < expected) {
      ended.addAll(dispatcher.ended());
      Thread.sleep(5);
    }
    return ended;
  }

  private void record(List<Dispatcher.Ended> ended) {
    ended.forEach(one -> deliveries.put(one.after()));
    dispatcher.settled(ended);
  }

  private Delivery of(String recipient) {
    return deliveries.of(recipient).get(0).delivery();
  }

  @Test
  void theAccountsRecipientsAndTheOperatorsGetItOnce() throws Exception {
    create();
    assertThat(dispatcher.created(MESSAGE, Messages.NOW)).isEmpty();
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
    assertThat(dispatcher.created(MESSAGE, Messages.NOW.minus(Duration.ofDays(4)))).isEmpty();
    assertThat(dispatcher.created(MESSAGE, Messages.NOW.minusSeconds(61))).isEmpty();
    assertThat(dispatcher.created(MESSAGE, Messages.NOW.minusSeconds(59))).hasSize(2);
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
    assertThat(tryOnce(2)).hasSize(2);
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
    assertThat(dispatcher.created(MESSAGE, Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.MUTED);
    clock.now = Messages.NOW.plusSeconds(1);
    assertThat(dispatcher.created(MESSAGE, Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.PENDING);
    clock.now = Messages.NOW;
    assertThat(dispatcher.created(Messages.quota("a2", "globex"), Messages.NOW))
        .extracting(Delivery::status)
        .containsOnly(Status.PENDING);
  }

  @Test
  void tooManyThatWaitFailAtOnce() {
    for (int i = 0; i < Dispatcher.MOST_WAITING; i++) {
      deliveries.put(
          Delivery.fresh(ACMES, Messages.quota("w" + i, "acme"), Status.PENDING, Messages.NOW));
    }
    create();

    Delivery refused = deliveries.find(ACMES, Delivery.idOf(ACMES, MESSAGE)).delivery();
    assertThat(refused.status()).isEqualTo(Status.FAILED);
    assertThat(refused.tries().get(0).answer()).contains("wait for this recipient already");
    assertThat(of(OPERATORS).status()).isEqualTo(Status.PENDING);
  }

  @Test
  void theLogIsBounded() {
    for (int i = 0; i < Dispatcher.LONGEST_LOG + 3; i++) {
      deliveries.put(
          Delivery.fresh(
              ACMES, Messages.quota("w" + i, "acme"), Status.MUTED, Messages.NOW.plusSeconds(i)));
    }
    assertThat(dispatcher.forgotten(ACMES, InMemoryDeliveries.PARTITION))
        .extracting(delivery -> delivery.message().alert())
        .containsExactly("w0", "w1", "w2");
    assertThat(dispatcher.forgotten(ACMES, InMemoryDeliveries.PARTITION + 1)).isEmpty();
  }

  @Test
  void ordersSendAgainOrTryARecipient() throws Exception {
    create();
    record(tryOnce(2));
    String id = of(ACMES).id();
    Deliveries.Held again =
        dispatcher.ordered(
            new DeliveryOrder("o1", ACMES, id, Messages.NOW, "admin"),
            InMemoryDeliveries.PARTITION);
    assertThat(again.delivery().status()).isEqualTo(Status.PENDING);
    assertThat(again.delivery().id()).isEqualTo(id);
    assertThat(again.delivery().attempts()).isZero();
    assertThat(again.delivery().revision()).isEqualTo(of(ACMES).revision() + 1);

    DeliveryOrder test = new DeliveryOrder("o2", GLOBEXS, null, Messages.NOW, "admin");
    Deliveries.Held tried = dispatcher.ordered(test, 1);
    assertThat(tried.delivery().message().kind()).isEqualTo(AlertKind.TEST);
    assertThat(tried.delivery().id()).isEqualTo(Dispatcher.idOfTest(test));
    assertThat(
            dispatcher.ordered(
                new DeliveryOrder("o3", ACMES, "msg_none", Messages.NOW, "admin"), 1))
        .isNull();
  }

  @Test
  void aTestThatFailsIsNotTriedAgain() throws Exception {
    verdict = new Verdict(500, "no", false, false, null);
    DeliveryOrder test = new DeliveryOrder("o2", GLOBEXS, null, Messages.NOW, "admin");
    deliveries.put(dispatcher.ordered(test, 1).delivery());
    record(tryOnce(1));

    assertThat(of(GLOBEXS).status()).isEqualTo(Status.FAILED);
  }
}
