package dev.taximeter.contract.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key that may spend an account's money. The raw key is never kept.
 *
 * @param account id of the paying account
 * @param name unique within the account, but for keys that this one has replaced; what usage is
 *     shown under
 * @param fingerprint HMAC-SHA-256 of the raw key, 64 hex digits: {@link
 *     dev.taximeter.contract.security.Fingerprinter}
 * @param lastFour the raw key's last four characters, empty for keys shorter than 12
 * @param team id of the account's team that uses it; null for none
 * @param expiresAt usage that completes then or later is flagged, and counts all the same; null if
 *     it never expires
 * @param replacedBy fingerprint of the key that took over its name; null while it is in use
 */
public record ApiKey(
    String account,
    String name,
    String fingerprint,
    String lastFour,
    @Nullable String team,
    @Nullable Instant expiresAt,
    @Nullable String replacedBy) {
  /** A key in use that never expires. */
  public ApiKey(String account, String name, String fingerprint, String lastFour) {
    this(account, name, fingerprint, lastFour, null, null, null);
  }
}
