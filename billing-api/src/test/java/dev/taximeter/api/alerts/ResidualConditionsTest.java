package dev.taximeter.api.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Missing lines are told of while others come, and no line on its way is taken for missing. */
class ResidualConditionsTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");
  private static final Instant BEFORE = Instant.parse("2026-11-24T08:00:00Z");
  private static final Instant THIS = Instant.parse("2026-11-24T09:00:00Z");

  private List<Tally> tallies = List.of();
  private boolean passes = true;

  /** What happens while lines are followed. */
  private Runnable meanwhile = () -> {};

  private final LineCounts counts =
      new LineCounts() {
        @Override
        public Instant heldFrom() {
          return Instant.EPOCH;
        }

        @Override
        public List<Tally> tallies() {
          return tallies;
        }

        @Override
        public LineTotals totals() {
          return LineTotals.NONE;
        }

        @Override
        public boolean caughtUp() {
          return true;
        }
      };

  private final ResidualConditions conditions =
      new ResidualConditions(
          counts,
          () -> {
            meanwhile.run();
            return passes;
          },
          Clock.fixed(NOW, ZoneOffset.UTC),
          Duration.ZERO);

  private static Tally tally(Instant hour, long read, long decided) {
    return new Tally(
        "s",
        new LineSource("h", "/a.log"),
        hour,
        true,
        read,
        decided,
        Map.of(Fate.BILLED, decided),
        NOW);
  }

  @Test
  void whatIsMissingIsToldWhileOthersCome() throws Exception {
    tallies = List.of(tally(BEFORE, 100, 99), tally(THIS, 10, 7));
    meanwhile = () -> tallies = List.of(tally(BEFORE, 100, 99), tally(THIS, 40, 35));
    conditions.look();
    assertThat(conditions.now(NOW)).hasSize(1);
    assertThat(conditions.now(NOW).get(0).details()).containsEntry("value", "1");

    // A line that is missing of what came to rest stays missing while more comes.
    meanwhile = () -> {};
    tallies = List.of(tally(BEFORE, 100, 100), tally(THIS, 50, 48));
    conditions.look();
    assertThat(conditions.now(NOW).get(0).details()).containsEntry("value", "2");
    meanwhile = () -> tallies = List.of(tally(BEFORE, 100, 100), tally(THIS, 90, 90));
    conditions.look();
    assertThat(conditions.now(NOW).get(0).details()).containsEntry("value", "2");
  }

  @Test
  void whatIsOnItsWayIsNotMissing() throws Exception {
    tallies = List.of(tally(THIS, 10, 7));
    meanwhile = () -> tallies = List.of(tally(THIS, 10, 10));
    conditions.look();
    assertThat(conditions.now(NOW)).isEmpty();
    tallies = List.of(tally(THIS, 20, 10));
    meanwhile = () -> tallies = List.of(tally(THIS, 40, 31));
    conditions.look();
    assertThat(conditions.now(NOW)).isEmpty();
  }

  @Test
  void nothingIsSaidBeforeItIsKnown() throws Exception {
    assertThatThrownBy(() -> conditions.now(NOW)).isInstanceOf(UnknownConditionException.class);
    passes = false;
    conditions.look();
    assertThat(conditions.passed()).isNull();
    assertThatThrownBy(() -> conditions.now(NOW)).isInstanceOf(UnknownConditionException.class);
    passes = true;
    tallies = List.of(tally(THIS, 10, 9));
    meanwhile = () -> tallies = List.of(tally(THIS, 20, 18));
    conditions.look();
    assertThat(conditions.passed()).isEqualTo(NOW);
    assertThatThrownBy(() -> conditions.now(NOW))
        .as("it may have been missing before this process began")
        .isInstanceOf(UnknownConditionException.class);
    meanwhile = () -> tallies = List.of(tally(THIS, 20, 20));
    conditions.look();
    assertThat(conditions.now(NOW)).isEmpty();
    assertThatThrownBy(() -> conditions.now(NOW.plus(Duration.ofMinutes(6))))
        .isInstanceOf(UnknownConditionException.class);
  }
}
