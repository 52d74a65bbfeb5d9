package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MillisTest {
  @Test
  void percentilesAreNearestRanks() {
    Millis millis =
        Millis.of(LongStream.rangeClosed(1, 200).map(n -> (201 - n) * 1_000_000).toArray());
    assertThat(millis.count()).isEqualTo(200);
    assertThat(millis.p50()).isEqualByComparingTo("100");
    assertThat(millis.p99()).isEqualByComparingTo("198");
    assertThat(millis.max()).isEqualByComparingTo("200");
  }

  @Test
  void oneTimeIsAllOfThem() {
    Millis millis = Millis.of(new long[] {1_234_567});
    assertThat(millis.p50()).isEqualByComparingTo("1.234");
    assertThat(millis.max()).isEqualTo(millis.p99()).isEqualTo(millis.p50());
  }
}
