package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.ship.Backfill;
import dev.taximeter.ship.BackfillSettings;
import dev.taximeter.ship.ProgressListener;
import dev.taximeter.ship.ShipmentResult;
import dev.taximeter.ship.ShipperSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One shipment of files, from the first byte to the last landed row. Not thread-safe. */
public final class BackfillRun {
  /** How long nothing may move before the wait is given up: longer than any restart takes. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final long KIBIBYTE = 1024;

  private final RunningSystem system;
  private final GatewayFile gateway;
  private final @Nullable PrintStream progress;
  private final long start = System.nanoTime();
  private @Nullable Settlement settlement;
  private String shipment = "";
  private Duration shipped = Duration.ZERO;

  /**
   * Prepares a run.
   *
   * @param gateway tells what a collector put around the lines of the files
   * @param progress where progress is shown; null: nowhere
   */
  public BackfillRun(RunningSystem system, GatewayFile gateway, @Nullable PrintStream progress) {
    this.system = system;
    this.gateway = gateway;
    this.progress = progress;
  }

  /** Prepares a run for plain lines. */
  public BackfillRun(RunningSystem system, @Nullable PrintStream progress) {
    this(system, GatewayFile.EMPTY, progress);
  }

  /**
   * Ships files and waits until every line of them is decided, rated, landed and live. Rides out
   * restarts of any process.
   *
   * @param files plain, gzip or zstd; {@code -} is standard input
   * @return the fates of all lines
   * @throws dev.taximeter.ship.UnreadableFileException if a file cannot be read
   * @throws StalledException if nothing moved for five minutes; {@link #report} tells how far it is
   */
  public BackfillReport ship(List<Path> files) throws StalledException, InterruptedException {
    String host = ShipperSettings.hostName(Environment.ofProcess());
    ShipmentResult result;
    try (Backfill backfill =
            new Backfill(new BackfillSettings(host, gateway::formatOf), system.kafka());
        Progress shown = show("shipping", "KiB", KIBIBYTE)) {
      result = backfill.ship(files, new Shown(shown));
    }
    shipment = result.shipment();
    shipped = taken();
    Settlement waiting = new Settlement(system, shipment, PATIENCE);
    settlement = waiting;
    try (Progress shown = show("metering", "lines", 1)) {
      waiting.await(result.lines(), shown);
    }
    return report();
  }

  /** {@return from the beginning until Kafka had all lines; zero before} */
  public Duration shipped() {
    return shipped;
  }

  /** {@return from the beginning until all lines had a fate and were rated; zero before} */
  public Duration metered() {
    Settlement waiting = settlement;
    Long end = waiting == null ? null : waiting.meteredNanoTime();
    return end == null ? Duration.ZERO : Duration.ofNanos(end - start);
  }

  private Duration taken() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private Progress show(String task, String unit, long unitSize) {
    return progress == null ? Progress.silent() : Progress.on(progress, task, unit, unitSize);
  }

  /** {@return what is known of the shipment's lines so far} */
  public BackfillReport report() {
    ShipmentCounts.Totals totals =
        settlement == null ? new ShipmentCounts(shipment).totals() : settlement.totals();
    return BackfillReport.of(shipment, totals, taken());
  }

  /** Passes the shipper's progress on, and says once why it waits. */
  private final class Shown implements ProgressListener {
    private final Progress shown;
    private String waitingFor = "";

    Shown(Progress shown) {
      this.shown = shown;
    }

    @Override
    public void progress(long lines, long bytesDone, long bytesTotal) {
      waitingFor = "";
      shown.show(bytesDone, bytesTotal);
    }

    @Override
    public void waiting(String reason) {
      if (progress != null && !reason.equals(waitingFor)) {
        progress.println("waiting for Kafka: " + reason);
        waitingFor = reason;
      }
    }
  }
}
