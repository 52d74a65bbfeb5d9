package dev.taximeter.api.alerts;

import dev.taximeter.contract.catalog.AlertKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something is wrong at this moment.
 *
 * @param account whom it concerns; null if the installation
 * @param subject what it is about; empty if there is but one of its kind. Kind, account and subject
 *     tell conditions apart
 * @param text one sentence for people
 * @param details facts: value, limit and what else tells how it came about
 */
public record Condition(
    AlertKind kind,
    @Nullable String account,
    String subject,
    String text,
    Map<String, String> details) {
  public Condition {
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /** {@return what tells it apart from others} */
  String identity() {
    return identity(kind, account, subject);
  }

  static String identity(AlertKind kind, @Nullable String account, String subject) {
    return String.join("\t", kind.code(), account == null ? "" : account, subject);
  }
}
