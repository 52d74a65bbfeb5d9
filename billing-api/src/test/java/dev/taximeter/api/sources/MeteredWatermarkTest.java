package dev.taximeter.api.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.event.Fate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeteredWatermarkTest {
  private static final Instant EARLIER = Instant.parse("2026-11-24T09:00:00Z");
  private static final Instant LATER = EARLIER.plusSeconds(60);

  private Instant shipped = EARLIER;
  private boolean passes = true;
  private boolean caughtUp = true;
  private long settled;
  private int looks;

  private final LineCounts counts =
      new LineCounts() {
        @Override
        public List<Tally> tallies() {
          return List.of();
        }

        @Override
        public LineTotals totals() {
          looks++;
          // One more line is settled at each look.
          return new LineTotals(10, Map.of(), Map.of(Fate.BILLED, 5L), settled++);
        }

        @Override
        public Instant heldFrom() {
          return Instant.EPOCH;
        }

        @Override
        public boolean caughtUp() {
          return caughtUp;
        }
      };

  private final MeteredWatermark watermark =
      new MeteredWatermark(
          () -> shipped,
          () -> {
            // Sources go on while metering is at it.
            shipped = LATER;
            return passes;
          },
          counts);

  @Test
  void nothingIsClaimedBeforeMeteringWasSeenToGetThrough() {
    assertThat(watermark.through(EARLIER)).isNull();
    assertThat(watermark.through(null)).isNull();
  }

  @Test
  void aWatermarkCountsOnceStatesHaveWhatWasShippedByThen() throws InterruptedException {
    assertThat(watermark.look()).isTrue();
    assertThat(looks).isGreaterThan(5);
    assertThat(watermark.through(LATER)).isEqualTo(EARLIER);
    assertThat(watermark.look()).isTrue();
    assertThat(watermark.through(LATER)).isEqualTo(LATER);
    assertThat(watermark.through(null)).isNull();
    // Of a source that has joined since.
    assertThat(watermark.through(EARLIER)).isEqualTo(EARLIER);
  }

  @Test
  void whatCannotBeFoundOutLeavesItWhereItWas() throws InterruptedException {
    watermark.look();
    passes = false;
    assertThat(watermark.look()).isFalse();
    assertThat(watermark.through(LATER)).isEqualTo(EARLIER);
  }

  /** Counts of before a restart would balance without the lines that have come since. */
  @Test
  void countsThatAreStillBeingReadConfirmNothing() throws InterruptedException {
    settled = 5;
    caughtUp = false;
    assertThat(watermark.look()).isFalse();
    assertThat(watermark.through(LATER)).isNull();
    caughtUp = true;
    assertThat(watermark.look()).isTrue();
  }
}
