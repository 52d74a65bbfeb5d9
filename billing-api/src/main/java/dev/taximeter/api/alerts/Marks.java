package dev.taximeter.api.alerts;

import dev.taximeter.contract.event.AlertMark;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people have said about alerts. */
public interface Marks {
  /** {@return who looks at an alert; null if nobody said so} */
  @Nullable AlertMark acknowledgement(String alert);

  /** {@return all mutes that are kept, in no order} */
  List<AlertMark> mutes();

  /**
   * Keeps a mark, in place of an earlier one with the same key.
   *
   * @return whether it is where it cannot be lost, and can be seen here
   */
  boolean write(AlertMark mark);
}
