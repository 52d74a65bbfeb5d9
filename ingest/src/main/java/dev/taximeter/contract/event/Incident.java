package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.AlertKind;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong for a while: it begins once, and it ends once.
 *
 * @param id a UUID
 * @param revision counts the records of this incident; the highest one holds
 * @param account whom it concerns; null if the installation
 * @param subject what it is about; empty if there is but one of its kind
 * @param text one sentence, as things were when it began
 * @param details facts as text: value, limit and what else tells how it came about
 * @param since when it was found
 * @param resolvedAt when it was over; null while it is not
 */
public record Incident(
    String id,
    long revision,
    AlertKind kind,
    @Nullable String account,
    String subject,
    String text,
    Map<String, String> details,
    Instant since,
    @Nullable Instant resolvedAt) {
  public Incident {
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /** {@return the same, over} */
  public Incident resolved(Instant at) {
    return new Incident(id, revision + 1, kind, account, subject, text, details, since, at);
  }
}
