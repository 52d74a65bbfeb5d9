package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The usage of one request, attributed to an account but not yet rated.
 *
 * @param id the line's identity, 32 hex digits: {@link
 *     dev.taximeter.contract.security.LineIdentity}
 * @param fate {@link Fate#BILLED} or {@link Fate#UNATTRIBUTED}; {@link Fate#SUSPENSE} while a
 *     person is to decide on it
 * @param key the key's name in the catalogue; the fingerprint's first 12 digits if unattributed;
 *     empty if the line had none
 * @param keyFingerprint HMAC-SHA-256 of the raw key, 64 hex digits; null if the line had none
 * @param keyLastFour the raw key's last four characters; null if it has fewer than 12
 * @param model as the log names it; never empty
 * @param completion start plus duration: the instant the usage counts at
 * @param start when the request began
 * @param arrival when a shipper handed the line over
 * @param source file the line was read from
 * @param offset byte offset in that file; -1 if unknown
 * @param shipment run of the shipper that carried it; empty if unknown
 * @param flags stable codes of what was unusual, such as {@code tampered}; often empty
 * @param requestId the request id as logged, cleaned and at most 128 characters; null if absent.
 *     The client's word: it groups the attempts of one operation, and is no identity
 */
public record Usage(
    String id,
    Fate fate,
    String key,
    @Nullable String keyFingerprint,
    @Nullable String keyLastFour,
    String model,
    TokenCounts tokens,
    Instant completion,
    Instant start,
    Instant arrival,
    LineSource source,
    long offset,
    String shipment,
    List<String> flags,
    @Nullable String requestId) {
  /** Flag of usage that was unattributed until its key was claimed. */
  public static final String CLAIMED = "claimed";

  /** Flag of usage that was in suspense until a person, or a replay, told who pays. */
  public static final String ASSIGNED = "assigned";

  /** Flag of usage whose payer is uncertain and that no desk had room for. */
  public static final String DESK_FULL = "desk-full";

  /** Flag of usage that completed when its key had expired. It counts all the same. */
  public static final String KEY_EXPIRED = "key-expired";

  /** Flag of usage of a key that another one had taken over the name of. */
  public static final String KEY_REPLACED = "key-replaced";

  /**
   * Flag of usage in suspense whose payer field looks like what a gate signs: either no gate that
   * metering believes has signed it, or for a request of another time.
   */
  public static final String IDENTITY_REFUSED = "identity-refused";

  public Usage {
    if (fate != Fate.BILLED && fate != Fate.UNATTRIBUTED && fate != Fate.SUSPENSE) {
      throw new IllegalArgumentException(
          "usage is billed, unattributed or in suspense, not " + fate.code());
    }
    flags = List.copyOf(flags);
  }

  /**
   * The same usage once it is known who pays.
   *
   * @param name the key's name in the catalogue
   * @param fingerprint of the key it counts under, 64 hex digits
   * @param lastFour of that key; null if unknown
   * @param flag how it became known: {@link #CLAIMED} or {@link #ASSIGNED}
   */
  public Usage billedTo(
      String name, @Nullable String fingerprint, @Nullable String lastFour, String flag) {
    List<String> flagged = new ArrayList<>(flags);
    flagged.add(flag);
    return new Usage(
        id,
        Fate.BILLED,
        name,
        fingerprint,
        lastFour,
        model,
        tokens,
        completion,
        start,
        arrival,
        source,
        offset,
        shipment,
        flagged,
        requestId);
  }

  /**
   * @return the same usage without a payer, for a person to decide on
   */
  public Usage suspended() {
    return new Usage(
        id,
        Fate.SUSPENSE,
        "",
        null,
        null,
        model,
        tokens,
        completion,
        start,
        arrival,
        source,
        offset,
        shipment,
        flags,
        requestId);
  }

  /**
   * @return usage in suspense as usage that nobody can be made to pay
   */
  public Usage withoutDesk() {
    List<String> flagged = new ArrayList<>(flags);
    flagged.add(DESK_FULL);
    return new Usage(
        id,
        Fate.UNATTRIBUTED,
        "",
        null,
        null,
        model,
        tokens,
        completion,
        start,
        arrival,
        source,
        offset,
        shipment,
        flagged,
        requestId);
  }
}
