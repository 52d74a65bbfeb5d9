package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WakeUpPaceTest {
  @ParameterizedTest
  @CsvSource({
    "-5000, 50",
    "0, 50",
    "199, 50",
    "200, 100",
    "399, 100",
    "400, 200",
    "1600, 800",
    "3600000, 800",
  })
  void waitsForHalfTheAgeOfWhatWaits(long ageMillis, long paceMillis) {
    assertThat(WakeUp.pace(ageMillis)).isEqualTo(Duration.ofMillis(paceMillis));
  }
}
