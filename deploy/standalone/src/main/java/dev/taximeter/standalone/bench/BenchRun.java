package dev.taximeter.standalone.bench;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.backfill.BackfillRun;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.backfill.StalledException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Measures a running system that has seen nothing before; one figure after the other. */
final class BenchRun {
  /** Programs are compiled while they run: figures of the first seconds are those of no system. */
  private static final int WARM_UP_PART = 5;

  private static final long WARM_UP_LEAST = 5_000;
  private static final long WARM_UP_MOST = 200_000;

  /** Idle is what is left after the start. */
  private static final Duration IDLE_AFTER = Duration.ofSeconds(5);

  private static final int READS = 2_000;
  private static final int READS_TO_WARM_UP = 500;
  private static final long MEGABYTE = 1_000_000;
  private static final long MILLION = 1_000_000;

  private static final long WARM_UP_SEED = 1;
  private static final long SEED = 2;
  private static final long LATENCY_SEED = 3;

  private final RunningSystem system;
  private final Path directory;
  private final Path followed;
  private final long lines;
  private final int latencySeconds;
  private final PrintStream progress;

  /**
   * @param directory for the generated files
   * @param followed an access log that the system follows
   * @param lines to measure throughput with
   */
  BenchRun(
      RunningSystem system,
      Path directory,
      Path followed,
      long lines,
      int latencySeconds,
      PrintStream progress) {
    this.system = system;
    this.directory = directory;
    this.followed = followed;
    this.lines = lines;
    this.latencySeconds = latencySeconds;
    this.progress = progress;
  }

  BenchReport run()
      throws IOException, InterruptedException, ExecutionException, StalledException, SQLException {
    RestClient api = system.api();
    Thread.sleep(IDLE_AFTER.toMillis());
    @Nullable Long idle = residentMegabytes(ProcessUse.of(system.dataDirectory()));

    long warmUpLines = Math.max(WARM_UP_LEAST, Math.min(WARM_UP_MOST, lines / WARM_UP_PART));
    say("warming up with %,d lines", warmUpLines);
    BenchLines warmUp = generate("warm-up.log", warmUpLines, WARM_UP_SEED);
    new BackfillRun(system, null).ship(List.of(warmUp.file()));
    Files.delete(warmUp.file());

    say("generating %,d lines", lines);
    BenchLines measured = generate("measured.log", lines, SEED);
    say("Kafka alone");
    Pipe.Result pipe = new Pipe(system.kafka(), partitions()).measure(measured);

    say("end to end");
    long diskBefore = diskBytes();
    Map<String, ProcessUse> before = ProcessUse.of(system.dataDirectory());
    BackfillRun backfill = new BackfillRun(system, null);
    long start = System.nanoTime();
    BackfillReport report = backfill.ship(List.of(measured.file()));
    Duration endToEnd = Duration.ofNanos(System.nanoTime() - start);
    Map<String, ProcessUse> after = ProcessUse.of(system.dataDirectory());
    long disk = diskBytes() - diskBefore;
    long wrong = wrongAccounts(api, measured, warmUp);

    say("latency for %d s", latencySeconds);
    Millis latency = new Latency(api, followed).measure(latencySeconds, LATENCY_SEED);
    say("reads");
    BenchReport.Reads reads =
        new BenchReport.Reads(reads(api, "/v1/accounts/acme/balance"), reads(api, "/livez"));
    say("auditing");
    BenchReport.Checks checks = audit(report, wrong);

    long pipeRate = BenchReport.perSecond(lines, pipe.produce().plus(pipe.consume()));
    long endToEndRate = BenchReport.perSecond(lines, endToEnd);
    return new BenchReport(
        endToEndRate,
        pipeRate,
        BenchReport.ratio(endToEndRate, pipeRate),
        latency,
        BenchReport.perSecond(lines, backfill.shipped()),
        BenchReport.perSecond(lines, backfill.metered()),
        BenchReport.megabytes(BenchReport.perSecond(measured.bytes(), endToEnd)),
        new BenchReport.Kafka(
            BenchReport.perSecond(lines, pipe.produce()),
            BenchReport.perSecond(lines, pipe.consume())),
        uses(before, after),
        idle,
        disk / MEGABYTE * MILLION / lines,
        reads,
        checks,
        new BenchReport.Input(lines, warmUpLines, measured.bytes() / lines, latencySeconds),
        machine(),
        method(),
        Instant.now());
  }

  private void say(String what, Object... values) {
    progress.println("taximeter: bench: " + String.format(what, values));
  }

  private BenchLines generate(String name, long count, long seed) throws IOException {
    return BenchLines.write(directory.resolve(name), count, seed, Instant.now());
  }

  private int partitions() throws InterruptedException, ExecutionException {
    String topic = Topics.ACCESS_LOG.topicName();
    try (Admin admin = Admin.create(system.kafka())) {
      return Objects.requireNonNull(
              admin.describeTopics(List.of(topic)).topicNameValues().get(topic))
          .get()
          .partitions()
          .size();
    }
  }

  private static @Nullable Long residentMegabytes(Map<String, ProcessUse> uses) {
    long sum = 0;
    for (ProcessUse use : uses.values()) {
      Long bytes = use.residentBytes();
      if (bytes == null) {
        return null;
      }
      sum += bytes;
    }
    return sum / MEGABYTE;
  }

  private Map<String, BenchReport.Use> uses(
      Map<String, ProcessUse> before, Map<String, ProcessUse> after) {
    Map<String, BenchReport.Use> uses = new TreeMap<>();
    after.forEach(
        (name, use) -> {
          ProcessUse earlier = before.get(name);
          Duration spent =
              earlier == null ? use.processor() : use.processor().minus(earlier.processor());
          Long peak = use.peakBytes();
          uses.put(
              name,
              new BenchReport.Use(
                  BenchReport.secondsPerMillion(spent, lines),
                  peak == null ? null : Long.valueOf(peak / MEGABYTE)));
        });
    return uses;
  }

  /** Files come and go while they are looked at. */
  private long diskBytes() throws IOException {
    AtomicLong bytes = new AtomicLong();
    Files.walkFileTree(
        system.dataDirectory().root(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.equals(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes.addAndGet(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes.get();
  }

  /** Compares what the API answers for each account with what the generator has written. */
  private static long wrongAccounts(RestClient api, BenchLines... shipped)
      throws IOException, InterruptedException {
    Map<String, BenchLines.Totals> expected = new HashMap<>();
    for (BenchLines file : shipped) {
      file.expected()
          .forEach((account, totals) -> expected.merge(account, totals, BenchLines.Totals::plus));
    }
    long wrong = 0;
    for (Map.Entry<String, BenchLines.Totals> account : expected.entrySet()) {
      if (!usage(api, account.getKey()).equals(account.getValue())) {
        wrong++;
      }
    }
    return wrong;
  }

  private static BenchLines.Totals usage(RestClient api, String account)
      throws IOException, InterruptedException {
    Instant now = Instant.now();
    String path =
        "/v1/usage?granularity=month&account=%s&from=%s&to=%s"
            .formatted(account, now.minus(Duration.ofDays(2)), now.plus(Duration.ofDays(1)));
    BenchLines.Totals totals = BenchLines.Totals.NONE;
    for (JsonNode row : api.get(path).path("rows")) {
      totals =
          totals.plus(
              new BenchLines.Totals(
                  row.path("requests").asLong(),
                  row.path("inputTokens").asLong(),
                  row.path("outputTokens").asLong()));
    }
    return totals;
  }

  private static Millis reads(RestClient api, String path)
      throws IOException, InterruptedException {
    for (int i = 0; i < READS_TO_WARM_UP; i++) {
      api.get(path);
    }
    long[] nanos = new long[READS];
    for (int i = 0; i < READS; i++) {
      long start = System.nanoTime();
      api.get(path);
      nanos[i] = System.nanoTime() - start;
    }
    return Millis.of(nanos);
  }

  private BenchReport.Checks audit(BackfillReport report, long wrong)
      throws SQLException, InterruptedException {
    long start = System.nanoTime();
    try (Connection connection = system.clickHouse()) {
      long differences = new Audit(connection).run(null, null).differences().size();
      return new BenchReport.Checks(
          report.billed(),
          report.residual(),
          wrong,
          differences,
          Duration.ofNanos(System.nanoTime() - start).toSeconds());
    }
  }

  private static BenchReport.Machine machine() {
    long memory =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : 0;
    return new BenchReport.Machine(
        Runtime.getRuntime().availableProcessors(),
        processor(),
        memory / MEGABYTE,
        System.getProperty("java.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"));
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static List<String> method() {
    return List.of(
        "All processes run on this machine: broker, ClickHouse engine, metering, API, and this"
            + " program, which generates, ships, waits and reads.",
        "Lines are those of the demonstration's generator, all different, all billed, completed"
            + " within the last 12 hours, of all its keys in turn; warm-up lines come first and do"
            + " not count.",
        "Kafka alone: the plain Java clients (lz4, acks=all, batches of 256 KiB, linger 5 ms), the"
            + " same file, broker, keys and number of partitions, while the rest of the system is"
            + " idle.",
        "End to end: backfill of the file until each line has its fate and its rating, ClickHouse"
            + " has all rows and the API's answers hold them; exactly-once, de-duplicated. Shipped"
            + " and metered are points of the same run.",
        "Latency: lines appended to a followed file at fixed instants, %,d per second, each timed"
                .formatted(Latency.LINES_PER_SECOND)
            + " from the instant it was due until a balance read, one after the other, held it.",
        "Not measured: growth with the number of identities and keys, bytes allocated, reads under"
            + " load.");
  }
}
