package dev.taximeter.api.suspense;

import dev.taximeter.contract.event.SuspenseItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines in suspense as metering tells of them. */
public interface SuspenseItems {
  /**
   * Finds a line.
   *
   * @param id the line's identity
   * @return null if it is not held here
   */
  @Nullable SuspenseItem find(String id);

  /** All that are held here, in no order. */
  List<SuspenseItem> all();

  /** Whether every line in suspense is held here; false if there were too many. */
  boolean complete();
}
