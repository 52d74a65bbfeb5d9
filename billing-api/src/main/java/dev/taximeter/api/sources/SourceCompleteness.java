package dev.taximeter.api.sources;

import dev.taximeter.api.web.Completeness;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Adds the states of all sources up. Retired and finished ones do not count: nobody waits for them.
 * One of our own shippers that has not told yet how far it is makes the whole unknown; other
 * shippers never tell.
 */
public final class SourceCompleteness implements Supplier<Completeness> {
  private final SourceStates states;
  private final Metered metered;

  /**
   * @param metered how far accounts' states have got with it
   */
  public SourceCompleteness(SourceStates states, Metered metered) {
    this.states = states;
    this.metered = metered;
  }

  @Override
  public Completeness get() {
    return get(states, metered);
  }

  /** What sources themselves vouch for: every line of requests that completed before is shipped. */
  public static @Nullable Instant shippedThrough(SourceStates states) {
    return get(states, shipped -> shipped).through();
  }

  private static Completeness get(SourceStates states, Metered metered) {
    Instant through = null;
    int silent = 0;
    long gaps = 0;
    int unknown = 0;
    List<String> named = new ArrayList<>();
    for (SourceState state : states.all().values()) {
      if (state.status() == SourceState.Status.RETIRED) {
        continue;
      }
      gaps += state.gapCount();
      if (state.status() == SourceState.Status.FINISHED) {
        continue;
      }
      silent += state.status() == SourceState.Status.SILENT ? 1 : 0;
      if (state.watermark() != null) {
        through = earlier(through, state.watermark());
      } else if (state.kind() == SourceState.Kind.SHIPPER) {
        unknown++;
        if (named.size() < Completeness.MOST_NAMED) {
          named.add(name(state.source()));
        }
      }
    }
    return new Completeness(
        metered.through(unknown > 0 ? null : through), silent, gaps, unknown, named);
  }

  private static String name(LineSource source) {
    return source.host() + ':' + source.path();
  }

  private static Instant earlier(@Nullable Instant one, Instant other) {
    return one == null || other.isBefore(one) ? other : one;
  }
}
