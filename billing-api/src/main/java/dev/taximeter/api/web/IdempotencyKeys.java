package dev.taximeter.api.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes commands of requests that carry an {@code Idempotency-Key}: the same key on the same
 * address is the same command, whichever process takes it, and is decided once by its account's
 * writer. Thread-safe.
 */
public final class IdempotencyKeys {
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /**
   * Runs a request, unless the same one is running here.
   *
   * @param address what the key is unique for, such as the route and the account
   * @param key value of the header; null if there is none
   * @param work takes the command's id
   */
  public <T> T run(String address, @Nullable String key, Function<String, T> work) {
    if (key == null || !KEY.matcher(key).matches()) {
      throw ProblemException.of(
          ProblemType.INVALID_IDEMPOTENCY_KEY,
          "Send a header Idempotency-Key of 1 to 255 visible ASCII characters, new for each thing"
              + " you want done and the same when you send a request again.");
    }
    String commandId = "request:" + hash(address + '\n' + key);
    if (!working.add(commandId)) {
      throw ProblemException.of(
          ProblemType.IN_FLIGHT,
          "A request with this Idempotency-Key is being worked on; send it again a moment later.");
    }
    try {
      return work.apply(commandId);
    } finally {
      working.remove(commandId);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, digest.length / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
