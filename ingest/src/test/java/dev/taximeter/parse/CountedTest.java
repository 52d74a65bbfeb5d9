package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.TokenCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountedTest {
  /** Each bills less than the one before it; columns as in {@link TokenCounts}. */
  private static final List<TokenCounts> FALLING =
      List.of(
          new TokenCounts(2_101, 500, 0, 690, 0),
          new TokenCounts(2_100, 0, 0, 690, 0),
          new TokenCounts(1_600, 400, 100, 690, 0),
          new TokenCounts(1_100, 500, 500, 600, 90),
          new TokenCounts(1_100, 500, 500, 690, 0),
          new TokenCounts(1_600, 500, 0, 600, 90),
          new TokenCounts(1_600, 500, 0, 690, 0));

  @Test
  void ofTwoReadingsTheOneThatBillsMoreIsTakenInAnyOrder() {
    for (int more = 0; more < FALLING.size(); more++) {
      for (int less = more; less < FALLING.size(); less++) {
        Counted one = new Counted(FALLING.get(more), false, false);
        Counted other = new Counted(FALLING.get(less), false, false);
        assertThat(one.orMore(other)).isEqualTo(one);
        assertThat(other.orMore(one)).isEqualTo(one);
      }
    }
  }
}
