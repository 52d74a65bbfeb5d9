package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs both parsers in one run and prints what they did. */
class ParserBenchmarkRun {
  @Test
  void bothParsersInOneRun() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(ParserBenchmark.class.getName())
                    .addProfiler(GCProfiler.class)
                    .build())
            .run();
    double own = score(results, "taximeter");
    double jackson = score(results, "jackson");
    System.out.printf(
        "PARSER taximeter %,.0f lines/s, Jackson %,.0f lines/s, ratio %.2f, load average %.1f%n",
        own,
        jackson,
        own / jackson,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    assertThat(own).isGreaterThan(jackson);
  }

  private static double score(Collection<RunResult> results, String benchmark) {
    return results.stream()
        .map(RunResult::getPrimaryResult)
        .filter(result -> result.getLabel().equals(benchmark))
        .findFirst()
        .orElseThrow()
        .getScore();
  }
}
