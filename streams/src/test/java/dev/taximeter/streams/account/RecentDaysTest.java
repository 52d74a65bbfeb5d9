package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.streams.topology.parts.InMemory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class RecentDaysTest {
  private static final Instant DAY = Instant.parse("2026-11-20T00:00:00Z");
  private static final Instant NOON = DAY.plus(Duration.ofHours(12));

  private final KeyValueStore<String, byte[]> store =
      InMemory.store(
          new MockProcessorContext<Void, Void>(), "s", Serdes.String(), Serdes.ByteArray());
  private RecentDays days = new RecentDays(store);

  private void use(String key, String model) {
    Usage usage =
        new Usage(
            "00".repeat(16),
            Fate.BILLED,
            key,
            null,
            null,
            model,
            new TokenCounts(7, 0, 0, 0, 0),
            NOON,
            NOON,
            NOON,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    days.add(
        new UsageEvent("acme", 1, usage, "USD", BigDecimal.ONE, false, List.of(), null, NOON),
        ZoneOffset.UTC,
        NOON);
  }

  private List<RecentDays.Sums> sums() {
    return days.within("acme", DAY, DAY.plus(Duration.ofDays(1)), ZoneOffset.UTC);
  }

  /** A client writes the names of models, as many as it likes. */
  @Test
  void modelsWithoutEndAreOneEntryOfTheirKey() {
    int models = 2 * RecentDays.MOST_PER_DAY;
    for (int i = 0; i < models; i++) {
      use("prod", "model-" + i);
      if (i % 700 == 0) {
        days.writeBack();
        days = new RecentDays(store);
      }
    }
    use("dev", "model-0");
    use("prod", "model-0");

    List<RecentDays.Sums> sums = sums();
    // And one for each of the keys.
    assertThat(sums).hasSize(RecentDays.MOST_PER_DAY + 2);
    assertThat(sums.stream().mapToLong(RecentDays.Sums::inputTokens).sum())
        .isEqualTo(7L * (models + 2));
    assertThat(sums)
        .filteredOn(sum -> sum.model().equals(RecentDays.OTHER_MODELS))
        .extracting(RecentDays.Sums::key, RecentDays.Sums::requests)
        .containsExactlyInAnyOrder(tuple("prod", (long) RecentDays.MOST_PER_DAY), tuple("dev", 1L));
    assertThat(sums)
        .filteredOn(sum -> sum.model().equals("model-0"))
        .singleElement()
        .matches(sum -> sum.requests() == 2);
  }
}
