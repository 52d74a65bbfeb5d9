package dev.taximeter.api.live;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells every open live page the same: lines as they come, and what they come to once a second.
 * Lines are followed only while somebody looks. A page that does not keep up is cut off; its
 * browser comes back by itself.
 */
public final class LiveFeed implements SmartLifecycle {
  /** Pages open at once; each can hold one thread while it is written to. */
  static final int MOST_CLIENTS = 32;

  /** How long a line may wait to be shown: with the road before, well within a second. */
  private static final Duration TICK = Duration.ofMillis(200);

  private static final int TICKS_PER_SECOND = 5;
  private static final String SECOND = "second";
  private static final String LINES = "lines";

  /** How long lines are still followed after the last page has gone: it may be a reload. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  private static final int MOST_SECONDS = 120;
  private static final int MOST_ACCOUNTS = 12;

  /** Lines that a page begins with. */
  private static final int MOST_LATEST = 30;

  private static final Duration IDLE_WRITER = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);

  private final LineTail tail;
  private final AccountStates states;
  private final CatalogView catalog;
  private final Clock clock;
  private final Set<LiveClient> clients = ConcurrentHashMap.newKeySet();
  private final LiveSecond second;
  private final AtomicLong number = new AtomicLong();
  private final Object followingLock = new Object();

  /** Held while messages are handed out, so that a page's first is the one that draws it whole. */
  private final Object orderLock = new Object();

  /** Each of the last seconds, oldest first; guarded by itself, with {@code latest}. */
  private final Deque<LiveSecond.Sums> earlier = new ArrayDeque<>();

  /** Newest first. */
  private final Deque<LiveMessage.Line> latest = new ArrayDeque<>();

  /** Since the last second was told; only the ticker's thread counts. */
  private int ticks;

  private @Nullable ScheduledExecutorService ticker;
  private @Nullable ThreadPoolExecutor writers;
  private boolean following;
  private @Nullable Instant lonelySince;

  public LiveFeed(LineTail tail, AccountStates states, CatalogView catalog, Clock clock) {
    this.tail = tail;
    this.states = states;
    this.catalog = catalog;
    this.clock = clock;
    this.second = new LiveSecond(clock);
  }

  /**
   * Opens a page's stream. It begins with a message that draws the whole page, so that a browser
   * that comes back needs nothing it has missed.
   *
   * @param allowed asked every second: whether the reader may still listen
   * @return null if too many are open
   */
  @Nullable SseEmitter open(BooleanSupplier allowed) {
    ThreadPoolExecutor executor = writers;
    if (executor == null || clients.size() >= MOST_CLIENTS) {
      return null;
    }
    SseEmitter emitter = new SseEmitter(0L);
    LiveClient client = new LiveClient(emitter, executor, allowed, clients::remove);
    follow();
    synchronized (orderLock) {
      // What came before it would be drawn onto an empty page, or be there twice.
      client.offer(number.get(), SECOND, first());
      clients.add(client);
    }
    return emitter;
  }

  private void follow() {
    synchronized (followingLock) {
      lonelySince = null;
      if (!following) {
        following = true;
        tail.follow(second);
      }
    }
  }

  private void tick() {
    try {
      tellLines();
      ticks++;
      if (ticks == TICKS_PER_SECOND) {
        ticks = 0;
        tellSecond();
      }
    } catch (RuntimeException e) {
      LOG.error("the live feed missed a second", e);
    }
  }

  private void tellLines() {
    synchronized (orderLock) {
      List<LiveMessage.Line> fresh = second.takeFresh();
      if (fresh.isEmpty()) {
        return;
      }
      synchronized (earlier) {
        for (int i = fresh.size() - 1; i >= 0; i--) {
          latest.addFirst(fresh.get(i));
        }
        while (latest.size() > MOST_LATEST) {
          latest.removeLast();
        }
      }
      if (!clients.isEmpty()) {
        tell(LINES, Json.MAPPER.writeValueAsString(new LiveMessage.Fresh(fresh)));
      }
    }
  }

  private void tellSecond() {
    LiveSecond.Sums sums = second.take();
    synchronized (earlier) {
      earlier.addLast(sums);
      while (earlier.size() > MOST_SECONDS) {
        earlier.removeFirst();
      }
    }
    clients.stream().filter(client -> !client.isAllowed()).toList().forEach(LiveClient::end);
    restIfLonely();
    if (!clients.isEmpty()) {
      String message = message(sums, null, null, null);
      synchronized (orderLock) {
        tell(SECOND, message);
      }
    }
  }

  private void tell(String name, String message) {
    long id = number.incrementAndGet();
    clients.forEach(client -> client.offer(id, name, message));
  }

  private void restIfLonely() {
    synchronized (followingLock) {
      if (!following || !clients.isEmpty()) {
        return;
      }
      Instant now = clock.instant();
      if (lonelySince == null) {
        lonelySince = now;
      } else if (now.isAfter(lonelySince.plus(LINGER))) {
        following = false;
        lonelySince = null;
        tail.rest();
        synchronized (earlier) {
          earlier.clear();
          latest.clear();
        }
      }
    }
  }

  /** Draws a page whole. */
  private String first() {
    List<LiveSecond.Sums> before;
    List<LiveMessage.Line> lines;
    synchronized (earlier) {
      before = List.copyOf(earlier);
      lines = List.copyOf(latest);
    }
    return message(
        LiveSecond.Sums.NONE,
        before.stream().map(sums -> sums.inputTokens() + sums.outputTokens()).toList(),
        before.stream().<Map<String, BigDecimal>>map(LiveSecond.Sums::spend).toList(),
        lines);
  }

  private String message(
      LiveSecond.Sums sums,
      @Nullable List<Long> before,
      @Nullable List<Map<String, BigDecimal>> spendBefore,
      @Nullable List<LiveMessage.Line> lines) {
    LiveMessage message =
        new LiveMessage(
            clock.instant(),
            sums.inputTokens(),
            sums.outputTokens(),
            sums.requests(),
            sums.others(),
            sums.delayMillis(),
            sums.lines(),
            topAccounts(),
            sums.spend(),
            before,
            spendBefore,
            lines);
    return Json.MAPPER.writeValueAsString(message);
  }

  private List<LiveMessage.Spend> topAccounts() {
    Instant now = clock.instant();
    CatalogSnapshot snapshot = catalog.snapshot();
    List<AccountState> known = new ArrayList<>(states.all());
    known.removeIf(state -> snapshot.account(state.account()) == null);
    known.sort(
        Comparator.comparing(AccountState::spent).reversed().thenComparing(AccountState::account));
    List<LiveMessage.Spend> top = new ArrayList<>();
    for (AccountState state : known.subList(0, Math.min(MOST_ACCOUNTS, known.size()))) {
      Account account = snapshot.account(state.account());
      top.add(
          new LiveMessage.Spend(
              state.account(),
              account == null ? state.account() : account.name(),
              state.currency(),
              state.spent(),
              state.granted(now).subtract(state.spent()),
              state.sequence()));
    }
    return top;
  }

  @Override
  public void start() {
    writers =
        new ThreadPoolExecutor(
            0,
            MOST_CLIENTS,
            IDLE_WRITER.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "live-writer"),
            (task, pool) -> {
              throw new RejectedExecutionException("too many pages are being written to");
            });
    ticker = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "live-ticker"));
    var unused =
        ticker.scheduleAtFixedRate(
            this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends all streams before the web server waits for its open requests. */
  @Override
  public void stop() {
    if (ticker != null) {
      ticker.shutdownNow();
    }
    clients.forEach(LiveClient::end);
    if (writers != null) {
      writers.shutdownNow();
      writers = null;
    }
    tail.rest();
  }

  @Override
  public boolean isRunning() {
    return writers != null;
  }

  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE;
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
