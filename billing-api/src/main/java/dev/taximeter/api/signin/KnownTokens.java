package dev.taximeter.api.signin;

import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Signed tokens that were good when they came last, by the hash of all of each. They are checked
 * again each time; it only says that checking them is no waste. Thread-safe.
 */
final class KnownTokens {
  /** Some 200 bytes each. Beyond, the one that has not come for the longest is forgotten. */
  static final int MOST = 10_000;

  private static final int INITIAL_CAPACITY = 16;
  private static final float LOAD = 0.75f;

  private final Set<String> hashes =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>(INITIAL_CAPACITY, LOAD, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > MOST;
                }
              }));

  boolean has(String token) {
    return hashes.contains(hash(token));
  }

  void good(String token) {
    hashes.add(hash(token));
  }

  void worthNothing(String token) {
    hashes.remove(hash(token));
  }

  private static String hash(String token) {
    return HexFormat.of().formatHex(Hashes.sha256(token));
  }
}
