package dev.taximeter.api.webhooks;

import dev.taximeter.api.alerts.AlertMessages;
import dev.taximeter.api.alerts.Marks;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.settings.AlertSettings;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.Delivery.Status;
import dev.taximeter.contract.event.Delivery.Try;
import dev.taximeter.contract.event.DeliveryOrder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who gets which message, tries to hand it over, and says what came of it. All state is in
 * {@link Deliveries}: what was tried and not written down when the process dies is tried again,
 * under the same id. Asked by one thread; tries run in others.
 */
public final class Dispatcher implements AutoCloseable {
  /** Messages of a recipient that wait at once; further ones fail. Some 2 kB each. */
  static final int MOST_WAITING = 500;

  /** Finished deliveries that are kept of a recipient in each partition. */
  static final int LONGEST_LOG = 100;

  /** What nobody was told for so long is news no more. */
  static final Duration LONGEST_SILENCE = Duration.ofDays(3);

  /** Tries at once; each recipient has one, so that a slow one holds nobody else up. */
  private static final int MOST_AT_ONCE = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final CatalogView catalog;
  private final Deliveries deliveries;
  private final Marks marks;
  private final Secrets secrets;
  private final Couriers couriers;
  private final Disabling disabling;
  private final RetrySchedule schedule;
  private final Clock clock;
  private final ExecutorService tries;

  /** Recipients that are being tried. */
  private final Set<String> busy = ConcurrentHashMap.newKeySet();

  private final ConcurrentLinkedQueue<Ended> ended = new ConcurrentLinkedQueue<>();

  /** Changes when everything is begun anew: what began before does not count. */
  private final AtomicLong era = new AtomicLong();

  /** By which courier messages go. */
  record Couriers(Courier http, Courier mail) {
    Courier of(Recipient.Channel channel) {
      return channel == Recipient.Channel.EMAIL ? mail : http;
    }
  }

  /** Switches recipients off that want no more messages. */
  interface Disabling {
    /** {@return whether it is off} */
    boolean disable(String recipient, String reason);
  }

  /**
   * What a try has changed.
   *
   * @param recipient whom it was tried with
   * @param after the delivery as it is now
   */
  public record Ended(long era, String recipient, Delivery after, int partition) {}

  /** What delivers in a process of its own right. */
  public static Dispatcher of(
      AlertSettings settings,
      CatalogView catalog,
      CatalogWriter writer,
      Deliveries deliveries,
      Marks marks,
      Secrets secrets,
      Clock clock) {
    HttpCourier http = new HttpCourier(settings.privateReceivers());
    return new Dispatcher(
        catalog,
        deliveries,
        marks,
        secrets,
        new Couriers(http, new MailCourier(settings.mail())),
        (recipient, reason) -> disable(catalog, writer, recipient, reason),
        clock);
  }

  private static boolean disable(
      CatalogView catalog, CatalogWriter writer, String id, String reason) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Recipient recipient = snapshot.recipients().get(id);
    if (recipient == null || recipient.status() != Recipient.Status.ENABLED) {
      return true;
    }
    String record = "recipient/" + id;
    try {
      writer.write(
          Catalog.of(recipient.with(Recipient.Status.DISABLED, reason)),
          "delivery",
          reason,
          Map.of(record, snapshot.versionOf(record)));
      return true;
    } catch (ProblemException e) {
      LOG.warn("recipient {} answered 410 and cannot be disabled yet: {}", id, e.getMessage());
      return false;
    }
  }

  Dispatcher(
      CatalogView catalog,
      Deliveries deliveries,
      Marks marks,
      Secrets secrets,
      Couriers couriers,
      Disabling disabling,
      Clock clock) {
    this.catalog = catalog;
    this.deliveries = deliveries;
    this.marks = marks;
    this.secrets = secrets;
    this.couriers = couriers;
    this.disabling = disabling;
    this.schedule = new RetrySchedule(() -> ThreadLocalRandom.current().nextDouble());
    this.clock = clock;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MOST_AT_ONCE,
            MOST_AT_ONCE,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(MOST_AT_ONCE),
            work -> {
              Thread thread = new Thread(work, "delivery");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    this.tries = pool;
  }

  /**
   * Who gets a message: each recipient once, whatever is asked again.
   *
   * @param decided when the alert was decided
   */
  public List<Delivery> created(AlertMessage message, Instant decided) {
    Instant now = clock.instant();
    if (decided.isBefore(now.minus(LONGEST_SILENCE))) {
      LOG.warn("alert {} of {} is too old to be sent", message.alert(), decided);
      return List.of();
    }
    boolean muted = marks.mutes().stream().anyMatch(mark -> mark.mutes(message, now));
    List<Delivery> created = new ArrayList<>();
    for (Recipient recipient : catalog.snapshot().recipients().values()) {
      if (recipient.gets(message.kind(), message.account())
          && !decided.isBefore(recipient.createdAt())
          && deliveries.find(recipient.id(), Delivery.idOf(recipient.id(), message)) == null) {
        created.add(fresh(recipient, message, muted, now));
      }
    }
    return created;
  }

  private Delivery fresh(Recipient recipient, AlertMessage message, boolean muted, Instant now) {
    Delivery fresh =
        Delivery.fresh(recipient.id(), message, muted ? Status.MUTED : Status.PENDING, now);
    return muted || deliveries.pending(recipient.id()) < MOST_WAITING
        ? fresh
        : fresh.tried(
            new Try(
                now,
                0,
                null,
                "%d messages wait for this recipient already".formatted(MOST_WAITING),
                false),
            Status.FAILED,
            null);
  }

  /** {@return what an order makes of a delivery; null if there is nothing to do} */
  public Deliveries.@Nullable Held ordered(DeliveryOrder order, int partition) {
    Recipient recipient = catalog.snapshot().recipients().get(order.recipient());
    if (recipient == null || recipient.status() != Recipient.Status.ENABLED) {
      return null;
    }
    Instant now = clock.instant();
    String id = order.delivery();
    if (id == null) {
      AlertMessage message = AlertMessages.test(order.id(), order.author(), order.at());
      Delivery test = Delivery.fresh(recipient.id(), message, Status.PENDING, now);
      return deliveries.find(recipient.id(), test.id()) == null
          ? new Deliveries.Held(test, partition)
          : null;
    }
    Deliveries.Held held = deliveries.find(recipient.id(), id);
    return held == null || held.partition() != partition
        ? null
        : new Deliveries.Held(held.delivery().again(now), partition);
  }

  /** {@return id of the delivery that an order without one makes} */
  static String idOfTest(DeliveryOrder order) {
    return Delivery.idOf(
        order.recipient(), AlertMessages.test(order.id(), order.author(), order.at()));
  }

  /** {@return finished deliveries of a recipient that are not kept any longer} */
  public List<Delivery> forgotten(String recipient, int partition) {
    List<Delivery> finished =
        deliveries.of(recipient).stream()
            .filter(held -> held.partition() == partition)
            .map(Deliveries.Held::delivery)
            .filter(delivery -> delivery.status() != Status.PENDING)
            .sorted(Comparator.comparing(Delivery::createdAt))
            .toList();
    return finished.subList(0, Math.max(0, finished.size() - LONGEST_LOG));
  }

  /** {@return what tries have changed since it was asked last} */
  public List<Ended> ended() {
    List<Ended> all = new ArrayList<>();
    for (Ended one = ended.poll(); one != null; one = ended.poll()) {
      if (one.era == era.get()) {
        all.add(one);
      }
    }
    return all;
  }

  /** What a try has changed can be seen in {@link Deliveries}: the recipient can be tried again. */
  public void settled(List<Ended> settled) {
    settled.forEach(one -> busy.remove(one.recipient()));
  }

  /** Forgets what is under way: it will be tried again. */
  public void reset() {
    era.incrementAndGet();
    ended.clear();
    busy.clear();
  }

  /** Begins to try what is due. */
  public void start(IntPredicate partitions) {
    if (busy.size() >= MOST_AT_ONCE) {
      return;
    }
    for (Deliveries.Held held : deliveries.due(clock.instant(), partitions)) {
      if (busy.size() >= MOST_AT_ONCE) {
        return;
      }
      String recipient = held.delivery().recipient();
      if (busy.add(recipient)) {
        long begun = era.get();
        tries.execute(() -> attempt(held, begun));
      }
    }
  }

  private void attempt(Deliveries.Held held, long begun) {
    Delivery after;
    try {
      after = tried(held.delivery());
    } catch (RuntimeException e) {
      LOG.error("delivery {} cannot be tried", held.delivery().id(), e);
      after = after(held.delivery(), Verdict.failed("a defect of Taximeter"), clock.instant(), 0);
    }
    ended.add(new Ended(begun, after.recipient(), after, held.partition()));
  }

  private Delivery tried(Delivery delivery) {
    Instant at = clock.instant();
    Recipient recipient = catalog.snapshot().recipients().get(delivery.recipient());
    if (recipient == null || recipient.status() != Recipient.Status.ENABLED) {
      return delivery.tried(
          new Try(at, 0, null, "the recipient is not enabled", false), Status.FAILED, null);
    }
    long began = System.nanoTime();
    Verdict verdict =
        couriers
            .of(recipient.channel())
            .send(secrets.opened(recipient, at), delivery.id(), delivery.message(), at);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    if (verdict.gone() && disabling.disable(recipient.id(), "it answered 410 Gone")) {
      return delivery.tried(
          new Try(at, millis, verdict.status(), verdict.answer(), false), Status.FAILED, null);
    }
    return after(delivery, verdict, at, millis);
  }

  private Delivery after(Delivery delivery, Verdict verdict, Instant at, long millis) {
    Try done = new Try(at, millis, verdict.status(), verdict.answer(), verdict.accepted());
    if (verdict.accepted()) {
      return delivery.tried(done, Status.DELIVERED, null);
    }
    // Who tries a recipient looks at what comes of it, and tries again.
    Instant next =
        delivery.message().kind() == AlertKind.TEST
            ? null
            : schedule.next(delivery.attempts() + 1, verdict.retryAfter(), at.plusMillis(millis));
    return delivery.tried(done, next == null ? Status.FAILED : Status.PENDING, next);
  }

  @Override
  public void close() {
    tries.shutdownNow();
  }
}
