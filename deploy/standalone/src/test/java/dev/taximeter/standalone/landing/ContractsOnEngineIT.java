package dev.taximeter.standalone.landing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What reads ClickHouse keeps its contract on the real engine, too: classes of the modules that
 * have no engine, each in a process of its own, on its module's class path.
 */
class ContractsOnEngineIT {
  private static final long PATIENCE_SECONDS = 180;

  private static RealEngine engine;
  @TempDir private static Path directory;

  @BeforeAll
  static void startEngine() throws Exception {
    engine = RealEngine.start(directory);
  }

  @AfterAll
  static void stopEngine() throws InterruptedException {
    if (engine != null) {
      engine.close();
    }
  }

  private static Path module(String name) {
    // Tests run in deploy/standalone.
    return Path.of("").toAbsolutePath().getParent().getParent().resolve(name).resolve("target");
  }

  @ParameterizedTest
  @CsvSource({
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseUsageHistoryOnEngine, 11",
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseLineHistoryOnEngine, 3",
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseDeadLetterHistoryOnEngine, 3",
    "billing-api, dev.taximeter.api.clickhouse.CatalogAndMarginOnEngine, 2",
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseLandedUsageOnEngine, 4",
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseAuditLogOnEngine, 2",
    "billing-api, dev.taximeter.api.clickhouse.ClickHouseAlertsOnEngine, 2",
    "streams, dev.taximeter.streams.landing.ClickHouseIdentitiesOnEngine, 7"
  })
  void theContractIsKept(String module, String testClass, int leastTests) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dtaximeter.test.clickhouse.url=" + engine.writer("default").url());
    command.add("-Dtaximeter.test.clickhouse.user=" + engine.writer("default").user());
    command.add("-Dtaximeter.test.clickhouse.password=" + engine.writer("default").password());
    command.add("-cp");
    command.add(
        String.join(
            File.pathSeparator,
            module(module).resolve("test-classes").toString(),
            module(module).resolve("classes").toString(),
            module(module).resolve("lib") + File.separator + "*",
            System.getProperty("java.class.path")));
    command.add(ContractRun.class.getName());
    command.add(testClass);
    Path log = directory.resolve(testClass + ".log");
    Process run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    run.destroyForcibly();

    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(ended).as(output).isTrue();
    assertThat(run.exitValue()).as(output).isZero();
    Matcher succeeded = Pattern.compile("succeeded (\\d+)").matcher(output);
    assertThat(succeeded.find()).as(output).isTrue();
    assertThat(Integer.parseInt(succeeded.group(1))).as(output).isGreaterThanOrEqualTo(leastTests);
  }

  /** A class that no plugin looks for and that is not named above would never run. */
  @Test
  void everyContractOnAnEngineIsNamedHere() throws Exception {
    List<String> found = new ArrayList<>();
    for (String module : List.of("billing-api", "streams")) {
      try (var files = Files.walk(module(module).resolve("test-classes"))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith("OnEngine.class"))
            .forEach(found::add);
      }
    }
    assertThat(found)
        .containsExactlyInAnyOrder(
            "ClickHouseUsageHistoryOnEngine.class",
            "ClickHouseLineHistoryOnEngine.class",
            "ClickHouseDeadLetterHistoryOnEngine.class",
            "CatalogAndMarginOnEngine.class",
            "ClickHouseLandedUsageOnEngine.class",
            "ClickHouseAuditLogOnEngine.class",
            "ClickHouseAlertsOnEngine.class",
            "ClickHouseIdentitiesOnEngine.class");
  }
}
