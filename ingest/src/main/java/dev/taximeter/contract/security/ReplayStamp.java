package dev.taximeter.contract.security;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Proves that a raw record is a dead letter which metering sent again, and says when its line first
 * arrived. Who may only write raw lines cannot make one, and so cannot have a line judged twice.
 * Not thread-safe.
 */
public final class ReplayStamp {
  private static final int PROOF_BYTES = 32;
  private static final int BYTES = Long.BYTES + PROOF_BYTES;

  private final Mac mac;

  public ReplayStamp(RootSecret secret) {
    this.mac = RootSecret.mac(secret.derive("replay", "HmacSHA256"));
  }

  /**
   * @param frame the record's value
   * @param shipment run of the shipper that first carried the line
   * @param arrival when the line first arrived, to the millisecond
   * @param role what other headers say about the line; may be empty
   * @return value of the record's header
   */
  public byte[] of(byte[] frame, String shipment, Instant arrival, String role) {
    long millis = arrival.toEpochMilli();
    return ByteBuffer.allocate(BYTES)
        .putLong(millis)
        .put(proof(frame, shipment, millis, role))
        .array();
  }

  /**
   * @param stamp value of the record's header
   * @return when the line first arrived; null if the stamp was not made for this record
   */
  public @Nullable Instant arrival(
      byte @Nullable [] stamp, byte[] frame, String shipment, String role) {
    if (stamp == null || stamp.length != BYTES) {
      return null;
    }
    ByteBuffer parts = ByteBuffer.wrap(stamp);
    long millis = parts.getLong();
    byte[] proof = new byte[PROOF_BYTES];
    parts.get(proof);
    return MessageDigest.isEqual(proof, proof(frame, shipment, millis, role))
        ? Instant.ofEpochMilli(millis)
        : null;
  }

  /** Lengths tell where texts end, so that no part can pass for another. */
  private byte[] proof(byte[] frame, String shipment, long millis, String role) {
    mac.update(ByteBuffer.allocate(Long.BYTES).putLong(millis).array());
    if (!role.isEmpty()) {
      // Where the length of the shipment stands otherwise, which is never below 0.
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(-1).array());
      update(role);
    }
    update(shipment);
    return mac.doFinal(frame);
  }

  private void update(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    mac.update(bytes);
  }
}
