package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something a person wants done that is not a change of the catalogue alone. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Order.Claim.class, name = "claim"),
  @JsonSubTypes.Type(value = Order.Resolve.class, name = "resolve"),
  @JsonSubTypes.Type(value = Order.RetireSource.class, name = "retire-source"),
  @JsonSubTypes.Type(value = Order.Replay.class, name = "replay")
})
public sealed interface Order {
  /**
   * Gives an unknown key to an account, for good: what was metered of it, and all that follows.
   *
   * @param fingerprint of the key, 64 hex digits
   * @param account who pays from now on
   * @param keyName the key's name in the catalogue
   * @param from usage that completed earlier stays unclaimed; null claims all of it
   */
  record Claim(String fingerprint, String account, String keyName, @Nullable Instant from)
      implements Order {}

  /**
   * Decides a line in suspense, once.
   *
   * @param lineId the line's identity, 32 hex digits
   * @param account who pays; null writes the usage off
   * @param keyName the account's key it counts under; null if written off
   */
  record Resolve(String lineId, @Nullable String account, @Nullable String keyName)
      implements Order {}

  /** A source that will send no more: completeness does not wait for it any longer. */
  record RetireSource(LineSource source) implements Order {}

  /**
   * Sends dead letters through metering again.
   *
   * @param lineIds identities of the lines, 1 to 1,000
   */
  record Replay(List<String> lineIds) implements Order {
    /** What one transaction reads and sends. */
    public static final int MOST_LINES = 1_000;

    public Replay {
      lineIds = List.copyOf(lineIds);
    }
  }
}
