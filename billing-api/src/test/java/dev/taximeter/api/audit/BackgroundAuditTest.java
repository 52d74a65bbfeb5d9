package dev.taximeter.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What needs no ClickHouse; the rest is tested on the real engine. */
class BackgroundAuditTest {
  private final AtomicInteger opened = new AtomicInteger();
  private final CountDownLatch twice = new CountDownLatch(2);

  private BackgroundAudit audit(int percent) {
    return new BackgroundAudit(
        () -> {
          opened.incrementAndGet();
          twice.countDown();
          throw new SQLException("nobody is there");
        },
        percent,
        Clock.systemUTC(),
        duration -> Thread.sleep(Duration.ofMillis(1).toMillis()));
  }

  @Test
  void whatCannotBeReadIsSaidAndTriedAgain() throws InterruptedException {
    try (BackgroundAudit audit = audit(5)) {
      audit.start();
      assertThat(twice.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(audit.state().on()).isTrue();
      assertThat(audit.state().failure()).isEqualTo("the accounts cannot be read: nobody is there");
      assertThat(audit.state().roundCompletedAt()).isNull();
    }
  }

  @Test
  void itCanBeSwitchedOff() throws Exception {
    try (BackgroundAudit audit = audit(0)) {
      audit.start();
      Thread.sleep(Duration.ofMillis(100).toMillis());
      assertThat(audit.state().on()).isFalse();
      assertThat(opened).hasValue(0);
    }
  }
}
