package dev.taximeter.api.alerts;

import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.catalog.AlertKind;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Says what is wrong. Whoever wants people to be told of something implements this: it is asked
 * every few seconds, and incidents begin and end by what it says.
 */
public interface ConditionSource {
  /** {@return the kinds that it knows about: those of others it says nothing about} */
  Set<AlertKind> kinds();

  /**
   * {@return all that is wrong at this moment, of its kinds; what is not there is over}
   *
   * @throws HistoryUnavailableException if it cannot say: incidents stay as they are
   * @throws UnknownConditionException likewise
   */
  List<Condition> now(Instant now);
}
