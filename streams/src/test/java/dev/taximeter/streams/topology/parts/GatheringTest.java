package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private record Sent(String account, List<Integer> items, long timestamp) {}

  private final List<Sent> sent = new ArrayList<>();
  private final Gathering<Integer> gathering =
      new Gathering<>(
          (account, items, timestamp) ->
              sent.add(new Sent(account, List.copyOf(items), timestamp)));

  @Test
  void whatOneAccountIsSentBecomesOneRecordInOrder() {
    gathering.add("a", 1, 10, 7);
    gathering.add("b", 2, 10, 3);
    gathering.add("a", 3, 10, 5);
    assertThat(sent).isEmpty();
    gathering.drain();
    assertThat(sent).containsExactly(new Sent("a", List.of(1, 3), 7), new Sent("b", List.of(2), 3));
    gathering.drain();
    assertThat(sent).hasSize(2);
  }

  @Test
  void aRecordHasABoundOfItems() {
    for (int i = 0; i <= Gathering.MOST_ITEMS; i++) {
      gathering.add("a", i, 1, i);
    }
    gathering.drain();
    assertThat(sent).extracting(each -> each.items().size()).containsExactly(500, 1);
    assertThat(sent.get(1).items()).containsExactly(500);
  }

  @Test
  void aRecordHasABoundOfBytesUnlessOneItemIsLarger() {
    gathering.add("a", 1, Gathering.MOST_BYTES + 1, 0);
    gathering.add("a", 2, Gathering.MOST_BYTES - 1, 0);
    gathering.add("a", 3, 1, 0);
    gathering.add("a", 4, 1, 0);
    gathering.drain();
    assertThat(sent).extracting(Sent::items).containsExactly(List.of(1), List.of(2, 3), List.of(4));
  }

  @Test
  void whatWaitsIsBounded() {
    for (int i = 0; i < Gathering.MOST_WAITING; i++) {
      assertThat(sent).isEmpty();
      gathering.add("account-" + i, i, 1, i);
    }
    assertThat(sent).hasSize(Gathering.MOST_WAITING);
    gathering.add("a", 1, 1, 1);
    assertThat(sent).as("what was sent waits no more").hasSize(Gathering.MOST_WAITING);
    gathering.drain();
    assertThat(sent).hasSize(Gathering.MOST_WAITING + 1);
  }
}
