package dev.taximeter.api.status;

import java.util.Map;
import java.util.Optional;

/** How far history has come. */
public interface HistoryStatus {
  /** Whether history answers; at most a moment old. */
  boolean reachable();

  /** Next offset to land, by topic and partition; empty if history does not answer. */
  Optional<Map<String, Map<Integer, Long>>> landed();
}
