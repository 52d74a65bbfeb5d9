package dev.taximeter.standalone.cli;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import dev.taximeter.standalone.supervisor.LaunchException;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code up}: the real thing on one machine, in the foreground. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description =
        "Starts everything on this machine and keeps it running until Ctrl-C or SIGTERM. Prints"
            + " READY and the address on standard output once requests are served.")
final class UpCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65_535;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where everything is kept (default: .taximeter in the clone).")
  private Path dataDirectory = Path.of(".taximeter");

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the API (default: the last one used, else 8080 or any free one).")
  private @Nullable Integer port;

  @Option(
      names = "--address",
      paramLabel = "A",
      description = "Address the API listens on (default: 127.0.0.1, this machine only).")
  private String address = UpOptions.LOOPBACK;

  @Option(
      names = "--gate-port",
      paramLabel = "N",
      description =
          "Port on this machine where a gateway asks whether a key may pass (default: none).")
  private @Nullable Integer gatePort;

  @Option(
      names = "--catalog",
      paramLabel = "FILE",
      description = "Accounts, keys, prices, plans, quotas and credits to load.")
  private @Nullable Path catalog;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "An access log to follow; may be given several times.")
  private List<Path> logs = new ArrayList<>();

  @Option(
      names = "--gateway",
      paramLabel = "FILE",
      description =
          "What the logs look like: templates, dialects, sources (default: Higress 2.1.9).")
  private @Nullable Path gateway;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = "Client settings of an existing Kafka to use instead of an own broker.")
  private @Nullable Path kafkaConfig;

  @ArgGroup(exclusive = false)
  private @Nullable ClickHouse clickHouse;

  /** An existing ClickHouse. */
  static final class ClickHouse {
    @Option(
        names = "--clickhouse-url",
        paramLabel = "URL",
        required = true,
        description =
            "JDBC URL of an existing ClickHouse, such as jdbc:clickhouse:http://host:8123/, to use"
                + " instead of the own engine.")
    private String url = "";

    @Option(
        names = "--clickhouse-user",
        paramLabel = "NAME",
        description = "Its user (default: default).")
    private String user = "default";

    @Option(
        names = "--clickhouse-password-file",
        paramLabel = "FILE",
        required = true,
        description = "A file with that user's password.")
    private Path passwordFile = Path.of("");

    private ClickHouseTarget target() {
      String file = passwordFile.toAbsolutePath().normalize().toString();
      return new ClickHouseTarget(url, user, file, user, file);
    }
  }

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    requirePort("--port", port);
    requirePort("--gate-port", gatePort);
    PrintWriter errors = spec.commandLine().getErr();
    RunningStack stack;
    try {
      stack = Supervisor.start(options(), new ErrorStages(errors));
      stopAtExit(stack);
      stack.awaitReady();
    } catch (LaunchException e) {
      FailedStart.explain(e, new DataDirectory(dataDirectory), errors);
      throw e;
    }
    PrintWriter output = spec.commandLine().getOut();
    output.println("READY " + stack.apiUrl());
    output.flush();
    errors.printf(
        "taximeter: the administrator's token is in %s; POST /v1/sign-in-codes with it gives a link"
            + " to the live page, %s/docs shows the API%n",
        stack.dataDirectory().adminTokenFile(), stack.apiUrl());
    errors.flush();
    // From here on only a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  private void requirePort(String option, @Nullable Integer value) {
    if (value != null && (value < 1 || value > MOST_PORT)) {
      throw new ParameterException(
          spec.commandLine(), option + " must be from 1 to " + MOST_PORT + ", not " + value);
    }
  }

  private UpOptions options() {
    return new UpOptions(
        new DataDirectory(dataDirectory),
        port,
        address,
        catalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse == null ? null : clickHouse.target(),
        null,
        gatePort);
  }

  private static void stopAtExit(RunningStack stack) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  boolean failed = stack.hasFailed();
                  stack.stop();
                  if (!failed) {
                    // A signal is the regular end, and the virtual machine would not say 0.
                    Runtime.getRuntime().halt(0);
                  }
                },
                "stop"));
  }
}
