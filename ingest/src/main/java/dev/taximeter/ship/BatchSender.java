package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.topic.Topics;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches, each in one transaction and exactly once, however often Kafka fails meanwhile.
 * Each transaction also writes its number; after a failure that leaves open whether it was
 * committed, that number tells. Not thread-safe.
 */
final class BatchSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchSender.class);

  private final KafkaAccess kafka;
  private final String host;
  private final String shipment;
  private final CountDownLatch closed;
  private final Consumer<String> waiting;
  private @Nullable Transaction transaction;
  private long number;

  /**
   * @param closed counted down when waiting is to end
   * @param waiting told why it waits
   */
  BatchSender(
      KafkaAccess kafka,
      String host,
      String shipment,
      CountDownLatch closed,
      Consumer<String> waiting) {
    this.kafka = kafka;
    this.host = host;
    this.shipment = shipment;
    this.closed = closed;
    this.waiting = waiting;
  }

  /**
   * Returns once the batch is committed.
   *
   * @param ended sources of which nothing follows
   * @throws KafkaException if Kafka refuses for good, because of credentials or of this machine's
   *     clock
   * @throws InterruptedException if closed meanwhile; the batch may or may not be committed
   */
  void send(List<ProducerRecord<byte[], byte[]>> batch, Collection<LineSource> ended)
      throws InterruptedException {
    number++;
    boolean uncertain = false;
    Backoff backoff = new Backoff();
    while (true) {
      try {
        Transaction current = transaction;
        if (current == null) {
          current = new Transaction(kafka.producer("taximeter-backfill-" + shipment));
          transaction = current;
        }
        if (uncertain && committedNumber() >= number) {
          return;
        }
        uncertain = true;
        batch.forEach(current::send);
        sendEnds(current, ended);
        current.send(Positions.record(host, fileKey(), position()));
        current.complete();
        current.commit();
        return;
      } catch (AuthenticationException | AuthorizationException | UnsupportedVersionException e) {
        throw e;
      } catch (KafkaException e) {
        if (Transaction.isCausedByClock(e)) {
          // Its lines are stamped for good; waiting would take as long as the clock is ahead.
          throw new KafkaException(Transaction.CLOCK_AHEAD, e);
        }
        LOG.warn("a batch is sent again if it was not committed: {}", e.toString());
        waiting.accept(String.valueOf(e.getMessage()));
        discardProducer();
      }
      if (closed.await(backoff.next().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new InterruptedException("closed");
      }
    }
  }

  /** Behind the lines: whoever sees the end of a source has seen them. */
  private void sendEnds(Transaction current, Collection<LineSource> ended) {
    if (ended.isEmpty()) {
      return;
    }
    int partitions = current.partitions(Topics.ACCESS_LOG);
    long now = System.currentTimeMillis();
    for (LineSource source : ended) {
      Heartbeats.end(source, shipment, now, partitions).forEach(current::send);
    }
  }

  private long committedNumber() {
    ShipperPosition position = kafka.positions().get(Positions.recordKey(host, fileKey()));
    return position == null ? 0 : position.offset();
  }

  private String fileKey() {
    return "shipment:" + shipment;
  }

  private ShipperPosition position() {
    return new ShipperPosition(host, "", fileKey(), "", 0, "", number);
  }

  private void discardProducer() {
    if (transaction != null) {
      transaction.close();
      transaction = null;
    }
  }

  /**
   * Removes the number, which nobody needs any more; if that fails, it only takes a little room.
   */
  void forget() {
    try {
      if (transaction != null) {
        transaction.send(Positions.record(host, fileKey(), null));
        transaction.complete();
        transaction.commit();
      }
    } catch (KafkaException e) {
      LOG.debug("the position of shipment {} stays behind", shipment, e);
    }
  }

  @Override
  public void close() {
    discardProducer();
  }
}
