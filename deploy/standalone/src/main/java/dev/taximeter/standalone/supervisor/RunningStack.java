package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.standalone.engine.EngineInstallation;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import dev.taximeter.standalone.instance.InstanceLock;
import dev.taximeter.standalone.instance.Ports;
import dev.taximeter.standalone.instance.Ports.Role;
import dev.taximeter.standalone.supervisor.Supervisor.Catalog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** An installation whose processes are kept running. Thread-safe. */
public final class RunningStack implements AutoCloseable {
  /** Per group of processes that end together; there are two groups and 30 s for all. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(12);

  private static final Duration QUIET_BEFORE_ARCHIVES = Duration.ofSeconds(60);

  /** Silence after which somebody who watches a start or a stop wants to know what it does. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final String ENGINE_DOWNLOAD = "ClickHouse engine download";
  private static final String EXTERNAL_KAFKA = "external Kafka";
  private static final String EXTERNAL_CLICKHOUSE = "external ClickHouse";
  private static final String CATALOGUE = "catalogue";

  private final Home home;
  private final UpOptions options;
  private final StageListener listener;
  private final InstanceLock lock;
  private final Ports ports;
  private final Path kafkaConfig;

  /** Which Kafka it is: the cluster's id if it is not our own. */
  private volatile String kafka = "own";

  private final @Nullable Catalog catalog;
  private final Processes processes;
  private final URI apiUrl;
  private final ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current());

  /** In the order of their start. */
  private final List<ManagedProcess> managed = new ArrayList<>();

  private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread starter = new Thread(this::startAll, "start");
  private final Thread progress = new Thread(this::tellProgress, "start-progress");

  /** When the stages under way began, as {@link System#nanoTime}. */
  private final Map<String, Long> stages = new LinkedHashMap<>();

  private boolean stopping;

  RunningStack(
      Home home,
      UpOptions options,
      StageListener listener,
      InstanceLock lock,
      Ports ports,
      Path kafkaConfig,
      @Nullable Catalog catalog) {
    this.home = home;
    this.options = options;
    this.listener = new OneAtATime(listener);
    this.lock = lock;
    this.ports = ports;
    this.kafkaConfig = kafkaConfig;
    this.catalog = catalog;
    this.processes = new Processes(home, options.dataDirectory(), ports);
    this.apiUrl = apiUrl(options.address(), ports.of(Role.API));
  }

  private static URI apiUrl(String address, int port) {
    boolean everywhere = address.equals("0.0.0.0") || address.equals("::");
    String host = everywhere ? UpOptions.LOOPBACK : address;
    return URI.create("http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port));
  }

  void begin() {
    starter.setDaemon(true);
    starter.start();
    progress.setDaemon(true);
    progress.start();
  }

  /** Where the API answers, without a trailing slash, such as {@code http://127.0.0.1:8080}. */
  public URI apiUrl() {
    return apiUrl;
  }

  public DataDirectory dataDirectory() {
    return options.dataDirectory();
  }

  /** The administrator's token. */
  public String adminToken() {
    try {
      return dataDirectory().adminToken();
    } catch (IOException e) {
      throw new IllegalStateException("the token that was written at the start cannot be read", e);
    }
  }

  /**
   * Waits until the API serves and the catalogue, if one was given, is acknowledged.
   *
   * @throws LaunchException if the start fails; everything is stopped then
   * @throws InterruptedException also if it is stopped before it is ready
   */
  public void awaitReady() throws LaunchException, InterruptedException {
    try {
      ready.get();
    } catch (CancellationException e) {
      throw new InterruptedException("stopped before it was ready");
    } catch (ExecutionException e) {
      stop();
      if (e.getCause() instanceof LaunchException failure) {
        throw failure;
      }
      throw new LaunchException("the start failed: " + e.getCause());
    }
  }

  /** Whether the start failed; being stopped is no failure. */
  public boolean hasFailed() {
    return ready.isCompletedExceptionally() && !ready.isCancelled();
  }

  private void startAll() {
    try {
      Files.deleteIfExists(dataDirectory().catalogLoadedFile());
      CompletableFuture<@Nullable Void> kafka = inBackground("kafka-start", this::startKafka);
      CompletableFuture<@Nullable Void> clickHouse =
          inBackground("clickhouse-start", this::startClickHouse);
      join(kafka);
      join(clickHouse);
      ClickHouseTarget target = clickHouse();
      boolean ownBroker = options.kafkaConfig() == null;
      ProcessSpecification metering =
          processes.metering(
              kafkaConfig, ownBroker, target, options.logs(), options.gateway(), catalog != null);
      ProcessSpecification api =
          processes.api(
              kafkaConfig,
              ownBroker,
              target,
              options.address(),
              apiUrl,
              options.demonstration(),
              options.gatePort());
      CompletableFuture<@Nullable Void> meteringStart =
          inBackground("metering-start", () -> startAndAwait(metering));
      CompletableFuture<@Nullable Void> apiStart =
          inBackground("api-start", () -> startAndAwait(api));
      join(meteringStart);
      join(apiStart);
      loadCatalog();
      ready.complete(null);
      archiveClasses();
    } catch (LaunchException | IOException | RuntimeException e) {
      // A defect, too, must not leave whoever waits for the start waiting for ever.
      ready.completeExceptionally(e);
    } catch (InterruptedException e) {
      ready.cancel(false);
    }
  }

  /** Makes the next start faster, once nobody is likely to watch this one. */
  private void archiveClasses() throws InterruptedException {
    Thread.sleep(QUIET_BEFORE_ARCHIVES.toMillis());
    List<ManagedProcess> running;
    synchronized (this) {
      running = List.copyOf(managed);
    }
    for (ManagedProcess process : running) {
      process.archiveClasses();
    }
  }

  private void startKafka() throws LaunchException, InterruptedException {
    if (options.kafkaConfig() == null) {
      startAndAwait(processes.broker(kafkaConfig));
      return;
    }
    long start = begin(EXTERNAL_KAFKA);
    try (KafkaProbe probe = new KafkaProbe(Processes.kafkaSettings(kafkaConfig))) {
      if (!probe.isHealthy()) {
        throw new LaunchException(
            "the Kafka that "
                + kafkaConfig
                + " names does not answer; check bootstrap.servers and"
                + " the credentials");
      }
      kafka = probe.clusterId();
    }
    finish(EXTERNAL_KAFKA, start);
  }

  private void startClickHouse() throws LaunchException, InterruptedException {
    ClickHouseTarget external = options.clickHouse();
    if (external == null) {
      startAndAwait(processes.clickHouse(engine()));
      return;
    }
    long start = begin(EXTERNAL_CLICKHOUSE);
    requireAnswer(external);
    finish(EXTERNAL_CLICKHOUSE, start);
  }

  private static void requireAnswer(ClickHouseTarget external) throws LaunchException {
    try {
      String password = Files.readString(external.password()).strip();
      try (Connection connection =
              DriverManager.getConnection(external.url(), external.user(), password);
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      }
    } catch (IOException | SQLException e) {
      throw new LaunchException(
          "the ClickHouse at %s does not answer (%s); check --clickhouse-url, --clickhouse-user and --clickhouse-password-file"
              .formatted(external.url(), rootMessage(e)));
    }
  }

  /** Drivers wrap what went wrong in layers that say nothing. */
  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private Path engine() throws LaunchException, InterruptedException {
    EngineInstallation installation = EngineInstallation.of(home.root(), System.getenv());
    Path present = installation.library().orElse(null);
    if (present != null) {
      return present;
    }
    long start = begin(ENGINE_DOWNLOAD);
    try {
      Path library = installation.ensure(new EngineInstallation.Progress());
      finish(ENGINE_DOWNLOAD, start);
      return library;
    } catch (IOException e) {
      throw LaunchException.of(e);
    }
  }

  private ClickHouseTarget clickHouse() {
    ClickHouseTarget external = options.clickHouse();
    return external == null ? processes.ownClickHouse() : external;
  }

  private void startAndAwait(ProcessSpecification specification)
      throws LaunchException, InterruptedException {
    long start = begin(specification.stage());
    ManagedProcess process =
        new ManagedProcess(specification, listener::note, this::recordInstance);
    synchronized (this) {
      if (stopping) {
        throw new InterruptedException("stopped while it starts");
      }
      managed.add(process);
      process.start();
    }
    process.awaitHealthy();
    finish(specification.stage(), start);
  }

  /** Log files are followed from then on: usage of its keys must not come before them. */
  private void loadCatalog() throws LaunchException, InterruptedException, IOException {
    if (catalog != null) {
      long start = begin(CATALOGUE);
      loadIfChanged(catalog);
      Files.writeString(dataDirectory().catalogLoadedFile(), "");
      finish(CATALOGUE, start);
    }
  }

  /** A restart is no edit: it must not take back what was changed over REST since. */
  private void loadIfChanged(Supervisor.Catalog file)
      throws LaunchException, InterruptedException, IOException {
    Path known = dataDirectory().loadedCatalogFile();
    LoadedCatalog now =
        LoadedCatalog.of(file.yaml(), kafka, CatalogLoader.version(apiUrl, adminToken()));
    if (LoadedCatalog.read(known).filter(last -> last.holds(now)).isPresent()) {
      return;
    }
    CatalogLoader.Loaded loaded =
        CatalogLoader.load(apiUrl, adminToken(), file.yaml(), file.fileName());
    if (!loaded.replaced().isEmpty()) {
      listener.note(
          "%s was loaded and wrote over %s; GET /v1/catalog/history has what it was"
              .formatted(file.fileName(), String.join(", ", loaded.replaced())));
    }
    new LoadedCatalog(now.sha256(), kafka, loaded.version()).write(known);
  }

  /** Names what a slow start waits for. The download has a progress bar of its own. */
  private void tellProgress() {
    try {
      while (!ready.isDone()) {
        Thread.sleep(SILENCE.toMillis());
        Map<String, Long> open;
        List<ManagedProcess> started;
        synchronized (this) {
          open = new LinkedHashMap<>(stages);
          started = List.copyOf(managed);
        }
        open.remove(ENGINE_DOWNLOAD);
        open.forEach((stage, start) -> tellProgress(stage, start, started));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellProgress(String stage, long start, List<ManagedProcess> started) {
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    if (taken.compareTo(SILENCE) >= 0 && !ready.isDone()) {
      String reason =
          started.stream()
              .filter(process -> process.stage().equals(stage))
              .flatMap(process -> process.waitingFor().stream())
              .findFirst()
              .map(sentence -> ": " + sentence)
              .orElse("");
      listener.note("%s: starting for %d s%s".formatted(stage, taken.toSeconds(), reason));
    }
  }

  private long begin(String stage) {
    listener.started(stage);
    long start = System.nanoTime();
    synchronized (this) {
      stages.put(stage, start);
    }
    return start;
  }

  private void finish(String stage, long start) {
    synchronized (this) {
      stages.remove(stage);
    }
    listener.finished(stage, Duration.ofNanos(System.nanoTime() - start));
  }

  /** Work that may fail in the two ways a start can. */
  private interface Work {
    void run() throws LaunchException, InterruptedException;
  }

  private CompletableFuture<@Nullable Void> inBackground(String name, Work work) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
                result.complete(null);
              } catch (LaunchException | InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
                // Whatever fails first is what the operator hears.
                ready.completeExceptionally(e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static void join(CompletableFuture<@Nullable Void> work)
      throws LaunchException, InterruptedException {
    try {
      work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LaunchException failure) {
        throw failure;
      }
      throw new LaunchException("the start failed: " + e.getCause());
    }
  }

  /** Called whenever a process was started, by several threads. */
  private synchronized void recordInstance() {
    Map<String, ProcessIdentity> running = new HashMap<>();
    for (ManagedProcess process : managed) {
      process.handle().ifPresent(it -> running.put(process.name(), ProcessIdentity.of(it)));
    }
    try {
      dataDirectory()
          .record(
              new Instance(
                  self,
                  running,
                  apiUrl.toString(),
                  Map.of(Processes.METERING, ports.of(Role.METERING_HEALTH)),
                  kafkaConfig.toString(),
                  clickHouse(),
                  gatewayConfig()));
    } catch (IOException e) {
      listener.note(
          "what runs could not be recorded in " + dataDirectory().instanceFile() + ": " + e);
    }
  }

  /** Processes inherit the launcher's environment, so its variable counts without the option. */
  private @Nullable String gatewayConfig() {
    Path option = options.gateway();
    String file = option == null ? System.getenv(GatewayFile.VARIABLE) : option.toString();
    return file == null || file.isBlank()
        ? null
        : Path.of(file).toAbsolutePath().normalize().toString();
  }

  private void forgetInstance() {
    try {
      Files.deleteIfExists(dataDirectory().instanceFile());
    } catch (IOException e) {
      // Readers find that the launcher it names no longer runs.
    }
  }

  /**
   * Stops everything in reverse order and gives the data directory free. Returns when all is done,
   * within 30 s; stopping twice does no harm.
   */
  public void stop() {
    boolean first;
    synchronized (this) {
      first = !stopping;
      stopping = true;
    }
    try {
      if (first) {
        long start = System.nanoTime();
        listener.note("stopping…");
        ready.cancel(false);
        starter.interrupt();
        progress.interrupt();
        // Users of Kafka and ClickHouse end before what they use, so that nothing waits for it.
        stopGroup(Set.of(Processes.METERING, Processes.API));
        stopGroup(Set.of(Processes.BROKER, Processes.CLICKHOUSE));
        forgetInstance();
        Supervisor.release(lock);
        stopped.countDown();
        double seconds = (System.nanoTime() - start) / (double) Duration.ofSeconds(1).toNanos();
        listener.note("stopped after %.1f s".formatted(seconds));
      } else {
        stopped.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopGroup(Set<String> names) throws InterruptedException {
    List<ManagedProcess> group;
    synchronized (this) {
      group = managed.stream().filter(process -> names.contains(process.name())).toList();
    }
    group.forEach(ManagedProcess::requestStop);
    long end = System.nanoTime() + STOP_PATIENCE.toNanos();
    for (ManagedProcess process : group) {
      process.awaitStop(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  /** Kills metering as a crash would; it is started again at once. */
  public void killMetering() {
    List<ManagedProcess> running;
    synchronized (this) {
      running = List.copyOf(managed);
    }
    running.stream()
        .filter(process -> process.name().equals(Processes.METERING))
        .flatMap(process -> process.handle().stream())
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    stop();
  }
}
