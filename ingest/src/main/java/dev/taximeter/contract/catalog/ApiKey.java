package dev.taximeter.contract.catalog;

/**
 * A key that may spend an account's money. The raw key is never kept.
 *
 * @param account id of the paying account
 * @param name unique within the account; what usage is shown under
 * @param fingerprint HMAC-SHA-256 of the raw key, 64 hex digits: {@link
 *     dev.taximeter.contract.security.Fingerprinter}
 * @param lastFour the raw key's last four characters, empty for keys shorter than 12
 */
public record ApiKey(String account, String name, String fingerprint, String lastFour) {}
