package dev.taximeter.contract.security;

import dev.taximeter.contract.security.GateIdentity.Claim;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whose key the payer field of a line names: with the raw key, or with the gate's word for it
 * ({@link GateIdentity}), which is believed only if a gate gave it for a request of that time. Not
 * thread-safe.
 */
public final class PayerFingerprints {
  private final Fingerprinter keys;
  private final GateIdentity gate;

  public PayerFingerprints(Fingerprinter keys, GateIdentity gate) {
    this.keys = keys;
    this.gate = gate;
  }

  /**
   * Who is named.
   *
   * @param fingerprint of the key, 64 hex digits; null if none can be read
   * @param lastFour the raw key's last four characters; empty if they are not known, or not shown
   * @param signed whether a gate's signature is right; null if the line has the raw key
   * @param believed whether that key pays. If not, the line looks like the gate's word and is not,
   *     or not for a request of its time
   */
  public record Payer(
      @Nullable String fingerprint, String lastFour, @Nullable Boolean signed, boolean believed) {
    /** The line names nobody, with certainty. */
    public static final Payer NOBODY = new Payer(null, "", null, true);
  }

  /**
   * @param field the payer, as logged
   * @param begun when the request began; null if that is not certain
   * @param over when it was over at the latest
   * @param registered whether a fingerprint is that of a registered key
   */
  public Payer payer(
      String field, @Nullable Instant begun, Instant over, Predicate<String> registered) {
    if (!GateIdentity.isMeant(field)) {
      return new Payer(fingerprint(field, registered), Fingerprinter.lastFour(field), null, true);
    }
    Claim claim = gate.read(field);
    return claim == null
        ? new Payer(null, "", false, false)
        : new Payer(claim.fingerprint(), "", claim.signed(), claim.isOf(begun, over));
  }

  /** What is registered as it stands keeps its identity, and so does what nobody has registered. */
  private String fingerprint(String field, Predicate<String> registered) {
    String exact = keys.fingerprint(field);
    String bare = KeyText.bare(field);
    if (bare.equals(field) || registered.test(exact)) {
      return exact;
    }
    String ofBare = keys.fingerprint(bare);
    return registered.test(ofBare) ? ofBare : exact;
  }
}
