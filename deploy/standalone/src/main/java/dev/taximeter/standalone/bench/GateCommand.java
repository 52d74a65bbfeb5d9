package dev.taximeter.standalone.bench;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.LaunchException;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code taximeter bench gate}. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how fast the gate answers whether a key may pass, and how long after the line that"
          + " reaches a hard quota it refuses.",
      "Starts a system of its own, which is removed afterwards. Figures for people go to standard"
          + " error, one JSON object to standard output."
    })
final class GateCommand implements Callable<Integer> {
  private static final int LEAST_RATE = 10;
  private static final int MOST_RATE = 20_000;
  private static final int MOST_SECONDS = 600;
  private static final int ACCOUNTS = 100;
  private static final int KEYS_PER_ACCOUNT = 10;
  private static final long DISK_BYTES = 500_000_000;

  /** Code that was never run is slow for a while. */
  private static final int WARM_UP_SECONDS = 10;

  private static final int FIRST_RATE = 200;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Checks a second, 10 to 20,000 (default: 2,000).")
  private int rate = 2_000;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long it is measured, 1 to 600 (default: 20).")
  private int seconds = 20;

  private final PrintStream errors = System.err;

  @Override
  public Integer call() throws LaunchException, InterruptedException, IOException {
    requireRange("--rate", rate, LEAST_RATE, MOST_RATE);
    requireRange("--seconds", seconds, 1, MOST_SECONDS);
    Path root = BenchDirectory.prepare(spec.commandLine(), null, DISK_BYTES, "keys");
    try {
      GateReport report = measure(new DataDirectory(root));
      errors.println();
      errors.println(report.toText());
      spec.commandLine().getOut().println(Json.MAPPER.writeValueAsString(report));
      spec.commandLine().getOut().flush();
      return 0;
    } finally {
      BenchDirectory.remove(root);
    }
  }

  private void requireRange(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s must be from %,d to %,d, not %,d".formatted(option, least, most, value));
    }
  }

  private GateReport measure(DataDirectory data)
      throws LaunchException, InterruptedException, IOException {
    Path catalog = data.root().resolve("bench-catalog.yaml");
    Files.writeString(catalog, catalog());
    int port = freePort();
    Path log = Files.createFile(data.root().resolve("bench-access.log"));
    UpOptions options =
        UpOptions.of(data).withCatalog(catalog).withGatePort(port).withLogs(List.of(log));
    try (RunningStack stack = Supervisor.start(options, new BenchNotes(errors))) {
      Thread stop = new Thread(stack::stop, "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      stack.awaitReady();
      String url = "http://127.0.0.1:" + port;
      try (OpenLoop loop = new OpenLoop(url, secrets())) {
        String path = "/v1/chat/completions";
        int first = Math.min(rate, FIRST_RATE);
        loop.measure(path, first, first * WARM_UP_SECONDS);
        loop.measure(path, rate, rate * WARM_UP_SECONDS);
        Millis latency = loop.measure(path, rate, Math.multiplyExact(rate, seconds));
        // Metering's code is compiled while it runs, too.
        Breach breach = new Breach(url, log, secrets());
        int each = Breach.LINES_PER_SECOND / Breach.LINES_PER_BREACH;
        breach.measure(breaching(0, each * WARM_UP_SECONDS));
        Millis breaches =
            breach.measure(breaching(each * WARM_UP_SECONDS, each * (WARM_UP_SECONDS + seconds)));
        return new GateReport(
            rate, ACCOUNTS * KEYS_PER_ACCOUNT, latency, Breach.LINES_PER_SECOND, breaches);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Some accounts have a hard quota that is not reached, others one that one request reaches. */
  private String catalog() {
    int breaches = Breach.LINES_PER_SECOND / Breach.LINES_PER_BREACH * (WARM_UP_SECONDS + seconds);
    return """
    accounts:
    %s%spriceBooks:
      - { id: b, currency: USD, prices: [ { model: "*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "0.01", output: "0.03" } } ] }
    plans:
      - { id: p, priceBook: b }
    quotas:
    %s%s"""
        .formatted(
            each(
                ACCOUNTS,
                account ->
                    account("a" + account, each(KEYS_PER_ACCOUNT, key -> key(key, account)))),
            each(breaches, number -> account("b" + number, breachKey(number))),
            each(ACCOUNTS, account -> quota("a" + account, "cost", 1_000_000)),
            each(breaches, number -> quota("b" + number, "requests", 1)));
  }

  private static String account(String id, String keys) {
    return "  - { id: %s, currency: USD, timezone: UTC, plan: p, keys: [%s] }%n"
        .formatted(id, keys);
  }

  private static String key(int key, int account) {
    return "{ name: k%d, secret: %s },".formatted(key, secret(account, key));
  }

  private static String breachKey(int number) {
    return "{ name: k, secret: %s }".formatted(breaching(number));
  }

  private static String quota(String account, String metric, int limit) {
    return "  - { id: q-%1$s, account: %1$s, metric: %2$s, window: month, limit: %3$d, thresholds: [100], enforcement: hard }%n"
        .formatted(account, metric, limit);
  }

  private static List<String> breaching(int from, int to) {
    return IntStream.range(from, to).mapToObj(GateCommand::breaching).toList();
  }

  private static String breaching(int number) {
    return "sk-bench-breach-%d-0123456789".formatted(number);
  }

  private static String each(int count, java.util.function.IntFunction<String> text) {
    return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining());
  }

  /** All keys, each after one of another account. */
  private static List<String> secrets() {
    return IntStream.range(0, ACCOUNTS * KEYS_PER_ACCOUNT)
        .mapToObj(number -> secret(number % ACCOUNTS, number / ACCOUNTS))
        .toList();
  }

  private static String secret(int account, int key) {
    return "sk-bench-%d-%d-0123456789".formatted(account, key);
  }
}
