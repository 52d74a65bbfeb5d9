package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void waitsDoubleUpToTenSecondsAndStartAnewAfterAMinuteOfService() {
    Backoff backoff = new Backoff();
    List<Long> waits =
        Stream.generate(() -> backoff.after(Duration.ZERO).toMillis()).limit(8).toList();

    assertThat(waits).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 10000L, 10000L);
    assertThat(backoff.after(Duration.ofSeconds(59)).toMillis()).isEqualTo(10000);
    assertThat(backoff.after(Duration.ofSeconds(60)).toMillis()).isEqualTo(200);
  }
}
