package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to change something. Written twice under one id: before anything is done, as attempted,
 * and with what came of it. Holds no secret: neither the request's body nor its query.
 *
 * @param id unique
 * @param at when it arrived
 * @param token id of the token that it came with
 * @param author name of that token
 * @param role the token's
 * @param account the one account that the token sees; null for all
 * @param address where the connection came from
 * @param method HTTP method
 * @param route the route's pattern
 * @param path as it was asked for, without its query
 * @param outcome what came of it, as far as it is known
 * @param status HTTP status that was answered; 0 while attempted
 * @param problem type of the problem that was answered; null if none
 * @param detail why it was refused; null if it was not
 * @param commands what was asked of the single writers; empty if nothing
 */
public record AuditRecord(
    String id,
    Instant at,
    String token,
    String author,
    String role,
    @Nullable String account,
    String address,
    String method,
    String route,
    String path,
    Outcome outcome,
    int status,
    @Nullable String problem,
    @Nullable String detail,
    List<Asked> commands) {
  public AuditRecord {
    commands = commands == null ? List.of() : List.copyOf(commands);
  }

  /** What came of a request. */
  public enum Outcome {
    /** Nothing is known yet. If it stays so, the process died meanwhile. */
    ATTEMPTED,
    /** Done. */
    DONE,
    /** Refused: nothing has changed. */
    REFUSED,
    /** Not confirmed, or failed: it may have taken effect. */
    UNCERTAIN;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the outcome of a code; empty if there is none} */
    public static Optional<Outcome> of(String code) {
      return Arrays.stream(values()).filter(outcome -> outcome.code().equals(code)).findFirst();
    }
  }

  /**
   * A command and what it did.
   *
   * @param commandId as in the catalogue's history and in the ledger
   * @param before JSON of the catalogue's resources before, by record id; null if none are
   *     concerned
   * @param after JSON of the same resources afterwards
   * @param order JSON of the order; null if there is none
   * @param result JSON of the writer's decision; null if there was none in time
   */
  public record Asked(
      String commandId,
      @Nullable String before,
      @Nullable String after,
      @Nullable String order,
      @Nullable String result) {}

  /** {@return the same request, with what came of it} */
  public AuditRecord ended(
      Outcome ending,
      int answered,
      @Nullable String itsProblem,
      @Nullable String itsDetail,
      List<Asked> asked) {
    return new AuditRecord(
        id,
        at,
        token,
        author,
        role,
        account,
        address,
        method,
        route,
        path,
        ending,
        answered,
        itsProblem,
        itsDetail,
        asked);
  }
}
