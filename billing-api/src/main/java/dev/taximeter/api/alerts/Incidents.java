package dev.taximeter.api.alerts;

import dev.taximeter.contract.event.Incident;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is or was wrong. */
public interface Incidents {
  /** {@return all that are kept, in no order} */
  List<Incident> all();

  /** {@return an incident; null if there is none} */
  @Nullable Incident find(String id);
}
