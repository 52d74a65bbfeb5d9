package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows growing log files and ships each line exactly once: lines, positions and counts are
 * written in one transaction, and reading resumes where the last committed one ended. While Kafka
 * is away it waits; the files keep what is new.
 */
public final class TailShipper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TailShipper.class);

  /** What one transaction holds at most, apart from one block and one line. */
  private static final int TRANSACTION_RECORDS = 50_000;

  private static final long TRANSACTION_BYTES = 32L * 1024 * 1024;
  private static final long TRANSACTION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int BLOCK_BYTES = 256 * 1024;

  /** How long closing waits for the transaction under way, and then for its interruption. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final ShipperSettings settings;
  private final KafkaAccess kafka;
  private final Function<LineSource, LineFormat> formats;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean healthy;
  private volatile String state = "starting";
  private volatile String waitsFor = "";

  /**
   * @param kafka client settings
   * @param formats what a collector put around the lines of a source
   */
  public TailShipper(
      ShipperSettings settings,
      Map<String, Object> kafka,
      Function<LineSource, LineFormat> formats) {
    this(settings, new BrokerAccess(kafka), formats);
  }

  TailShipper(
      ShipperSettings settings, KafkaAccess kafka, Function<LineSource, LineFormat> formats) {
    this.settings = settings;
    this.kafka = kafka;
    this.formats = formats;
    this.thread = new Thread(this::run, "tail-shipper");
  }

  /** Starts shipping in a thread of its own; it never gives up. */
  public void start() {
    thread.start();
  }

  /**
   * @return whether files can be read and lines are being committed; false before the first contact
   *     with Kafka, and while it is away
   */
  public boolean isHealthy() {
    return healthy && thread.isAlive();
  }

  /**
   * @return a sentence about what it does or waits for
   */
  public String state() {
    return state;
  }

  /**
   * @return a sentence about a file that is not there: nothing is known to be wrong, but its source
   *     is not complete; empty if all are there
   */
  public String waitsFor() {
    return waitsFor;
  }

  private void run() {
    Backoff backoff = new Backoff();
    while (closed.getCount() > 0) {
      try {
        follow(backoff);
      } catch (RuntimeException e) {
        if (closed.getCount() == 0) {
          return;
        }
        // Whatever it was: nothing that is not committed counts, and the files still have it.
        failed("shipping starts anew from the last committed position", e);
        pause(backoff.next());
      }
    }
  }

  private void failed(String consequence, RuntimeException e) {
    healthy = false;
    String cause = e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")";
    state =
        Transaction.isCausedByClock(e)
            ? "waiting: " + Transaction.CLOCK_AHEAD
            : "waiting: " + e.getMessage() + cause;
    if (e instanceof KafkaException) {
      LOG.warn("{}: {}{}", consequence, e.toString(), cause);
    } else {
      LOG.error("{}", consequence, e);
    }
  }

  /** Ships until closed, with one producer. */
  private void follow(Backoff backoff) {
    String transactionalId = "taximeter-shipper-" + settings.host() + "-" + settings.shipperId();
    try (Transaction transaction = new Transaction(kafka.producer(transactionalId));
        Run run = new Run(transaction, kafka.positions())) {
      LOG.info("shipping {} as shipment {}", settings.files(), run.shipment);
      String obstacleBefore = "";
      String waitedForBefore = "";
      while (closed.getCount() > 0) {
        boolean more = false;
        try {
          more = run.ship();
          backoff.reset();
          String obstacle = run.follower.obstacle();
          healthy = obstacle.isEmpty();
          state = healthy ? "shipping" : obstacle;
          waitsFor = run.follower.waitsFor();
          if (!healthy && !obstacle.equals(obstacleBefore)) {
            LOG.warn("{}", obstacle);
          }
          obstacleBefore = obstacle;
          if (!waitsFor.isEmpty() && !waitsFor.equals(waitedForBefore)) {
            LOG.info("{}", waitsFor);
          }
          waitedForBefore = waitsFor;
        } catch (AbortedException e) {
          failed("a transaction was aborted; its lines are read again", e.reason);
          pause(backoff.next());
        }
        if (!more) {
          pause(settings.pollInterval());
        }
      }
    }
  }

  private void pause(Duration duration) {
    try {
      boolean ignored = closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A transaction was aborted and all of it rolled back. */
  private static final class AbortedException extends Exception {
    private static final long serialVersionUID = 1;
    private final KafkaException reason;

    AbortedException(KafkaException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /** What is shipped with one producer. */
  private final class Run implements AutoCloseable {
    final String shipment = Shipments.newId();
    final FileFollower follower;
    private final Transaction transaction;
    private final ReadCounter counter = new ReadCounter(shipment, System::nanoTime);
    private final Map<LineSource, Source> sources = new LinkedHashMap<>();
    private long arrivalMillis;

    /** Of the raw topic, which never changes them; 0 until Kafka was asked. */
    private int partitions;

    Run(Transaction transaction, Map<String, ShipperPosition> positions) {
      this.transaction = transaction;
      this.follower =
          new FileFollower(
              new FileFollower.Settings(
                  settings.host(),
                  BLOCK_BYTES,
                  settings.grace().toNanos(),
                  formats,
                  InstantSource.system()),
              settings.files(),
              positions.values(),
              this::source);
    }

    private PathLineSink source(String path) {
      Source source = new Source(new LineSource(settings.host(), path));
      sources.put(source.source, source);
      return source;
    }

    /** Takes the lines of one source. */
    private final class Source implements PathLineSink {
      private final LineSource source;
      private final LineFramer framer;
      private final Heartbeats heartbeats;
      private long lines;

      Source(LineSource source) {
        this.source = source;
        this.framer = new LineFramer(source, shipment);
        this.heartbeats = new Heartbeats(source, shipment);
      }

      @Override
      public void line(
          String file, long offset, byte[] bytes, int from, int to, LineExtent extent) {
        if (extent == LineExtent.PART) {
          LOG.warn(
              "the line at byte {} of {} is longer than {} bytes, or a piece of it is missing;"
                  + " only a part is shipped, to be quarantined",
              offset,
              source.path(),
              LineSplitter.LONGEST_LINE_BYTES);
        }
        transaction.send(framer.record(file, arrivalMillis, offset, bytes, from, to, extent));
        lines++;
        heartbeats.shipped();
      }
    }

    /** One transaction, if there is anything new; whether there is more. */
    boolean ship() throws AbortedException {
      boolean more;
      try {
        arrivalMillis = System.currentTimeMillis();
        more = follower.poll(System.nanoTime(), this::isFull);
        sendHeartbeats(!more);
        Map<String, @Nullable ShipperPosition> changes = follower.changes();
        if (changes.isEmpty() && !transaction.isOpen()) {
          return more;
        }
        changes.forEach(
            (fileKey, position) ->
                transaction.send(Positions.record(settings.host(), fileKey, position)));
        follower
            .reports(Instant.ofEpochMilli(arrivalMillis))
            .forEach(report -> transaction.send(SourceInputs.record(report)));
        for (Source source : sources.values()) {
          if (source.lines > 0) {
            counter.add(source.source, arrivalMillis, source.lines);
          }
        }
        counter.records().forEach(transaction::send);
        transaction.complete();
      } catch (KafkaException e) {
        rollBack(e);
        throw new AbortedException(e);
      }
      transaction.commit();
      follower.committed();
      counter.committed();
      forgetHistory();
      for (Source source : sources.values()) {
        source.lines = 0;
        source.heartbeats.committed();
      }
      return more;
    }

    /** Sources that the follower follows no longer. */
    private void forgetHistory() {
      Set<LineSource> followed = new HashSet<>();
      follower.completeness().forEach(one -> followed.add(one.source()));
      sources.keySet().retainAll(followed);
    }

    /** Behind the lines: whoever sees a heartbeat has seen them. */
    private void sendHeartbeats(boolean caughtUp) {
      long nowNanos = System.nanoTime();
      List<FileFollower.Completeness> all = follower.completeness();
      if (all.isEmpty()) {
        return;
      }
      if (partitions == 0) {
        partitions = transaction.partitions(Topics.ACCESS_LOG);
      }
      long records = (long) all.size() * partitions;
      for (FileFollower.Completeness one : all) {
        Source source = sources.get(one.source());
        if (source != null && source.heartbeats.isDue(nowNanos, one.ended(), caughtUp, records)) {
          source
              .heartbeats
              .records(one, nowNanos, System.currentTimeMillis(), partitions)
              .forEach(transaction::send);
        }
      }
    }

    private void rollBack(KafkaException reason) {
      try {
        transaction.abort();
      } catch (KafkaException e) {
        reason.addSuppressed(e);
        throw reason;
      }
      follower.rolledBack();
      counter.rolledBack();
      for (Source source : sources.values()) {
        source.lines = 0;
        source.heartbeats.rolledBack();
      }
    }

    private boolean isFull() {
      return transaction.records() >= TRANSACTION_RECORDS
          || transaction.bytes() >= TRANSACTION_BYTES
          || transaction.ageNanos() >= TRANSACTION_NANOS
          || closed.getCount() == 0;
    }

    @Override
    public void close() {
      follower.close();
    }
  }

  /** Stops after the transaction under way. What is not shipped will be shipped by the next run. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(CLOSE_TIMEOUT.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(CLOSE_TIMEOUT.toMillis());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
