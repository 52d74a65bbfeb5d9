package dev.taximeter.api.alerts;

import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sources that have stopped without a word. Heartbeats wait in the log behind lines: while metering
 * is behind, nobody can be heard, and nobody is called silent.
 */
public final class SilenceConditions implements ConditionSource {
  /** What metering takes for silence. */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  /**
   * While all that was shipped before has been heard, a heartbeat that was sent within the silence
   * would have been: they come every 5 s.
   */
  private static final Duration FRESH = SILENCE.minusSeconds(5);

  private final SourceStates sources;
  private final Supplier<@Nullable Instant> heardUntil;

  /**
   * @param heardUntil all that had been shipped at this instant has been heard; null if that is not
   *     known
   */
  public SilenceConditions(SourceStates sources, Supplier<@Nullable Instant> heardUntil) {
    this.sources = sources;
    this.heardUntil = heardUntil;
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.SILENT_SOURCE);
  }

  @Override
  public List<Condition> now(Instant now) {
    Instant heard = heardUntil.get();
    List<SourceState> silent =
        sources.all().values().stream()
            .filter(state -> state.status() == SourceState.Status.SILENT)
            .toList();
    boolean isBehind = heard == null || heard.isBefore(now.minus(FRESH));
    for (SourceState state : silent) {
      if (isBehind && (heard == null || heard.isBefore(state.lastSeen().plus(SILENCE)))) {
        throw new UnknownConditionException(
            "the word of a source that was not heard of may still wait");
      }
    }
    return silent.stream().map(SilenceConditions::condition).toList();
  }

  private static Condition condition(SourceState state) {
    return new Condition(
        AlertKind.SILENT_SOURCE,
        null,
        state.source().host() + ":" + state.source().path(),
        "No heartbeat of its shipper for more than a minute; last heard of at %s. Retire it if it is gone for good."
            .formatted(state.lastSeen()),
        Map.of("lastSeen", state.lastSeen().toString()));
  }
}
