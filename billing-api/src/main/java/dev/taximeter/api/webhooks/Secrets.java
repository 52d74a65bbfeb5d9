package dev.taximeter.api.webhooks;

import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.contract.security.SigningSecrets;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What recipients keep secret: addresses and robots' secrets are sealed, signing secrets derive
 * from the root secret and are kept nowhere. Thread-safe.
 */
public final class Secrets {
  private final Sealer sealer;
  private final SigningSecrets signing;

  public Secrets(RootSecret secret) {
    this.sealer = new Sealer(secret, "recipient");
    this.signing = new SigningSecrets(secret);
  }

  String sealed(String text) {
    return sealer.seal(text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@return a signing secret as receivers are given it} */
  String shown(String recipient, String name) {
    return "whsec_" + Base64.getEncoder().encodeToString(signing.of(recipient, name));
  }

  /** {@return hex digits of so many bytes, always the same for a request} */
  String name(String request, int bytes) {
    return HexFormat.of().formatHex(signing.of("name", request), 0, bytes);
  }

  /**
   * Opens what a recipient keeps secret.
   *
   * @throws IllegalArgumentException if it was sealed with another root secret
   */
  Addressed opened(Recipient recipient, Instant now) {
    List<byte[]> secrets = new ArrayList<>();
    secrets.add(signing.of(recipient.id(), recipient.signing()));
    String previous = recipient.previousSigning();
    Instant until = recipient.previousUntil();
    if (previous != null && until != null && now.isBefore(until)) {
      secrets.add(signing.of(recipient.id(), previous));
    }
    String secret = recipient.channelSecret();
    return new Addressed(
        recipient.channel(),
        open(recipient.address()),
        secret == null ? null : open(secret),
        secrets,
        recipient.prefix());
  }

  /**
   * {@return whether two recipients have the same address, which is sealed differently each time}
   */
  boolean haveSameAddress(Recipient one, Recipient other) {
    return open(one.address()).equals(open(other.address()));
  }

  private String open(String sealed) {
    return new String(sealer.open(sealed), StandardCharsets.UTF_8);
  }
}
