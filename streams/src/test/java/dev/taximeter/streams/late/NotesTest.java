package dev.taximeter.streams.late;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.late.Identities.Reached;
import dev.taximeter.streams.late.TopicEnds.End;
import dev.taximeter.streams.worker.NotYetException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class NotesTest {
  private static final TopicPartition INPUTS =
      new TopicPartition(Topics.ACCOUNT_INPUTS.topicName(), 0);
  private static final TopicPartition FATES = new TopicPartition(Topics.LINE_FATES.topicName(), 1);
  private static final Instant START = Instant.parse("2026-11-26T10:00:00Z");

  private final Map<TopicPartition, End> ends = new HashMap<>();
  private final Landing landing = new Landing();
  private Instant now = START;
  private final Notes notes = new Notes(() -> Map.copyOf(ends), landing, () -> now);

  /** History of which only the positions matter. */
  private static final class Landing implements Identities {
    final Map<TopicPartition, Reached> landed = new HashMap<>();

    @Override
    public Map<String, Known> find(Collection<String> ids) {
      return Map.of();
    }

    @Override
    public Optional<Instant> oldestArrival() {
      return Optional.of(START.minus(Duration.ofDays(30)));
    }

    @Override
    public Instant since() {
      return START.minus(Duration.ofDays(30));
    }

    @Override
    public boolean isIncomplete() {
      return false;
    }

    @Override
    public Map<TopicPartition, Reached> landed() {
      return Map.copyOf(landed);
    }

    @Override
    public void close() {}
  }

  private Notes.Note covering(long reading) throws NotYetException {
    return notes.covering(START.plus(Duration.ofDays(1)), reading);
  }

  @Test
  void aNoteCoversOnceLandingHasPassedIt() throws Exception {
    ends.put(INPUTS, new End("a", 100));
    ends.put(FATES, new End("b", 50));
    landing.landed.put(INPUTS, new Reached("a", 100));
    landing.landed.put(FATES, new Reached("b", 49));
    long reading = notes.read();
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(FATES, new Reached("b", 50));
    assertThat(covering(reading).reading()).isEqualTo(reading);
  }

  /**
   * What was processed just before may still have been in a transaction of a clock that differs.
   */
  @Test
  void aNoteVouchesForWhatWasProcessedSomeMinutesBeforeIt() throws Exception {
    long first = notes.read();
    assertThat(covering(first).at()).isEqualTo(START);
    long second = notes.read();
    Instant edge = START.minus(Notes.SLACK);
    assertThat(Notes.SLACK).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    assertThat(notes.covering(edge, second).reading()).isEqualTo(first);
    assertThat(notes.covering(edge.plusMillis(1), second).reading()).isEqualTo(second);
  }

  /** Another topic of the same name: its offsets were given before, to records of the lost one. */
  @Test
  void positionsInATopicThatWasCreatedAnewSayNothing() throws Exception {
    ends.put(INPUTS, new End("new", 100));
    landing.landed.put(INPUTS, new Reached("old", 100));
    long reading = notes.read();
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(INPUTS, new Reached("old", 5_000));
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(INPUTS, new Reached("new", 99));
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(INPUTS, new Reached("new", 100));
    assertThat(covering(reading).reading()).isEqualTo(reading);
  }

  @Test
  void positionsBeyondTheEndOfATopicThatLostRecordsAreNotKnownYet() throws Exception {
    ends.put(INPUTS, new End("a", 60));
    landing.landed.put(INPUTS, new Reached("a", 100));
    long reading = notes.read();
    assertThatThrownBy(() -> covering(reading))
        .isInstanceOf(NotYetException.class)
        .hasMessageContaining("account.inputs.v1-0")
        .hasMessageContaining("60")
        .hasMessageContaining("100");
    // An operator has ordered landing to go on with what there is.
    landing.landed.put(INPUTS, new Reached("a", 59));
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(INPUTS, new Reached("a", 60));
    assertThat(covering(reading).reading()).isEqualTo(reading);
  }

  @Test
  void aPositionOfAnEarlierVersionHasNoIdAndCounts() throws Exception {
    ends.put(INPUTS, new End("a", 100));
    landing.landed.put(INPUTS, new Reached("", 100));
    long reading = notes.read();
    assertThat(covering(reading).reading()).isEqualTo(reading);
  }

  /** ClickHouse was wiped, or restored from a backup, and is being filled again. */
  @Test
  void aNoteThatWasPassedCountsOnlyWhileHistoryStillHoldsIt() throws Exception {
    ends.put(INPUTS, new End("a", 100));
    landing.landed.put(INPUTS, new Reached("a", 100));
    long reading = notes.read();
    covering(reading);

    landing.landed.clear();
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    landing.landed.put(INPUTS, new Reached("a", 40));
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
    now = now.plusSeconds(5);
    landing.landed.put(INPUTS, new Reached("a", 100));
    Notes.Note again = covering(reading);
    assertThat(again.ends()).containsEntry(INPUTS, new End("a", 100));
    // And the partition that landing does not land at present vouches for nothing either.
    landing.landed.remove(INPUTS);
    assertThatThrownBy(() -> covering(reading)).isInstanceOf(NotYetException.class);
  }
}
