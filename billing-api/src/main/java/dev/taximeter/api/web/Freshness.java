package dev.taximeter.api.web;

import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Says of every answer how fresh and how complete it is. */
public final class Freshness {
  private final Supplier<Completeness> completeness;

  /**
   * @param completeness how much has arrived, at present
   */
  public Freshness(Supplier<Completeness> completeness) {
    this.completeness = completeness;
  }

  /** An answer from an account's own state: always exact. */
  public AsOf of(long sequence, Instant time) {
    return of(sequence, time, null);
  }

  /**
   * @param exact as in {@link AsOf}
   */
  public AsOf of(long sequence, Instant time, @Nullable Boolean exact) {
    return new AsOf(sequence, time, exact, completeness());
  }

  /** An answer that has no sequence number. */
  public AsOfTime at(Instant time) {
    return new AsOfTime(time, completeness());
  }

  public Completeness completeness() {
    return completeness.get();
  }
}
