package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.contract.catalog.AlertKind;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What recipients are told of an alert, whatever the channel.
 *
 * @param alert id of the alert
 * @param resolved whether it tells that the alert is over
 * @param account whom it concerns; null if the installation
 * @param subject what it is about: a quota's id, a source; empty if there is but one
 * @param title one line without markup
 * @param text one sentence without markup
 * @param startsAt when it began
 * @param endsAt when it was over, or will be by itself; null if that is not known
 * @param details further facts as text; decimals with all digits, instants as RFC 3339
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AlertMessage(
    String alert,
    AlertKind kind,
    boolean resolved,
    @Nullable String account,
    String subject,
    String title,
    String text,
    Instant startsAt,
    @Nullable Instant endsAt,
    Map<String, String> details) {
  public AlertMessage {
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /**
   * {@return the type of the message, such as {@code alert.quota} or {@code alert.gap.resolved}}
   */
  public String type() {
    return beginningsType() + (resolved ? ".resolved" : "");
  }

  /** {@return the type of the message that told of the beginning} */
  String beginningsType() {
    return "alert." + kind.code().replace('-', '_');
  }
}
