package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
  private static final Instant NOW = Messages.NOW;

  @Test
  void goesOnForThreeDaysAndThenEnds() {
    RetrySchedule schedule = new RetrySchedule(() -> 0.5);
    Instant at = NOW;
    for (int attempts = 1; attempts < RetrySchedule.MOST_ATTEMPTS; attempts++) {
      Instant next = schedule.next(attempts, null, at);
      assertThat(next).isAfter(at);
      at = next;
    }
    assertThat(Duration.between(NOW, at)).isBetween(Duration.ofDays(3), Duration.ofDays(4));
    assertThat(schedule.next(RetrySchedule.MOST_ATTEMPTS, null, at)).isNull();
    assertThat(schedule.next(1, null, NOW)).isEqualTo(NOW.plusSeconds(5));
  }

  @Test
  void chanceSpreadsThemByAFifth() {
    assertThat(new RetrySchedule(() -> 0).next(1, null, NOW)).isEqualTo(NOW.plusSeconds(4));
    assertThat(new RetrySchedule(() -> 1).next(1, null, NOW)).isEqualTo(NOW.plusSeconds(6));
  }

  @Test
  void whoWantsToBeLeftAloneIs() {
    RetrySchedule schedule = new RetrySchedule(() -> 0.5);

    assertThat(schedule.next(1, Duration.ofMinutes(2), NOW)).isEqualTo(NOW.plusSeconds(120));
    assertThat(schedule.next(1, Duration.ofSeconds(1), NOW)).isEqualTo(NOW.plusSeconds(5));
    assertThat(schedule.next(RetrySchedule.MOST_ATTEMPTS, Duration.ofSeconds(1), NOW)).isNull();
  }
}
