package dev.taximeter.streams.landing;

import java.util.List;
import java.util.Optional;

/** Whether landing makes progress, and if not, why. Thread-safe. */
final class LandingHealth {
  /** Failures in a row that are still taken for a hiccup. */
  static final int TOLERATED_FAILURES = 2;

  private int failures;
  private Optional<String> problem =
      Optional.of("landing has not reached Kafka and ClickHouse yet");

  private List<String> gaps = List.of();

  /**
   * @param blocked why some partitions are not landed although everything else is
   * @param missing ranges of records that are missing in ClickHouse
   */
  synchronized void succeeded(Optional<String> blocked, List<String> missing) {
    failures = 0;
    problem = blocked;
    gaps = List.copyOf(missing);
  }

  /**
   * @param sentence what is wrong, for the operator
   * @return how many failures there have been in a row
   */
  synchronized int failed(String sentence) {
    failures++;
    if (failures > TOLERATED_FAILURES || problem.isPresent()) {
      problem = Optional.of(sentence);
    }
    return failures;
  }

  synchronized void stopped() {
    failures = 0;
    problem = Optional.of("landing has been stopped");
  }

  synchronized Optional<String> problem() {
    return problem;
  }

  synchronized List<String> gaps() {
    return gaps;
  }
}
