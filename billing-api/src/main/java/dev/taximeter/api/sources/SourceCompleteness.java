package dev.taximeter.api.sources;

import dev.taximeter.api.web.Completeness;
import dev.taximeter.contract.event.SourceState;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Adds the states of all sources up. Retired ones do not count: nobody waits for them. */
public final class SourceCompleteness implements Supplier<Completeness> {
  private final SourceStates states;

  public SourceCompleteness(SourceStates states) {
    this.states = states;
  }

  @Override
  public Completeness get() {
    Instant through = null;
    int silent = 0;
    long gaps = 0;
    for (SourceState state : states.all().values()) {
      if (state.status() != SourceState.Status.RETIRED) {
        through = earlier(through, state.watermark());
        silent += state.status() == SourceState.Status.SILENT ? 1 : 0;
        gaps += state.gapCount();
      }
    }
    return new Completeness(through, silent, gaps);
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isBefore(other) ? one : other;
  }
}
