package dev.taximeter.streams;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.contract.topic.TopicAdministration;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.ship.ShipperSettings;
import dev.taximeter.ship.TailShipper;
import dev.taximeter.streams.landing.Landing;
import dev.taximeter.streams.landing.LandingSettings;
import dev.taximeter.streams.retention.TopicCleaner;
import dev.taximeter.streams.topology.BrokerFeatures;
import dev.taximeter.streams.topology.MeteringSettings;
import dev.taximeter.streams.topology.MeteringStreams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metering process: tails the gateway's files, turns lines into usage and money, lands results
 * in ClickHouse.
 *
 * <p>Exit codes: 0 stopped, 1 failed (starting again may help), 2 wrong settings (it will not).
 */
public final class Metering {
  private static final Logger LOG = LoggerFactory.getLogger(Metering.class);

  /** The broker may still be starting. */
  private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(60);

  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /** Of the 20 seconds that stopping may take, the rest is for shipper and landing. */
  private static final Duration STREAMS_STOP_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final int DEFAULT_HEALTH_PORT = 8081;
  private static final String DEFAULT_HEALTH_ADDRESS = "127.0.0.1";

  private final Environment environment;
  private final MeteringMetrics metrics = new MeteringMetrics(() -> problem().isEmpty());
  private final CountDownLatch ending = new CountDownLatch(1);
  private volatile @Nullable MeteringStreams streams;
  private volatile @Nullable Landing landing;
  private volatile @Nullable BesideTheTopology workers;
  private volatile @Nullable TailShipper shipper;
  private volatile @Nullable TopicCleaner cleaner;

  private Metering(Environment environment) {
    this.environment = environment;
  }

  public static void main(String[] arguments) {
    Metering metering = new Metering(Environment.ofProcess());
    Thread stop = new Thread(metering::stopOnSignal, "shutdown");
    Runtime.getRuntime().addShutdownHook(stop);
    int exitCode = metering.run();
    // The JVM ends here while the hook still waits: one that returned first would leave it the
    // signal's code.
    Runtime.getRuntime().halt(exitCode);
  }

  private int run() {
    try {
      MeteringSettings settings = MeteringSettings.from(environment);
      LandingSettings landingSettings = LandingSettings.from(environment);
      ShipperSettings shipperSettings = ShipperSettings.read(environment);
      GatewayConfiguration gateway = GatewayConfiguration.from(environment);
      gateway
          .templateReports()
          .forEach((id, report) -> LOG.info("Template {}: {}", id, report.summary()));
      int healthPort = environment.number("TAXIMETER_HEALTH_PORT", DEFAULT_HEALTH_PORT, 1, 65_535);
      String healthAddress = environment.text("TAXIMETER_HEALTH_ADDRESS", DEFAULT_HEALTH_ADDRESS);
      try (HealthEndpoint health =
          new HealthEndpoint(
              healthAddress, healthPort, this::problem, this::problems, metrics::scrape)) {
        return meter(settings, landingSettings, shipperSettings, gateway);
      }
    } catch (SettingsException e) {
      System.err.println(e.getMessage());
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (RuntimeException e) {
      LOG.error("Metering ends", e);
      return 1;
    }
  }

  /** Closes what feeds the others first: shipper, streams, landing. */
  private int meter(
      MeteringSettings settings,
      LandingSettings landingSettings,
      @Nullable ShipperSettings shipperSettings,
      GatewayConfiguration gateway)
      throws InterruptedException {
    TopicAdministration.ensure(
        settings.kafka(), settings.partitions(), settings.replication(), KAFKA_PATIENCE);
    BrokerFeatures.require(settings.kafka(), KAFKA_PATIENCE);
    try (Landing running = new Landing(landingSettings, settings.kafka());
        TopicCleaner cleaning = TopicCleaner.of(settings.kafka(), running::landed);
        BesideTheTopology beside =
            new BesideTheTopology(
                settings, landingSettings.clickHouse(), () -> running.landed().keySet());
        MeteringStreams metering =
            new MeteringStreams(
                settings,
                (line, source, arrival, doubtful) ->
                    gateway.parserFor(source).parse(line, arrival, doubtful),
                beside.nothingMeteredYet(),
                ending::countDown,
                STREAMS_STOP_TIMEOUT);
        TailShipper tailing =
            shipperSettings == null
                ? null
                : new TailShipper(shipperSettings, settings.kafka(), gateway::formatOf)) {
      landing = running;
      streams = metering;
      workers = beside;
      metrics.add(running);
      metrics.add(metering);
      cleaner = cleaning;
      // Before anything is read: reading goes on behind a gap, and nothing would tell any more.
      cleaning.start();
      running.start();
      metering.start();
      beside.start();
      if (tailing != null && mayShip()) {
        tailing.start();
        shipper = tailing;
      }
      ending.await();
      return metering.hasFailed() ? 1 : 0;
    }
  }

  /**
   * Waits until the file is there that TAXIMETER_SHIP_AFTER names, if it names one. Whoever loads a
   * catalogue makes it afterwards: lines that are metered before their keys are known belong to
   * nobody until somebody claims them.
   *
   * @return false if this process is to end
   */
  private boolean mayShip() throws InterruptedException {
    String file = environment.optional("TAXIMETER_SHIP_AFTER");
    while (file != null && Files.notExists(Path.of(file))) {
      if (ending.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  /** Why lines are not metered or landed at present; empty when all is well. */
  private Optional<String> problem() {
    MeteringStreams metering = streams;
    Landing running = landing;
    if (metering == null || running == null) {
      return Optional.of("metering is starting");
    }
    return metering
        .problem()
        .or(running::problem)
        .or(this::workersProblem)
        .or(this::shippingProblem);
  }

  private Optional<String> workersProblem() {
    BesideTheTopology beside = workers;
    return beside == null ? Optional.empty() : beside.problem();
  }

  private List<String> workersProblems() {
    BesideTheTopology beside = workers;
    return beside == null ? List.of() : beside.problems();
  }

  /** What an operator has to see to although lines are metered. */
  private List<String> problems() {
    MeteringStreams metering = streams;
    TopicCleaner cleaning = cleaner;
    List<String> found = new ArrayList<>();
    if (metering != null) {
      found.addAll(metering.problems());
    }
    if (cleaning != null) {
      found.addAll(cleaning.problems());
    }
    Landing running = landing;
    if (running != null) {
      found.addAll(running.gaps());
    }
    // All of them: a worker often waits because of what another part says first.
    found.addAll(workersProblems());
    problem().filter(sentence -> !found.contains(sentence)).ifPresent(found::add);
    TailShipper tailing = shipper;
    if (tailing != null && !tailing.waitsFor().isEmpty()) {
      found.add("shipping: " + tailing.waitsFor());
    }
    return found;
  }

  private Optional<String> shippingProblem() {
    TailShipper tailing = shipper;
    return tailing == null || tailing.isHealthy()
        ? Optional.empty()
        : Optional.of("shipping: " + tailing.state());
  }

  private void stopOnSignal() {
    ending.countDown();
    try {
      TimeUnit.MILLISECONDS.sleep(STOP_TIMEOUT.toMillis());
      LOG.warn("Metering did not stop within {}", STOP_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
