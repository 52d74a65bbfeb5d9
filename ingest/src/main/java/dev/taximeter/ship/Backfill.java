package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
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
      for (InputOrder.Placed input : InputOrder.of(inputs, settings.formats())) {
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
    private long arrivalMillis;
    private long lines;
    private long contentBytes;
    private long bytesBefore;

    /** What is being read, and files before it whose last line goes on in it. */
    private final List<Reading> readings = new ArrayList<>();

    private final Joiners joiners = new Joiners();
    private @Nullable LineJoiner joiner;

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

    /** A file, and what was passed on of the lines that begin in it. */
    private final class Reading {
      private final LineSource source;
      private final LineFramer framer;
      private final InputLines content;
      private long uncounted;
      private long unreported;

      Reading(InputFile input, LineJoiner joiner) {
        this.source = input.source();
        this.framer = new LineFramer(source, shipment);
        this.content = new InputLines(source, input.fileKey(), joiner, BLOCK_BYTES, this::line);
      }

      private void line(
          String file, long offset, byte[] bytes, int from, int to, LineExtent extent) {
        batch.add(framer.record(file, arrivalMillis, offset, bytes, from, to, extent));
        batchBytes += to - from;
        uncounted++;
      }

      void count() {
        counter.add(source, arrivalMillis, uncounted);
        linesBySource.merge(source, uncounted, Long::sum);
        lines += uncounted;
        unreported += uncounted;
        uncounted = 0;
      }

      void report() {
        SourceInput report =
            content.report(unreported, Instant.ofEpochMilli(arrivalMillis), shipment);
        if (report != null) {
          reports.add(report);
          unreported = 0;
        }
      }

      void warnIfUnfinished() {
        if (content.unfinished() > 0) {
          LOG.warn(
              "{} ends within a line in pieces, which begins {} bytes before and is not shipped",
              source.path(),
              content.unfinished());
        }
      }
    }

    void ship(InputOrder.Placed input) throws InterruptedException {
      Reading reading = new Reading(input.file(), joinerFor(input));
      readings.add(reading);
      linesBySource.putIfAbsent(reading.source, 0L);
      InputLines content = reading.content;
      try (InputFile.Opened opened = input.file().open()) {
        int count = 0;
        while (count >= 0) {
          ByteBuffer room = content.room();
          count = opened.read(room.array(), room.position(), room.remaining());
          arrivalMillis = System.currentTimeMillis();
          if (count < 0) {
            content.finish();
          } else {
            content.filled(room, count);
            contentBytes += count;
          }
          readings.forEach(Reading::count);
          boolean full = batch.size() >= BATCH_RECORDS || batchBytes >= BATCH_BYTES;
          if (full || count < 0) {
            readings.forEach(Reading::report);
          }
          if (full) {
            sendBatch(bytesBefore + opened.storedBytesRead(), List.of());
          }
        }
        bytesBefore += opened.storedBytesRead();
        readings.removeIf(one -> one.content.unfinished() == 0);
      } catch (UnreadableFileException e) {
        // What comes before the damage may be shipped; what is under way becomes certain first.
        awaitSending();
        throw new UnreadableFileException(
            "%s; %d lines were shipped before".formatted(e.getMessage(), linesCommitted));
      } catch (IOException e) {
        throw new UnreadableFileException(
            reading.source.path() + " cannot be read: " + e.getMessage());
      }
    }

    /** The one of the file before, if this one goes on where that ends. */
    private LineJoiner joinerFor(InputOrder.Placed input) {
      LineJoiner next = joiners.next(input);
      if (next != joiner) {
        endLines();
        joiner = next;
        if (next.doubtsBeginning()) {
          LOG.warn(
              "nobody has given the file before {}: its first line may be the end of another and"
                  + " waits in suspense for a person; give rotated files in one command",
              input.file().source().path());
        }
      }
      return next;
    }

    /** Nothing more will come of lines that are not complete. */
    private void endLines() {
      readings.forEach(Reading::warnIfUnfinished);
      readings.clear();
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
      endLines();
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
