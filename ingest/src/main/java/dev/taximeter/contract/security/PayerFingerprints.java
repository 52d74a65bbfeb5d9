package dev.taximeter.contract.security;

import java.time.Instant;
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
   * @param payer the field, as logged
   * @param begun when the request began; null if the line does not tell
   * @return 64 hex digits; null if it looks like the gate's word and is not: that is nobody's key,
   *     and as many of them as somebody makes up are no accounts
   */
  public @Nullable String fingerprint(String payer, @Nullable Instant begun) {
    if (!GateIdentity.isMeant(payer)) {
      return keys.fingerprint(payer);
    }
    return begun == null ? null : gate.fingerprint(payer, begun);
  }

  /** {@return the raw key's last four characters; empty if they are not known, or not shown} */
  public static String lastFour(String payer) {
    return GateIdentity.isMeant(payer) ? "" : Fingerprinter.lastFour(payer);
  }
}
