package dev.taximeter.streams.late;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.streams.late.Identities.Known;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every history must do. */
public abstract class IdentitiesContract {
  protected static final Instant ARRIVAL = Instant.parse("2026-10-31T23:59:59.999Z");

  /** An identity that has landed. */
  protected record Landed(String id, String fate, Instant arrival) {}

  /** A history that holds these. */
  protected abstract Identities holding(List<Landed> landed) throws Exception;

  private static String id(int number) {
    return "%032x".formatted(0xfedcba9876543210L + number);
  }

  @Test
  void tellsWhatItHasSeen() throws Exception {
    try (Identities history =
        holding(
            List.of(
                new Landed(id(1), "billed", ARRIVAL),
                new Landed(id(2), "unbillable", ARRIVAL),
                new Landed(id(3), "suspense", ARRIVAL.plusSeconds(1)),
                new Landed(id(4), "quarantined", ARRIVAL)))) {
      assertThat(history.find(List.of(id(1), id(2), id(3), id(4), id(5))))
          .isEqualTo(
              Map.of(
                  id(1), Known.SEEN,
                  id(2), Known.SEEN,
                  id(3), Known.SEEN,
                  id(4), Known.ONLY_QUARANTINED));
      assertThat(history.find(List.of(id(5)))).isEmpty();
    }
  }

  @Test
  void aQuarantinedLineWithALaterFateHasBeenSeenInWhateverOrderTheyLanded() throws Exception {
    try (Identities history =
        holding(
            List.of(
                new Landed(id(1), "quarantined", ARRIVAL),
                new Landed(id(1), "billed", ARRIVAL),
                new Landed(id(2), "unbillable", ARRIVAL),
                new Landed(id(2), "quarantined", ARRIVAL),
                new Landed(id(3), "quarantined", ARRIVAL),
                new Landed(id(3), "quarantined", ARRIVAL)))) {
      assertThat(history.find(List.of(id(1), id(2), id(3))))
          .isEqualTo(Map.of(id(1), Known.SEEN, id(2), Known.SEEN, id(3), Known.ONLY_QUARANTINED));
    }
  }

  @Test
  void findsAnyNumberOfLinesAtOnce() throws Exception {
    List<Landed> landed = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    for (int number = 0; number < 5_000; number++) {
      landed.add(new Landed(id(2 * number), "billed", ARRIVAL.plusSeconds(number)));
      asked.add(id(number));
    }
    try (Identities history = holding(landed)) {
      assertThat(history.find(asked)).hasSize(2_500).containsKey(id(4_998));
    }
  }

  @Test
  void theOldestArrivalIsOfAllKinds() throws Exception {
    try (Identities history =
        holding(
            List.of(
                new Landed(id(1), "billed", ARRIVAL.plusSeconds(5)),
                new Landed(id(2), "unbillable", ARRIVAL)))) {
      assertThat(history.oldestArrival()).contains(ARRIVAL);
    }
    try (Identities history = holding(List.of(new Landed(id(1), "billed", ARRIVAL)))) {
      assertThat(history.oldestArrival()).contains(ARRIVAL);
    }
    try (Identities history = holding(List.of())) {
      assertThat(history.oldestArrival()).isEmpty();
      assertThat(history.landed()).isEmpty();
    }
  }

  @Test
  void anInstallationKnowsSinceWhenItIs() throws Exception {
    try (Identities history = holding(List.of())) {
      assertThat(history.since()).isBeforeOrEqualTo(Instant.now());
    }
  }
}
