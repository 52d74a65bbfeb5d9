package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceInput;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships files as a whole, plain or compressed: each line exactly once per run. What another run
 * shipped before is recognised downstream. Rides out restarts of Kafka.
 */
public final class Backfill implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);

  /** What one transaction holds at most, apart from one block and one line; two are in memory. */
  private static final int BATCH_RECORDS = 50_000;

  private static final long BATCH_BYTES = 32L * 1024 * 1024;
  private static final int BLOCK_BYTES = 256 * 1024;

  /** How long the transaction under way may take to stop after an error. */
  private static final int STOP_SECONDS = 10;

  private final BackfillSettings settings;
  private final KafkaAccess kafka;
  private final InputStream standardInput;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param kafka client settings
   */
  public Backfill(BackfillSettings settings, Map<String, Object> kafka) {
    this(settings, new BrokerAccess(kafka), unclosable(System.in));
  }

  Backfill(BackfillSettings settings, KafkaAccess kafka, InputStream standardInput) {
    this.settings = settings;
    this.kafka = kafka;
    this.standardInput = standardInput;
  }

  private static InputStream unclosable(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public void close() {}
    };
  }

  /**
   * Ships files one after another. All are opened, and compressed ones of ordinary size are tested,
   * before anything is shipped.
   *
   * @param files {@code -} is standard input; each is plain, gzip or zstd, by its first bytes
   * @param listener told after each transaction
   * @return what was shipped, once all of it is committed
   * @throws UnreadableFileException if a file cannot be read
   * @throws org.apache.kafka.common.KafkaException if Kafka refuses for good: wrong credentials
   * @throws InterruptedException if interrupted or closed meanwhile; what was committed remains
   */
  public ShipmentResult ship(List<Path> files, ProgressListener listener)
      throws InterruptedException {
    List<InputFile> inputs = new ArrayList<>();
    for (Path file : files) {
      inputs.add(InputFile.check(file, settings.host(), standardInput));
    }
    ExecutorService executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "backfill-sender");
              thread.setDaemon(true);
              return thread;
            });
    String shipment = Shipments.newId();
    BatchSender sender =
        new BatchSender(kafka, settings.host(), shipment, closed, listener::waiting);
    try {
      Shipping shipping = new Shipping(shipment, sender, executor, listener, totalBytes(inputs));
      for (InputFile input : inputs) {
        shipping.ship(input);
      }
      return shipping.end();
    } finally {
      executor.shutdownNow();
      boolean ignored = executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      sender.close();
    }
  }

  private static long totalBytes(List<InputFile> inputs) {
    long total = 0;
    for (InputFile input : inputs) {
      long size = input.size();
      if (size < 0) {
        return -1;
      }
      total += size;
    }
    return total;
  }

  /** One run. Reads a batch while the one before is being committed. */
  private final class Shipping {
    private final String shipment;
    private final BatchSender sender;
    private final ExecutorService executor;
    private final ProgressListener listener;
    private final long bytesTotal;
    private final ReadCounter counter;
    private final Map<LineSource, Long> linesBySource = new LinkedHashMap<>();
    private @Nullable Future<?> sending;
    private List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
    private final List<SourceInput> reports = new ArrayList<>();
    private long batchBytes;
    private long unreportedLines;
    private long lines;
    private long contentBytes;
    private long bytesBefore;

    /** Written by the thread that sends, read after it is done. */
    private long linesCommitted;

    Shipping(
        String shipment,
        BatchSender sender,
        ExecutorService executor,
        ProgressListener listener,
        long bytesTotal) {
      this.shipment = shipment;
      this.sender = sender;
      this.executor = executor;
      this.listener = listener;
      this.bytesTotal = bytesTotal;
      this.counter = new ReadCounter(shipment, System::nanoTime);
    }

    void ship(InputFile input) throws InterruptedException {
      LineFramer framer = new LineFramer(input.source(), shipment);
      linesBySource.putIfAbsent(input.source(), 0L);
      long[] arrivalMillis = {System.currentTimeMillis()};
      InputLines content =
          new InputLines(
              input.source(),
              input.fileKey(),
              settings.formats().apply(input.source()),
              BLOCK_BYTES,
              (file, offset, bytes, from, to, truncated) -> {
                batch.add(
                    framer.record(file, arrivalMillis[0], offset, bytes, from, to, truncated));
                batchBytes += to - from;
              });
      unreportedLines = 0;
      try (InputFile.Opened opened = input.open()) {
        int count = 0;
        while (count >= 0) {
          ByteBuffer room = content.room();
          count = opened.read(room.array(), room.position(), room.remaining());
          int before = batch.size();
          arrivalMillis[0] = System.currentTimeMillis();
          if (count < 0) {
            finish(input.source(), content);
          } else {
            content.filled(room, count);
            contentBytes += count;
          }
          count(input.source(), arrivalMillis[0], batch.size() - before);
          boolean full = batch.size() >= BATCH_RECORDS || batchBytes >= BATCH_BYTES;
          if (full || count < 0) {
            report(content, arrivalMillis[0]);
          }
          if (full) {
            sendBatch(bytesBefore + opened.storedBytesRead(), List.of());
          }
        }
        bytesBefore += opened.storedBytesRead();
      } catch (UnreadableFileException e) {
        // What comes before the damage may be shipped; what is under way becomes certain first.
        awaitSending();
        throw new UnreadableFileException(
            "%s; %d lines were shipped before".formatted(e.getMessage(), linesCommitted));
      } catch (IOException e) {
        throw new UnreadableFileException(
            input.source().path() + " cannot be read: " + e.getMessage());
      }
    }

    private void finish(LineSource source, InputLines content) {
      long unfinished = content.finish();
      if (unfinished > 0) {
        LOG.warn(
            "{} ends within a line in pieces, which begins {} bytes before and is not shipped",
            source.path(),
            unfinished);
      }
    }

    private void report(InputLines content, long atMillis) {
      SourceInput report = content.report(unreportedLines, Instant.ofEpochMilli(atMillis));
      if (report != null) {
        reports.add(report);
        unreportedLines = 0;
      }
    }

    private void count(LineSource source, long arrivalMillis, int count) {
      counter.add(source, arrivalMillis, count);
      linesBySource.merge(source, (long) count, Long::sum);
      lines += count;
      unreportedLines += count;
    }

    private void sendBatch(long bytesDone, Collection<LineSource> ended)
        throws InterruptedException {
      awaitSending();
      List<ProducerRecord<byte[], byte[]>> full = batch;
      long linesDone = lines;
      reports.forEach(report -> full.add(SourceInputs.record(report)));
      reports.clear();
      full.addAll(counter.records());
      // Later counts include these, whatever becomes of the transactions: they are sent in order.
      counter.committed();
      batch = new ArrayList<>();
      batchBytes = 0;
      sending =
          executor.submit(
              () -> {
                sender.send(full, ended);
                linesCommitted = linesDone;
                listener.progress(linesDone, bytesDone, bytesTotal);
                return null;
              });
    }

    private void awaitSending() throws InterruptedException {
      if (sending == null) {
        return;
      }
      try {
        sending.get();
        sending = null;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof InterruptedException) {
          throw new InterruptedException("closed");
        }
        throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
      }
    }

    ShipmentResult end() throws InterruptedException {
      sendBatch(bytesBefore, List.copyOf(linesBySource.keySet()));
      awaitSending();
      sender.forget();
      return new ShipmentResult(shipment, lines, contentBytes, linesBySource);
    }
  }

  /** Makes a shipment under way end with an {@link InterruptedException}. */
  @Override
  public void close() {
    closed.countDown();
  }
}
