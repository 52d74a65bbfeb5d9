package dev.taximeter.standalone.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GroupsTest {
  private static void add(Groups groups, String name, long input, String cost) {
    groups.of(name).addUsage(new TokenCounts(input, 0, 0, 0, 0), new BigDecimal(cost), false);
  }

  @Test
  void theMostExpensiveComeFirstAndTheRestIsSummedUp() {
    Groups groups = new Groups();
    add(groups, "small", 1, "0");
    add(groups, "dear", 1, "2");
    add(groups, "large", 50, "0");
    groups.of("leaking").addLeakage();

    Groups.Ranking ranking = groups.ranking(2);

    assertThat(ranking.first()).extracting(Map.Entry::getKey).containsExactly("dear", "large");
    assertThat(ranking.restGroups()).isEqualTo(2);
    assertThat(ranking.rest().requests()).isEqualTo(1);
    assertThat(ranking.rest().leakage()).isEqualTo(1);
    assertThat(ranking.restIsMore()).isFalse();
  }

  @Test
  void namesBeyondTheBoundShareOneSum() {
    Groups groups = new Groups(2);
    for (int i = 0; i < 10; i++) {
      add(groups, "model-" + i, 3, "1");
    }
    add(groups, "model-0", 3, "1");

    Groups.Ranking ranking = groups.ranking(5);

    assertThat(ranking.first()).hasSize(2);
    assertThat(ranking.restIsMore()).isTrue();
    assertThat(ranking.rest().requests()).isEqualTo(8);
    assertThat(ranking.rest().tokens().input()).isEqualTo(24);
    assertThat(ranking.rest().cost()).isEqualByComparingTo("8");
  }
}
