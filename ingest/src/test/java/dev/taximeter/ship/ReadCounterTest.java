package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadCounterTest {
  private static final LineSource SOURCE = new LineSource("gw", "/access.log");
  private static final long NOW = Instant.parse("2026-11-26T10:20:00Z").toEpochMilli();

  private long nanos;
  private final ReadCounter counter = new ReadCounter("run", () -> nanos);

  private List<Long> committed() {
    List<Long> read =
        counter.records().stream()
            .map(record -> Json.MAPPER.readValue(record.value(), LineCount.class).read())
            .toList();
    counter.committed();
    return read;
  }

  /** A count below what its readers have would take lines back. */
  @Test
  void aClockThatIsSetBackMakesNoCountStartAgain() {
    counter.add(SOURCE, NOW, 5);
    assertThat(committed()).containsExactly(5L);
    counter.add(SOURCE, NOW + Duration.ofDays(3).toMillis(), 2);
    assertThat(committed()).containsExactly(2L);
    counter.add(SOURCE, NOW, 1);
    assertThat(committed()).containsExactly(6L);
  }

  @Test
  void aCountThatNobodyAddsToIsForgotten() {
    counter.add(SOURCE, NOW, 5);
    assertThat(committed()).containsExactly(5L);
    nanos = Duration.ofHours(25).toNanos();
    assertThat(committed()).isEmpty();
    counter.add(SOURCE, NOW, 1);
    assertThat(committed()).containsExactly(1L);
  }

  @Test
  void whatIsRolledBackDoesNotCount() {
    counter.add(SOURCE, NOW, 5);
    counter.rolledBack();
    assertThat(committed()).isEmpty();
    counter.add(SOURCE, NOW, 3);
    assertThat(committed()).containsExactly(3L);
  }
}
