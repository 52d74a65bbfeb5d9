package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.process.ChildProcess;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.standalone.engine.EngineProcess;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import dev.taximeter.standalone.instance.Ports;
import dev.taximeter.standalone.instance.Ports.Role;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts together how each process is started: program, memory, settings, health. */
final class Processes {
  static final String BROKER = "broker";
  static final String CLICKHOUSE = "clickhouse";
  static final String METERING = "metering";
  static final String API = "api";

  /** A process and the archive of its classes must agree on these. */
  static final List<String> ARCHIVE_OPTIONS = List.of("-XX:+UseSerialGC", "-Xlog:cds*=error");

  private static final String BROKER_STAGE = "Kafka broker";
  private static final String CLICKHOUSE_STAGE = "ClickHouse engine";
  private static final String METERING_STAGE = "metering process";
  private static final String API_STAGE = "billing API";

  /**
   * Of every transaction, each partition that it touches costs the broker the same, however little
   * is in it. Two keep the threads of one machine busy, and more would be paid for at each commit.
   */
  private static final int PARTITIONS = 2;

  /** Recovery of a large log after a kill may take this long. */
  private static final Duration BROKER_PATIENCE = Duration.ofMinutes(5);

  private static final Duration CLICKHOUSE_PATIENCE = Duration.ofMinutes(5);

  /** Metering serves once its state is restored. */
  private static final Duration METERING_PATIENCE = Duration.ofMinutes(10);

  private static final Duration API_PATIENCE = Duration.ofMinutes(5);

  private final Home home;
  private final DataDirectory directory;
  private final Ports ports;

  Processes(Home home, DataDirectory directory, Ports ports) {
    this.home = home;
    this.directory = directory;
    this.ports = ports;
  }

  ProcessSpecification broker(Path kafkaConfig) throws LaunchException {
    return specification(
        BROKER,
        BROKER_STAGE,
        own(
            BrokerProcess.class,
            List.of("-Xms64m", "-Xmx384m", "-XX:TieredStopAtLevel=1", logging())),
        Map.of(
            BrokerProcess.DIRECTORY, directory.kafka().toString(),
            BrokerProcess.PORT, Integer.toString(ports.of(Role.BROKER)),
            BrokerProcess.CONTROLLER_PORT, Integer.toString(ports.of(Role.CONTROLLER)),
            BrokerProcess.PASSWORD_FILE, directory.kafkaPasswordFile().toString()),
        () -> new KafkaProbe(kafkaSettings(kafkaConfig)),
        BROKER_PATIENCE);
  }

  static Map<String, Object> kafkaSettings(Path kafkaConfig) {
    return new Environment(Map.of("--kafka-config", kafkaConfig.toString()))
        .kafka("--kafka-config");
  }

  ProcessSpecification clickHouse(Path library) throws LaunchException {
    return specification(
        CLICKHOUSE,
        CLICKHOUSE_STAGE,
        own(
            EngineProcess.class,
            List.of("-Xms16m", "-Xmx128m", "-XX:TieredStopAtLevel=1", logging())),
        Map.of(
            EngineProcess.LIBRARY,
            library.toString(),
            EngineProcess.DIRECTORY,
            directory.clickHouse().toString(),
            EngineProcess.PORT,
            Integer.toString(ports.of(Role.CLICKHOUSE)),
            EngineProcess.PASSWORD_FILE,
            directory.clickHousePasswordFile().toString(),
            EngineProcess.READER_PASSWORD_FILE,
            directory.clickHouseReaderPasswordFile().toString(),
            "TZ",
            "UTC"),
        () -> new HttpProbe(loopback(ports.of(Role.CLICKHOUSE), "/ping")),
        CLICKHOUSE_PATIENCE);
  }

  ClickHouseTarget ownClickHouse() {
    return new ClickHouseTarget(
        "jdbc:clickhouse:http://127.0.0.1:%d/".formatted(ports.of(Role.CLICKHOUSE)),
        "taximeter",
        directory.clickHousePasswordFile().toString(),
        "taximeter_reader",
        directory.clickHouseReaderPasswordFile().toString());
  }

  ProcessSpecification metering(
      Path kafkaConfig,
      boolean ownBroker,
      ClickHouseTarget clickHouse,
      List<Path> logs,
      @Nullable Path gateway,
      boolean afterCatalog)
      throws LaunchException {
    Map<String, String> environment = common(kafkaConfig, ownBroker, clickHouse);
    environment.put("TAXIMETER_CLICKHOUSE_USER", clickHouse.user());
    environment.put("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", clickHouse.passwordFile());
    environment.put("TAXIMETER_STATE_DIR", directory.metering().toString());
    environment.put("TAXIMETER_HEALTH_PORT", Integer.toString(ports.of(Role.METERING_HEALTH)));
    environment.put(
        "TAXIMETER_LOG_FILES",
        logs.stream()
            .map(log -> log.toAbsolutePath().normalize().toString())
            .collect(Collectors.joining(File.pathSeparator)));
    if (afterCatalog) {
      environment.put("TAXIMETER_SHIP_AFTER", directory.catalogLoadedFile().toString());
    }
    if (gateway != null) {
      environment.put(GatewayFile.VARIABLE, gateway.toAbsolutePath().normalize().toString());
    }
    return specification(
        METERING,
        METERING_STAGE,
        new Program(
            "dev.taximeter.streams.Metering",
            home.classPath(home.root().resolve("streams"), "taximeter-streams"),
            meteringOptions()),
        environment,
        () -> new HttpProbe(loopback(ports.of(Role.METERING_HEALTH), "/readyz")),
        METERING_PATIENCE);
  }

  /**
   * What metering does, it does for every line: the optimising compiler pays. What it reads lives
   * until it has landed, a second or two; a small young generation would copy it all into the old.
   */
  private List<String> meteringOptions() {
    return List.of("-Xms256m", "-Xmn144m", "-Xmx640m", logging());
  }

  ProcessSpecification api(
      Path kafkaConfig,
      boolean ownBroker,
      ClickHouseTarget clickHouse,
      String address,
      URI apiUrl,
      @Nullable Path demonstration,
      @Nullable Integer gatePort)
      throws LaunchException {
    Map<String, String> environment = common(kafkaConfig, ownBroker, clickHouse);
    environment.put("TAXIMETER_CLICKHOUSE_USER", clickHouse.reader());
    environment.put("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", clickHouse.readerPasswordFile());
    environment.put("TAXIMETER_PORT", Integer.toString(ports.of(Role.API)));
    environment.put("TAXIMETER_ADDRESS", address);
    environment.put("TAXIMETER_ADMIN_TOKEN_FILE", directory.adminTokenFile().toString());
    if (demonstration != null) {
      environment.put("TAXIMETER_DEMONSTRATION_DIR", demonstration.toString());
    }
    if (gatePort != null) {
      environment.put("TAXIMETER_GATE_PORT", Integer.toString(gatePort));
    }
    return specification(
        API,
        API_STAGE,
        new Program(
            "dev.taximeter.api.BillingApi",
            home.classPath(home.root().resolve("billing-api"), "taximeter-billing-api"),
            apiOptions(gatePort != null)),
        environment,
        () -> new HttpProbe(URI.create(apiUrl + "/readyz")),
        API_PATIENCE);
  }

  /**
   * A gate is asked before each request of each client: then the optimising compiler pays, and a
   * young generation so large that it is seldom collected, since all checks wait for that.
   */
  private static List<String> apiOptions(boolean gate) {
    return gate
        ? List.of("-Xms192m", "-Xmn128m", "-Xmx384m")
        : List.of("-Xms32m", "-Xmx256m", "-XX:TieredStopAtLevel=1");
  }

  private Map<String, String> common(
      Path kafkaConfig, boolean ownBroker, ClickHouseTarget clickHouse) {
    Map<String, String> environment = new HashMap<>();
    environment.put("TAXIMETER_KAFKA_CONFIG", kafkaConfig.toString());
    environment.put("TAXIMETER_ROOT_SECRET_FILE", directory.rootSecretFile().toString());
    environment.put("TAXIMETER_CLICKHOUSE_URL", clickHouse.url());
    if (ownBroker) {
      environment.put("TAXIMETER_REPLICATION", "1");
      environment.put("TAXIMETER_PARTITIONS", Integer.toString(PARTITIONS));
    }
    return environment;
  }

  private static URI loopback(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Not for the API, whose framework has settings of its own for it. */
  private String logging() {
    return "-Dlogback.configurationFile=" + home.logging();
  }

  /**
   * A Java program.
   *
   * @param options for memory and logging
   */
  private record Program(String main, List<Path> classPath, List<String> options) {}

  private Program own(Class<?> main, List<String> options) throws LaunchException {
    List<Path> classPath = home.classPath(home.standalone(), "taximeter-standalone");
    return new Program(main.getName(), classPath, options);
  }

  private ProcessSpecification specification(
      String name,
      String stage,
      Program program,
      Map<String, String> environment,
      Supplier<Probe> probe,
      Duration startPatience) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(program.options());
    command.addAll(ARCHIVE_OPTIONS);
    command.addAll(
        List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "-Xss512k",
            "-Xshare:auto",
            "-Djava.awt.headless=true",
            "-Dfile.encoding=UTF-8",
            "-Duser.timezone=UTC",
            "-cp",
            ClassArchive.join(program.classPath()),
            ChildProcess.class.getName(),
            program.main()));
    ClassArchive archive = ClassArchive.of(home.classArchives(), name, program.classPath());
    return new ProcessSpecification(
        name, stage, command, archive, environment, directory.log(name), probe, startPatience);
  }
}
