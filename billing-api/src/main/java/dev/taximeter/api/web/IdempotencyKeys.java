package dev.taximeter.api.web;

import dev.taximeter.contract.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes commands of requests that carry an {@code Idempotency-Key}: the same key on the same
 * address is the same command, whichever process takes it, and is decided once by its account's
 * writer. Thread-safe.
 */
public final class IdempotencyKeys {
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /** Keys of changes that are remembered here, some 200 bytes each. */
  private static final int MOST_REMEMBERED = 10_000;

  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /** What each key was used for, as far as this process remembers. */
  private final Map<String, String> used =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
              return size() > MOST_REMEMBERED;
            }
          });

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

  /**
   * Runs a change that is harmless to repeat, whether or not it has a key. With one, the same
   * request is not run twice at once, and the key is refused for another one, as far as this
   * process remembers.
   *
   * @param key null if there is none
   * @param content what the key stands for
   */
  public <T> T ifGiven(String address, @Nullable String key, byte[] content, Supplier<T> work) {
    if (key == null) {
      return work.get();
    }
    return run(
        address,
        key,
        commandId -> {
          String hash = hash(content);
          String before = used.putIfAbsent(commandId, hash);
          if (before != null && !before.equals(hash)) {
            throw ProblemException.of(
                ProblemType.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used for another request; send a new one.");
          }
          return work.get();
        });
  }

  /**
   * The same for a body that was read.
   *
   * @param body a record, told apart by what it is written as
   */
  public <T> T ifGiven(String address, @Nullable String key, Object body, Supplier<T> work) {
    return ifGiven(address, key, Json.MAPPER.writeValueAsBytes(body), work);
  }

  private static String hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, digest.length / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
