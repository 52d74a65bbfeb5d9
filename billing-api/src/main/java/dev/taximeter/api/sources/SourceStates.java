package dev.taximeter.api.sources;

import dev.taximeter.contract.event.SourceState;
import java.util.NavigableMap;

/** The latest state of each source. */
public interface SourceStates {
  /**
   * @return all sources, by {@link SourceState#recordKey}; 10,000 at most
   */
  NavigableMap<String, SourceState> all();
}
