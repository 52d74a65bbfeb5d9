package dev.taximeter.api.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceState;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nobody is called silent whose word may still wait. */
class SilenceConditionsTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");

  private final NavigableMap<String, SourceState> sources = new TreeMap<>();
  private @Nullable Instant heardUntil;
  private final SilenceConditions conditions =
      new SilenceConditions(() -> sources, () -> heardUntil);

  private void source(String path, SourceState.Status status, long secondsAgo) {
    Instant lastSeen = NOW.minusSeconds(secondsAgo);
    SourceState state =
        new SourceState(
            new LineSource("h", path),
            SourceState.Kind.SHIPPER,
            status,
            lastSeen,
            lastSeen,
            null,
            1,
            100,
            null,
            List.of(),
            0,
            0,
            0,
            true,
            null);
    sources.put(path, state);
  }

  @Test
  void whoCouldHaveBeenHeardIsSilent() {
    assertThat(conditions.now(NOW)).isEmpty();
    source("/live.log", SourceState.Status.LIVE, 200);
    source("/silent.log", SourceState.Status.SILENT, 90);
    heardUntil = NOW.minusSeconds(30);

    assertThat(conditions.now(NOW)).extracting(Condition::subject).containsExactly("h:/silent.log");
  }

  @Test
  void nobodyIsSilentWhileMeteringIsBehind() {
    source("/silent.log", SourceState.Status.SILENT, 90);
    assertThatThrownBy(() -> conditions.now(NOW)).isInstanceOf(UnknownConditionException.class);
    heardUntil = NOW.minusSeconds(56);
    assertThatThrownBy(() -> conditions.now(NOW)).isInstanceOf(UnknownConditionException.class);
    heardUntil = NOW.minusSeconds(55);
    assertThat(conditions.now(NOW)).hasSize(1);
  }

  @Test
  void whoWasSilentBeforeMeteringFellBehindIsTold() {
    source("/silent.log", SourceState.Status.SILENT, 900);
    heardUntil = NOW.minusSeconds(600);

    assertThat(conditions.now(NOW)).hasSize(1);
  }

  @Test
  void linesOfAnotherShipperAreNoHeartbeats() {
    source("/taken-over.log", SourceState.Status.SILENT, 20);
    heardUntil = NOW.minusSeconds(30);

    assertThat(conditions.now(NOW)).hasSize(1);
  }
}
