package dev.taximeter.api.webhooks;

import dev.taximeter.api.alerts.AlertMessages;
import dev.taximeter.api.alerts.Incidents;
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
import dev.taximeter.contract.event.Incident;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
  /**
   * Messages that are due at once of a recipient that keeps up: beyond, no further alerts are taken
   * until it has got some. Some 2 kB each.
   */
  static final int MOST_DUE = 500;

  /**
   * Messages that wait of a recipient that does not keep up: others must not wait for it, so
   * further ones are not sent by themselves.
   */
  static final int MOST_WAITING = 1_000;

  /** Finished deliveries that are kept of a recipient in each partition. */
  static final int LONGEST_LOG = 100;

  /** What nobody was told for so long is news no more. */
  static final Duration LONGEST_SILENCE = Duration.ofDays(3);

  /** Recipients at once; each has one thread, so that a slow one holds nobody else up. */
  private static final int MOST_AT_ONCE = 16;

  /** Messages that a recipient gets one after the other before what came of it is looked at. */
  private static final int MOST_IN_A_TURN = 50;

  /** No further message of a turn is begun later. */
  private static final Duration LONGEST_TURN = Duration.ofSeconds(2);

  /** An alert manager is told again before it forgets; {@link Shapes} says when that is. */
  static final Duration REPEATED_AFTER = Duration.ofHours(6);

  /** Records that are changed at once for the sake of order. */
  private static final int MOST_CHORES = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final CatalogView catalog;
  private final Deliveries deliveries;
  private final Marks marks;
  private final Incidents incidents;
  private final Secrets secrets;
  private final Couriers couriers;
  private final Disabling disabling;
  private final RetrySchedule schedule;
  private final Clock clock;
  private final ExecutorService tries;

  /** How fast recipients take messages. */
  private final Map<String, Pace> paces = new ConcurrentHashMap<>();

  // Guarded by the lock.
  private final Object lock = new Object();

  /** Recipients that are being tried, or of whose tries not everything is written yet. */
  private final Set<String> busy = new HashSet<>();

  private final List<Ended> ended = new ArrayList<>();

  /** Recipients whose turns are over, and of which what has ended was handed out. */
  private final Set<String> resting = new HashSet<>();

  /** Changes when everything is begun anew: what began before does not count. */
  private long era;

  /** By which courier messages go. */
  record Couriers(Courier http, Courier mail) implements AutoCloseable {
    @Override
    public void close() {
      if (http instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          LOG.debug("connections to receivers were not closed", e);
        }
      }
    }

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
   * What came of a try, or that a recipient's turn is over.
   *
   * @param recipient whom it was tried with
   * @param tried null if the turn is over
   */
  public record Ended(String recipient, @Nullable Tried tried) {}

  /**
   * What came of a try.
   *
   * @param before the delivery as it was
   * @param then what becomes of it, if nobody else has changed it meanwhile
   * @param next when it is tried again; null if it is not
   */
  public record Tried(Deliveries.Held before, Try done, Status then, @Nullable Instant next) {}

  /** What delivers in a process of its own right. */
  public static Dispatcher of(
      AlertSettings settings,
      CatalogView catalog,
      CatalogWriter writer,
      Deliveries deliveries,
      Marks marks,
      Incidents incidents,
      Secrets secrets,
      Clock clock) {
    HttpCourier http = new HttpCourier(settings.privateReceivers());
    return new Dispatcher(
        catalog,
        deliveries,
        marks,
        incidents,
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
      Incidents incidents,
      Secrets secrets,
      Couriers couriers,
      Disabling disabling,
      Clock clock) {
    this.catalog = catalog;
    this.deliveries = deliveries;
    this.marks = marks;
    this.incidents = incidents;
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
   * Decides who gets a message: each recipient once, whatever is asked again.
   *
   * @param decided when the alert was decided
   * @param partition whose owner delivers it
   */
  public void create(AlertMessage message, Instant decided, int partition, Draft draft) {
    Instant now = clock.instant();
    if (decided.isBefore(now.minus(LONGEST_SILENCE))) {
      LOG.warn("alert {} of {} is too old to be sent", message.alert(), decided);
      return;
    }
    for (Recipient recipient : catalog.snapshot().recipients().values()) {
      String id = Delivery.idOf(recipient.id(), message);
      if (recipient.status() == Recipient.Status.ENABLED
          && draft.find(recipient.id(), id) == null) {
        if (message.resolved()) {
          end(recipient, message, partition, now, draft);
        } else if (recipient.gets(message.kind(), message.account())
            && !decided.isBefore(recipient.createdAt())) {
          boolean muted = marks.mutes().stream().anyMatch(mark -> mark.mutes(message, now));
          draft.put(fresh(recipient, message, muted, now, draft), partition);
        }
      }
    }
  }

  /** Who was told of the beginning, or is about to be, is told of the end; mutes or not. */
  private static void end(
      Recipient recipient, AlertMessage message, int partition, Instant now, Draft draft) {
    Deliveries.Held beginning =
        draft.find(recipient.id(), Delivery.idOfBeginning(recipient.id(), message));
    Delivery told = beginning == null ? null : beginning.delivery();
    boolean concerned =
        told == null
            // The log is bounded: of what began long ago it says nothing.
            ? recipient.gets(message.kind(), message.account())
                && !message.startsAt().isBefore(recipient.createdAt())
            : told.status() == Status.PENDING || told.hasArrived();
    if (!concerned) {
      return;
    }
    if (told != null && told.status() == Status.PENDING) {
      // It would come behind its end.
      draft.put(told.superseded(), partition);
    }
    draft.put(Delivery.fresh(recipient.id(), message, Status.PENDING, now), partition);
  }

  private static Delivery fresh(
      Recipient recipient, AlertMessage message, boolean muted, Instant now, Draft draft) {
    Delivery fresh =
        Delivery.fresh(recipient.id(), message, muted ? Status.MUTED : Status.PENDING, now);
    return muted || draft.pending(recipient.id()) < MOST_WAITING
        ? fresh
        : fresh.tried(
            new Try(
                now,
                0,
                null,
                "it does not take messages, and %,d wait for it already".formatted(MOST_WAITING),
                false),
            Status.FAILED,
            null);
  }

  /**
   * {@return whether somebody who keeps up has so much to get that no further alerts should be
   * taken for the moment}
   */
  public boolean isFull(IntPredicate partitions) {
    Instant now = clock.instant();
    Map<String, Recipient> recipients = catalog.snapshot().recipients();
    for (String id : deliveries.waiting()) {
      Recipient recipient = recipients.get(id);
      if (recipient != null
          && deliveries.pending(id) >= MOST_DUE
          && keepsUp(recipient)
          && deliveries.due(id, now, partitions, MOST_DUE).size() >= MOST_DUE) {
        return true;
      }
    }
    return false;
  }

  private boolean keepsUp(Recipient recipient) {
    Pace pace = paces.get(recipient.id());
    return Pace.spacing(recipient.channel()).isZero()
        && (pace == null || pace.quick() || !pace.address().equals(recipient.address()));
  }

  /** Does what an order says, if it can be done. */
  public void order(DeliveryOrder order, int partition, Draft draft) {
    Recipient recipient = catalog.snapshot().recipients().get(order.recipient());
    if (recipient == null || recipient.status() != Recipient.Status.ENABLED) {
      return;
    }
    Instant now = clock.instant();
    String id = order.delivery();
    if (id == null) {
      AlertMessage message = AlertMessages.test(order.id(), order.author(), order.at());
      Delivery test = Delivery.fresh(recipient.id(), message, Status.PENDING, now);
      if (draft.find(recipient.id(), test.id()) == null) {
        draft.put(test, partition);
      }
      return;
    }
    Deliveries.Held held = draft.find(recipient.id(), id);
    if (held != null && held.partition() == partition) {
      draft.put(held.delivery().again(now), partition);
    }
  }

  /** {@return id of the delivery that an order without one makes} */
  static String idOfTest(DeliveryOrder order) {
    return Delivery.idOf(
        order.recipient(), AlertMessages.test(order.id(), order.author(), order.at()));
  }

  /** {@return finished deliveries of a recipient that are not kept any longer} */
  public List<Delivery> forgotten(String recipient, int partition, Draft draft) {
    boolean repeats = isAlertManager(catalog.snapshot().recipients().get(recipient));
    List<Delivery> finished =
        deliveries.of(recipient).stream()
            .filter(held -> held.partition() == partition)
            .map(Deliveries.Held::delivery)
            .filter(delivery -> delivery.status() != Status.PENDING)
            .filter(delivery -> !draft.isChanged(delivery))
            .filter(delivery -> !(repeats && isOpen(delivery.message())))
            .sorted(Comparator.comparing(Delivery::createdAt))
            .toList();
    return finished.subList(0, Math.max(0, finished.size() - LONGEST_LOG));
  }

  /** {@return deliveries of recipients that are no more; some of them, if there are many} */
  public List<Deliveries.Held> orphans(Draft draft) {
    Map<String, Recipient> recipients = catalog.snapshot().recipients();
    return deliveries.recipients().stream()
        .filter(
            id -> {
              Recipient recipient = recipients.get(id);
              return recipient == null || recipient.status() == Recipient.Status.REMOVED;
            })
        .flatMap(id -> deliveries.of(id).stream())
        .filter(held -> draft.isOwned(held.partition()) && !draft.isChanged(held.delivery()))
        .limit(MOST_CHORES)
        .toList();
  }

  /** Tells alert managers again of incidents that go on: they forget what nobody repeats. */
  public void repeat(Draft draft) {
    Instant now = clock.instant();
    catalog.snapshot().recipients().values().stream()
        .filter(it -> isAlertManager(it) && it.status() == Recipient.Status.ENABLED)
        .flatMap(recipient -> deliveries.of(recipient.id()).stream())
        .filter(held -> draft.isOwned(held.partition()) && !draft.isChanged(held.delivery()))
        .filter(held -> isToBeRepeated(held.delivery(), now))
        .limit(MOST_CHORES)
        .forEach(held -> draft.put(held.delivery().again(now), held.partition()));
  }

  private static boolean isAlertManager(@Nullable Recipient recipient) {
    return recipient != null && recipient.channel() == Recipient.Channel.ALERTMANAGER;
  }

  private boolean isToBeRepeated(Delivery delivery, Instant now) {
    List<Try> tries = delivery.tries();
    return delivery.status() == Status.DELIVERED
        && isOpen(delivery.message())
        && !tries.isEmpty()
        && !tries.get(tries.size() - 1).at().plus(REPEATED_AFTER).isAfter(now);
  }

  /** Whether it told of an incident that is not over. */
  private boolean isOpen(AlertMessage message) {
    Incident incident = message.resolved() ? null : incidents.find(message.alert());
    return incident != null && incident.resolvedAt() == null;
  }

  /** {@return what tries have come to since it was asked last} */
  public List<Ended> ended() {
    synchronized (lock) {
      List<Ended> all = List.copyOf(ended);
      ended.clear();
      for (Ended one : all) {
        if (one.tried() == null) {
          resting.add(one.recipient());
        }
      }
      return all;
    }
  }

  /** Makes of deliveries what tries came to, and what others have decided meanwhile. */
  public void settle(List<Ended> all, Draft draft) {
    for (Ended one : all) {
      Tried tried = one.tried();
      if (tried == null || !draft.isOwned(tried.before().partition())) {
        continue;
      }
      Deliveries.Held current = draft.find(one.recipient(), tried.before().delivery().id());
      if (current != null) {
        draft.put(outcome(current.delivery(), tried), current.partition());
      }
    }
  }

  private static Delivery outcome(Delivery current, Tried tried) {
    if (current.revision() == tried.before().delivery().revision()) {
      return current.tried(tried.done(), tried.then(), tried.next());
    }
    // Somebody has sent it off anew meanwhile, or it was overtaken by its end.
    boolean arrived = current.status() == Status.SUPERSEDED && tried.done().accepted();
    return current.tried(
        tried.done(), arrived ? Status.DELIVERED : current.status(), current.nextTry());
  }

  /**
   * What was handed out by {@link #ended} can be seen in {@link Deliveries}: whose turn is over can
   * have another.
   */
  public void settled() {
    synchronized (lock) {
      busy.removeAll(resting);
      resting.clear();
    }
  }

  /** Forgets what is under way: it will be tried again, once the turns that go on are over. */
  public void reset() {
    synchronized (lock) {
      era++;
      for (Ended one : ended) {
        if (one.tried() == null) {
          resting.add(one.recipient());
        }
      }
      ended.clear();
    }
    settled();
  }

  /** {@return whether anything is being tried} */
  public boolean isBusy() {
    synchronized (lock) {
      return !busy.isEmpty();
    }
  }

  /** Begins to try what is due, with those first who have waited longest for their turn. */
  public void start(IntPredicate partitions) {
    Instant now = clock.instant();
    Map<String, Recipient> recipients = catalog.snapshot().recipients();
    List<String> waiting = new ArrayList<>(deliveries.waiting());
    waiting.sort(Comparator.comparing(this::lastTried));
    for (String id : waiting) {
      Recipient recipient = recipients.get(id);
      Pace pace = paces.get(id);
      if (pace != null && recipient != null && pace.holdsBack(recipient.address(), now)) {
        continue;
      }
      List<Deliveries.Held> due = deliveries.due(id, now, partitions, MOST_IN_A_TURN);
      if (!due.isEmpty() && !begin(id, due)) {
        return;
      }
    }
  }

  private Instant lastTried(String recipient) {
    Pace pace = paces.get(recipient);
    return pace == null ? Instant.EPOCH : pace.last();
  }

  /** {@return whether there is room for more} */
  private boolean begin(String recipient, List<Deliveries.Held> due) {
    long begun;
    synchronized (lock) {
      if (busy.size() >= MOST_AT_ONCE) {
        return false;
      }
      if (!busy.add(recipient)) {
        return true;
      }
      begun = era;
    }
    tries.execute(() -> turn(recipient, due, begun));
    return true;
  }

  private void turn(String recipient, List<Deliveries.Held> due, long begun) {
    long began = System.nanoTime();
    try {
      for (Deliveries.Held held : due) {
        if (isAsItWas(held)) {
          end(new Ended(recipient, attempt(held)), begun);
        }
        Pace pace = paces.get(recipient);
        boolean goesOn =
            (pace == null || !pace.notBefore().isAfter(clock.instant()))
                && System.nanoTime() - began < LONGEST_TURN.toNanos();
        if (!goesOn || !isOf(begun)) {
          return;
        }
      }
    } finally {
      end(new Ended(recipient, null), begun);
    }
  }

  /** Whether nobody has changed it since the turn began. */
  private boolean isAsItWas(Deliveries.Held held) {
    Delivery delivery = held.delivery();
    Deliveries.Held now = deliveries.find(delivery.recipient(), delivery.id());
    return now != null && now.delivery().revision() == delivery.revision();
  }

  private boolean isOf(long begun) {
    synchronized (lock) {
      return era == begun;
    }
  }

  private void end(Ended one, long begun) {
    synchronized (lock) {
      if (era == begun) {
        ended.add(one);
      } else if (one.tried() == null) {
        busy.remove(one.recipient());
      }
    }
  }

  private Tried attempt(Deliveries.Held held) {
    try {
      return tried(held);
    } catch (RuntimeException e) {
      LOG.error("delivery {} cannot be tried", held.delivery().id(), e);
      Instant at = clock.instant();
      Verdict verdict = Verdict.failed("a defect of Taximeter");
      paced(held.delivery().recipient(), verdict, at, 0);
      return after(held, verdict, at, 0);
    }
  }

  private void paced(String id, Verdict verdict, Instant at, long millis) {
    Recipient recipient = catalog.snapshot().recipients().get(id);
    if (recipient != null) {
      paces.compute(
          id,
          (it, before) ->
              Pace.after(before, recipient.channel(), recipient.address(), verdict, at, millis));
    }
  }

  private Tried tried(Deliveries.Held held) {
    Delivery delivery = held.delivery();
    Instant at = clock.instant();
    Recipient recipient = catalog.snapshot().recipients().get(delivery.recipient());
    if (recipient == null || recipient.status() != Recipient.Status.ENABLED) {
      paces.remove(delivery.recipient());
      return new Tried(
          held, new Try(at, 0, null, "the recipient is not enabled", false), Status.FAILED, null);
    }
    long began = System.nanoTime();
    Verdict verdict =
        couriers
            .of(recipient.channel())
            .send(secrets.opened(recipient, at), delivery.id(), delivery.message(), at);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    paced(recipient.id(), verdict, at, millis);
    if (verdict.gone() && disabling.disable(recipient.id(), "it answered 410 Gone")) {
      return new Tried(
          held,
          new Try(at, millis, verdict.status(), verdict.answer(), false),
          Status.FAILED,
          null);
    }
    return after(held, verdict, at, millis);
  }

  private Tried after(Deliveries.Held held, Verdict verdict, Instant at, long millis) {
    Delivery delivery = held.delivery();
    Try done = new Try(at, millis, verdict.status(), verdict.answer(), verdict.accepted());
    if (verdict.accepted()) {
      return new Tried(held, done, Status.DELIVERED, null);
    }
    // Who tries a recipient looks at what comes of it, and tries again.
    Instant next =
        delivery.message().kind() == AlertKind.TEST
            ? null
            : schedule.next(delivery.attempts() + 1, verdict.retryAfter(), at.plusMillis(millis));
    return new Tried(held, done, next == null ? Status.FAILED : Status.PENDING, next);
  }

  @Override
  public void close() {
    tries.shutdownNow();
    couriers.close();
  }
}
