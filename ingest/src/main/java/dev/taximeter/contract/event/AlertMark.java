package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.catalog.AlertKind;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says about alerts: that one is being looked at, or that some are not to be sent.
 *
 * @param id of the alert that is acknowledged; of the mute
 * @param account whose alerts; null for those of all accounts and of the installation
 * @param kind what is muted; null for all kinds, and of an acknowledgement
 * @param subject what alerts are about that are muted, such as a quota's id; null for all
 * @param until when a mute ends; null of an acknowledgement
 */
public record AlertMark(
    Type type,
    String id,
    @Nullable String account,
    @Nullable AlertKind kind,
    @Nullable String subject,
    Instant at,
    @Nullable Instant until,
    String author,
    String note) {
  /** What it is. */
  public enum Type {
    ACKNOWLEDGEMENT,
    MUTE;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** {@return key of its records} */
  public String recordKey() {
    return type.code() + '/' + id;
  }

  /** {@return the same mute, over} */
  public AlertMark ended(Instant end) {
    return new AlertMark(type, id, account, kind, subject, at, end, author, note);
  }

  /** {@return whether it keeps an alert from being sent} */
  public boolean mutes(AlertMessage message, Instant now) {
    return type == Type.MUTE
        && until != null
        && now.isBefore(until)
        && (account == null || account.equals(message.account()))
        && (kind == null || kind == message.kind())
        && (subject == null || subject.equals(message.subject()));
  }
}
