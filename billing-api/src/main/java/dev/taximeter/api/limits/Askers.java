package dev.taximeter.api.limits;

import io.github.bucket4j.Bucket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What each of many askers has left of something. Beyond a bound, who has been silent longest is
 * forgotten, and starts anew when it comes back. Thread-safe.
 */
final class Askers {
  /** Some 200 bytes each. */
  static final int MOST = 10_000;

  private static final int INITIAL_CAPACITY = 16;
  private static final float LOAD = 0.75f;

  private final Supplier<Bucket> fresh;

  /** By asker, the one silent longest first. Guarded by itself. */
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(INITIAL_CAPACITY, LOAD, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST;
        }
      };

  Askers(Supplier<Bucket> fresh) {
    this.fresh = fresh;
  }

  Bucket bucket(String asker) {
    synchronized (buckets) {
      return buckets.computeIfAbsent(asker, unknown -> fresh.get());
    }
  }

  int size() {
    synchronized (buckets) {
      return buckets.size();
    }
  }
}
