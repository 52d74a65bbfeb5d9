package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The usage of one request, attributed to an account but not yet rated.
 *
 * @param id the line's identity, 32 hex digits: {@link
 *     dev.taximeter.contract.security.LineIdentity}
 * @param fate {@link Fate#BILLED} or {@link Fate#UNATTRIBUTED}
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
  public Usage {
    if (fate != Fate.BILLED && fate != Fate.UNATTRIBUTED) {
      throw new IllegalArgumentException("usage is billed or unattributed, not " + fate.code());
    }
    flags = List.copyOf(flags);
  }
}
