package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static UsageEvent event(long sequence, String completion) {
    Instant instant = Instant.parse(completion);
    return new UsageEvent(
        "acme",
        sequence,
        new Usage(
            "id",
            Fate.BILLED,
            "key",
            null,
            null,
            "m",
            new TokenCounts(1, 2, 3, 4, 5),
            instant,
            instant,
            instant,
            new LineSource("h", "p"),
            0,
            "",
            List.of(),
            null),
        "USD",
        new BigDecimal("0.5"),
        false,
        List.of());
  }

  private static UsageWindow after(UsageWindow open, UsageEvent event, Granularity granularity) {
    return Windows.after(
        open, event, granularity, granularity.startOf(event.usage().completion(), ZoneOffset.UTC));
  }

  @Test
  void theFirstEventOpensASegmentUnderItsNumber() {
    UsageWindow window = after(null, event(17, "2026-11-20T10:59:59.999Z"), Granularity.HOUR);
    assertThat(window)
        .isEqualTo(
            new UsageWindow(
                "acme",
                "key",
                "m",
                Granularity.HOUR,
                Instant.parse("2026-11-20T10:00:00Z"),
                17,
                17,
                1,
                new TokenCounts(1, 2, 3, 4, 5),
                "USD",
                new BigDecimal("0.5")));
  }

  @Test
  void furtherEventsAddUpAndKeepTheSegment() {
    UsageWindow open = after(null, event(17, "2026-11-20T10:59:00Z"), Granularity.MINUTE);
    UsageWindow window = after(open, event(19, "2026-11-20T10:59:30Z"), Granularity.MINUTE);
    assertThat(window.segment()).isEqualTo(17);
    assertThat(window.sequence()).isEqualTo(19);
    assertThat(window.requests()).isEqualTo(2);
    assertThat(window.tokens()).isEqualTo(new TokenCounts(2, 4, 6, 8, 10));
    assertThat(window.cost()).isEqualByComparingTo("1");
  }
}
