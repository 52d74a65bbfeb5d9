package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a source says something. */
class HeartbeatsTest {
  private static final LineSource SOURCE = new LineSource("gw-1", "/logs/pod.log");
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Heartbeats heartbeats = new Heartbeats(SOURCE, "s");

  private boolean isDue(long nanos, boolean ended) {
    return heartbeats.isDue(nanos, ended, true, 1);
  }

  private void send(long nanos, boolean ended) {
    heartbeats.records(
        new FileFollower.Completeness(SOURCE, nanos, ended), nanos, 1_000_000_000, 1);
  }

  private void say(long nanos, boolean ended) {
    send(nanos, ended);
    heartbeats.committed();
  }

  @Test
  void anEndIsSaidAtOnceAndThenAtIntervals() {
    assertThat(isDue(0, false)).isTrue();
    say(0, false);
    assertThat(isDue(SECOND, false)).isFalse();
    assertThat(heartbeats.isDue(SECOND, true, false, 1_000_000)).as("at any pace").isTrue();
    say(SECOND, true);
    assertThat(isDue(2 * SECOND, true)).isFalse();
    assertThat(isDue(6 * SECOND, true)).isTrue();
  }

  @Test
  void anEndThatWasRolledBackIsSaidAgain() {
    say(0, false);
    send(SECOND, true);
    heartbeats.rolledBack();
    heartbeats.committed();
    assertThat(isDue(SECOND, true)).isTrue();
  }

  @Test
  void whatComesAfterAnEndHasAnEndOfItsOwn() {
    say(0, true);
    heartbeats.shipped();
    assertThat(isDue(1, true)).isTrue();
  }
}
