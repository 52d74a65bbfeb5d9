package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to one recipient, and every try to hand it over.
 *
 * @param id the same on every try, and for the same alert and recipient whatever is killed
 * @param revision counts the records of this delivery; the highest one holds
 * @param recipient id
 * @param createdAt when it was decided that the recipient gets it
 * @param attempts tries since it was last sent off, by itself or by hand
 * @param nextTry when it is tried next, at the earliest; null unless it is pending
 * @param tries the latest ones, {@link #MOST_TRIES} at most, oldest first
 */
public record Delivery(
    String id,
    long revision,
    String recipient,
    AlertMessage message,
    Instant createdAt,
    Status status,
    int attempts,
    @Nullable Instant nextTry,
    List<Try> tries) {
  /** As many as there are tries by themselves, and some by hand. */
  public static final int MOST_TRIES = 15;

  /** Where it stands. */
  public enum Status {
    PENDING,
    DELIVERED,
    /** It is not tried again by itself. */
    FAILED,
    /** Not sent, because somebody muted such alerts. */
    MUTED,
    /** Not sent, because the alert was over before it could be. */
    SUPERSEDED;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One try.
   *
   * @param at when it began
   * @param millis how long it took
   * @param status HTTP status; null if there was no answer, or it was mail
   * @param answer what the recipient said, or what went wrong, cut short
   * @param accepted whether the recipient has taken the message
   */
  public record Try(
      Instant at, long millis, @Nullable Integer status, String answer, boolean accepted) {}

  public Delivery {
    tries = List.copyOf(tries);
  }

  /** A delivery that has not been tried. */
  public static Delivery fresh(String recipient, AlertMessage message, Status status, Instant at) {
    return new Delivery(
        idOf(recipient, message),
        1,
        recipient,
        message,
        at,
        status,
        0,
        status == Status.PENDING ? at : null,
        List.of());
  }

  /** {@return the id of what a recipient is told of an alert} */
  public static String idOf(String recipient, AlertMessage message) {
    return idOf(recipient, message.type(), message.alert());
  }

  /** {@return the id of what a recipient was told when the alert began} */
  public static String idOfBeginning(String recipient, AlertMessage message) {
    return idOf(recipient, message.beginningsType(), message.alert());
  }

  private static String idOf(String recipient, String type, String alert) {
    String name = String.join("\t", recipient, type, alert);
    return "msg_"
        + UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString().replace("-", "");
  }

  /** {@return key of its records} */
  public String recordKey() {
    return recipient + '\t' + id;
  }

  /** {@return the same after a try} */
  public Delivery tried(Try next, Status then, @Nullable Instant again) {
    List<Try> all = new ArrayList<>(tries);
    all.add(next);
    return new Delivery(
        id,
        revision + 1,
        recipient,
        message,
        createdAt,
        then,
        attempts + 1,
        again,
        all.subList(Math.max(0, all.size() - MOST_TRIES), all.size()));
  }

  /** {@return whether it has arrived, whatever was tried since} */
  public boolean hasArrived() {
    return status == Status.DELIVERED || tries.stream().anyMatch(Try::accepted);
  }

  /** {@return the same, not to be sent any more} */
  public Delivery superseded() {
    return new Delivery(
        id, revision + 1, recipient, message, createdAt, Status.SUPERSEDED, attempts, null, tries);
  }

  /** {@return the same, sent off anew} */
  public Delivery again(Instant at) {
    return new Delivery(
        id, revision + 1, recipient, message, createdAt, Status.PENDING, 0, at, tries);
  }
}
