package dev.taximeter.streams.sources;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoverageTest {
  private static final int SPACE = 300;

  private static Instant at(long second) {
    return Instant.ofEpochSecond(second);
  }

  /** Against a set of single bytes, with and without bridged holes. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 15})
  void isTheSetOfItsBytes(long bridge) {
    Random random = new Random(bridge);
    for (int round = 0; round < 300; round++) {
      Coverage coverage = Coverage.NONE;
      BitSet bytes = new BitSet();
      for (int step = 0; step < 30; step++) {
        int from = random.nextInt(SPACE);
        int to = from + 1 + random.nextInt(20);
        if (bridge == 0 && random.nextInt(5) == 0) {
          coverage = coverage.without(from, to, at(step));
          bytes.clear(from, to);
        } else {
          long before = bytes.get(from, to).cardinality();
          assertThat(coverage.overlap(from, to)).isEqualTo(before);
          coverage = coverage.with(from, to, at(step), bridge);
          bytes.set(from, to);
          fill(bytes, from, to, (int) bridge);
        }
        assertThat(toBits(coverage)).isEqualTo(bytes);
      }
      List<Coverage.Range> ranges = coverage.ranges();
      for (int i = 1; i < ranges.size(); i++) {
        assertThat(ranges.get(i).from()).isGreaterThan(ranges.get(i - 1).to());
      }
      assertThat(coverage.holes()).hasSize(Math.max(0, ranges.size() - 1));
    }
  }

  /** Holes beside what was added count as covered if they are short. */
  private static void fill(BitSet bytes, int from, int to, int bridge) {
    int below = from == 0 ? -1 : bytes.previousSetBit(from - 1);
    if (below >= 0 && from - below - 1 <= bridge) {
      bytes.set(below, from);
    }
    int above = bytes.nextSetBit(to);
    if (above >= 0 && above - to <= bridge) {
      bytes.set(to, above);
    }
  }

  private static BitSet toBits(Coverage coverage) {
    BitSet bits = new BitSet();
    coverage.ranges().forEach(range -> bits.set((int) range.from(), (int) range.to()));
    return bits;
  }

  @Test
  void aHoleIsAsOldAsTheRangeBehindIt() {
    Coverage coverage =
        Coverage.NONE.with(0, 10, at(1), 0).with(100, 110, at(2), 0).with(110, 120, at(3), 0);
    assertThat(coverage.holes()).containsExactly(new Coverage.Range(10, 100, at(2)));
    assertThat(coverage.with(50, 60, at(9), 0).holes())
        .containsExactly(new Coverage.Range(10, 50, at(2)), new Coverage.Range(60, 100, at(2)));
    assertThat(coverage.with(90, 100, at(9), 0).holes())
        .containsExactly(new Coverage.Range(10, 90, at(2)));
    assertThat(coverage.with(200, 210, at(9), 0).holes())
        .contains(new Coverage.Range(120, 200, at(9)));
  }
}
