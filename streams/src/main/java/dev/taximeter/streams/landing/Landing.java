package dev.taximeter.streams.landing;

import dev.taximeter.streams.metrics.ClientLag;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lands Taximeter's output topics in ClickHouse, on a thread of its own. What it promises and how
 * it fails is described with {@linkplain dev.taximeter.streams.landing the package}.
 */
public final class Landing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Landing.class);

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
  private static final int MAX_POLL_RECORDS = 5_000;
  private static final int FETCH_BYTES = 16 * 1024 * 1024;
  private static final int API_TIMEOUT_MILLIS = 20_000;

  private static final Set<String> TOPICS =
      Set.copyOf(LandedTopics.mappers(new LandingFigures()).keySet());

  private final LandingSettings settings;
  private final Map<String, Object> kafka;
  private final Map<String, Object> admin;
  private final LandingHealth health = new LandingHealth();
  private final LandingFigures figures = new LandingFigures();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "landing");
  private volatile @Nullable Consumer<byte[], byte[]> consumer;

  /**
   * @param kafka client settings, such as {@code bootstrap.servers}
   */
  public Landing(LandingSettings settings, Map<String, Object> kafka) {
    this.settings = settings;
    this.kafka = consumerSettings(kafka);
    this.admin = adminSettings(kafka);
  }

  /** Starts to land and returns at once. May be called once. */
  public void start() {
    thread.start();
  }

  /**
   * @return false before the first success, after the third failure in a row, and once stopped
   */
  public boolean isHealthy() {
    return problem().isEmpty();
  }

  /**
   * @return a sentence for the operator: why landing is not healthy
   */
  public Optional<String> problem() {
    return health.problem();
  }

  /**
   * @return what this start of landing found missing for ever, a sentence for each range of
   *     records; {@code landing_rejects} names them too
   */
  public List<String> gaps() {
    return health.gaps();
  }

  /**
   * @return what landing has counted since the process began
   */
  public LandingFigures figures() {
    return figures;
  }

  /**
   * @return records of all landed topics that landing has not read yet
   */
  public double lag() {
    Consumer<byte[], byte[]> reading = consumer;
    return reading == null
        ? 0
        : TOPICS.stream().mapToDouble(topic -> ClientLag.of(reading.metrics(), topic)).sum();
  }

  /** Stops; what is read but not landed will be read again. Waits until the thread has ended. */
  @Override
  public void close() {
    stop.countDown();
    Consumer<byte[], byte[]> running = consumer;
    if (running != null) {
      running.wakeup();
    }
    try {
      thread.join(STOP_TIMEOUT.toMillis());
      if (thread.isAlive()) {
        LOG.warn("Landing did not stop within {}; interrupting it", STOP_TIMEOUT);
        thread.interrupt();
        thread.join(STOP_TIMEOUT.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (ClickHouseSink sink = new ClickHouseSink(settings.clickHouse())) {
      while (!isStopping()) {
        // Each time, because ClickHouse may have been replaced by an empty one.
        if (!migrate()) {
          continue;
        }
        try (TopicIds.OfKafka topicIds = new TopicIds.OfKafka(admin);
            Consumer<byte[], byte[]> reading = new KafkaConsumer<>(kafka)) {
          consumer = reading;
          runSession(newSession(reading, topicIds, sink));
        } catch (WakeupException | InterruptException e) {
          LOG.debug("Landing was woken up", e);
        } catch (RuntimeException e) {
          failed("Landing cannot read from Kafka: " + e.getMessage(), e);
        }
      }
    } catch (Error e) {
      health.failed("landing has stopped: " + e);
      throw e;
    }
    health.stopped();
  }

  /** Returns whether the tables are as this program needs them. */
  private boolean migrate() {
    try {
      Schema.migrate(settings.clickHouse());
      Schema.keepIdentities(settings.clickHouse(), settings.identityRetention());
      return true;
    } catch (SQLException | RuntimeException e) {
      failed("ClickHouse's tables could not be set up: " + e.getMessage(), e);
      return false;
    }
  }

  private LandingSession newSession(
      Consumer<byte[], byte[]> reading, TopicIds topicIds, RowSink sink) {
    return new LandingSession(
        reading,
        sink,
        topicIds,
        ResumeOrders.parse(settings.resume()),
        LandedTopics.mappers(figures),
        settings.flushInterval(),
        LandingSession.BLOCK_OFFSETS,
        System::nanoTime);
  }

  /**
   * Returns when landing is to stop, or to begin anew. A failure of ClickHouse is waited out, for
   * ever if need be.
   */
  private void runSession(LandingSession session) {
    boolean begun = false;
    while (!isStopping()) {
      try {
        if (!begun) {
          session.begin();
          begun = true;
          LOG.info("Landing has started");
        }
        session.land();
        health.succeeded(session.problem(), session.gaps());
        session
            .takeNewestLanded()
            .ifPresent(
                arrival ->
                    figures.landed(
                        Duration.ofMillis(Math.max(0, System.currentTimeMillis() - arrival))));
        do {
          session.read();
        } while (!session.isDue() && !isStopping());
      } catch (SinkException e) {
        failed(e.getMessage(), e);
        if (e.isDataLost()) {
          return;
        }
      }
    }
  }

  private void failed(@Nullable String sentence, Exception cause) {
    int failures = health.failed(String.valueOf(sentence));
    if (failures == LandingHealth.TOLERATED_FAILURES + 1) {
      LOG.error("{}; trying again until it works", sentence, cause);
    } else {
      LOG.warn("{}; trying again", sentence);
    }
    long pause = SHORTEST_PAUSE.toMillis() << Math.min(failures, 10);
    try {
      if (stop.await(Math.min(pause, LONGEST_PAUSE.toMillis()), TimeUnit.MILLISECONDS)) {
        LOG.debug("Not trying again, landing is stopping");
      }
    } catch (InterruptedException e) {
      stop.countDown();
    }
  }

  private boolean isStopping() {
    return stop.getCount() == 0;
  }

  private static Map<String, Object> adminSettings(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "taximeter-landing-topics");
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, API_TIMEOUT_MILLIS);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MILLIS);
    return settings;
  }

  private static Map<String, Object> consumerSettings(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "taximeter-landing");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // Skipping to the next record that Kafka still has would lose rows unnoticed.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MILLIS);
    settings.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    settings.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return settings;
  }
}
