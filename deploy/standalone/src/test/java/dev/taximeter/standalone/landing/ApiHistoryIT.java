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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API's usage history keeps its contract on the real engine, too. */
class ApiHistoryIT {
  private static final long PATIENCE_SECONDS = 180;

  @ParameterizedTest
  @ValueSource(strings = {"ClickHouseUsageHistoryOnEngine", "CatalogAndMarginOnEngine"})
  void theApisHistoryKeepsItsContract(String contract, @TempDir Path directory) throws Exception {
    Path api = Path.of("").toAbsolutePath().getParent().getParent().resolve("billing-api/target");
    try (RealEngine engine = RealEngine.start(directory)) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-Dtaximeter.test.clickhouse.url=" + engine.writer("default").url());
      command.add("-Dtaximeter.test.clickhouse.user=" + engine.writer("default").user());
      command.add("-Dtaximeter.test.clickhouse.password=" + engine.writer("default").password());
      command.add("-cp");
      command.add(
          String.join(
              File.pathSeparator,
              api.resolve("test-classes").toString(),
              api.resolve("classes").toString(),
              api.resolve("lib") + File.separator + "*",
              System.getProperty("java.class.path")));
      command.add(ContractRun.class.getName());
      command.add("dev.taximeter.api.clickhouse." + contract);
      Path log = directory.resolve("contract.log");
      Process run =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean ended = run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      run.destroyForcibly();

      String output = Files.readString(log, StandardCharsets.UTF_8);
      assertThat(ended).as(output).isTrue();
      assertThat(run.exitValue()).as(output).isZero();
      Matcher succeeded = Pattern.compile("succeeded (\\d+)").matcher(output);
      assertThat(succeeded.find()).as(output).isTrue();
      assertThat(Integer.parseInt(succeeded.group(1))).as(output).isGreaterThan(1);
    }
  }
}
