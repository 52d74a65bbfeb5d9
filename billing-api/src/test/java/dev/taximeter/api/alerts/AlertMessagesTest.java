package dev.taximeter.api.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Quota.Metric;
import dev.taximeter.contract.catalog.Quota.Window;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AlertMessage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AlertMessagesTest {
  private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");

  private static AlertMessage message(Instant decided, boolean late) {
    return AlertMessages.of(
        new Alert(
            "acme",
            "acme-month",
            Metric.COST,
            Window.MONTH,
            null,
            null,
            "2026-11",
            Instant.parse("2026-11-01T00:00:00Z"),
            END,
            80,
            new BigDecimal("100"),
            new BigDecimal("80.25"),
            "USD",
            decided,
            "00ff",
            decided,
            late,
            7,
            decided));
  }

  /** Alert managers refuse what ends before it begins. */
  @Test
  void nothingEndsBeforeItBegins() {
    Duration hour = Duration.ofHours(1);
    assertThat(message(END.minus(hour.multipliedBy(2)), false).endsAt()).isEqualTo(END);
    for (Instant decided : new Instant[] {END.minusSeconds(1), END, END.plusSeconds(5)}) {
      assertThat(message(decided, false).endsAt()).isEqualTo(decided.plus(hour));
      assertThat(message(decided, true).endsAt()).isEqualTo(decided.plus(hour));
    }
    AlertMessage test = AlertMessages.test("t", "admin", END);
    assertThat(test.endsAt()).isEqualTo(END.plus(Duration.ofMinutes(5)));
  }
}
