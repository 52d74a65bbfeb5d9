package dev.taximeter.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What needs no ClickHouse; the rest is tested on the real engine. */
class BackgroundAuditTest {
  private final AtomicInteger opened = new AtomicInteger();
  private final CountDownLatch twice = new CountDownLatch(2);

  private volatile Clock clock = Clock.systemUTC();

  private BackgroundAudit audit(int percent) {
    return new BackgroundAudit(
        () -> {
          opened.incrementAndGet();
          twice.countDown();
          throw new SQLException("nobody is there");
        },
        percent,
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return clock.instant();
          }
        },
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
  void anAuditThatCannotRunForAnHourIsAnAlert() throws InterruptedException {
    clock = Clock.fixed(Instant.parse("2026-11-24T08:00:00Z"), ZoneOffset.UTC);
    try (BackgroundAudit audit = audit(5)) {
      assertThat(audit.round()).isFalse();
      assertThat(audit.state().trouble()).isNull();
      clock = Clock.fixed(Instant.parse("2026-11-24T09:00:01Z"), ZoneOffset.UTC);
      assertThat(audit.round()).isFalse();
      AuditTrouble trouble = audit.state().trouble();
      assertThat(trouble).isNotNull();
      assertThat(trouble.kind()).isEqualTo(AuditTrouble.Kind.STALLED);
      assertThat(trouble.since()).isEqualTo("2026-11-24T08:00:00Z");
      assertThat(trouble.sentence())
          .startsWith(
              "Nothing could be audited since 2026-11-24T08:00:00Z: the accounts cannot be read:"
                  + " nobody is there.");
    }
    assertThat(audit(0).state().trouble()).isNull();
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
