package dev.taximeter.api.status;

import java.util.Map;

/** How far the live views of this process have come. */
public interface ViewPositions {
  /** Next offset to be read, by topic and partition; transaction markers count. */
  Map<String, Map<Integer, Long>> positions();

  /** For each view that is not ready yet, by topic: why. */
  Map<String, String> waiting();
}
