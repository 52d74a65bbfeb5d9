package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.KeyText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a key is called in a report: its name in the catalogue, else a tag that tells keys apart
 * within one run and means nothing outside of it. Not thread-safe.
 */
final class KeyNames {
  /** How usage without a key is called. */
  static final String NONE = "(no key)";

  /** Enough to tell the keys of a log apart. */
  private static final int TAG_DIGITS = 8;

  private final Fingerprinter fingerprinter;
  private final Map<String, String> catalogued = new HashMap<>();

  /**
   * @param fingerprinter the one that the keys were fingerprinted with
   */
  KeyNames(Fingerprinter fingerprinter, List<ApiKey> keys) {
    this.fingerprinter = fingerprinter;
    keys.forEach(key -> catalogued.put(key.fingerprint(), key.account() + "/" + key.name()));
  }

  /**
   * A key as it may be shown.
   *
   * @param known whether the catalogue has it
   */
  record Name(String text, boolean known) {}

  Name of(@Nullable String rawKey) {
    if (rawKey == null) {
      return new Name(NONE, false);
    }
    String fingerprint = fingerprinter.fingerprint(rawKey);
    String registered = catalogued.get(fingerprint);
    String name =
        registered != null
            ? registered
            : catalogued.get(fingerprinter.fingerprint(KeyText.bare(rawKey)));
    if (name != null) {
      return new Name(name, true);
    }
    String lastFour = printable(Fingerprinter.lastFour(rawKey));
    String tag = fingerprint.substring(0, TAG_DIGITS);
    return new Name(lastFour.isEmpty() ? tag : tag + " …" + lastFour, false);
  }

  /** The last characters of whatever a client sent as its key. */
  private static String printable(String text) {
    return text.codePoints()
        .map(character -> character > ' ' && character <= '~' ? character : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
