package dev.taximeter.contract.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.security.PayerFingerprints.Payer;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PayerFingerprintsTest {
  private static final RootSecret SECRET = RootSecret.of(new byte[32]);
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");
  private static final String KEY = "sk-acme-prod-0123456789";

  private final Fingerprinter keys = new Fingerprinter(SECRET);
  private final PayerFingerprints payers =
      new PayerFingerprints(new Fingerprinter(SECRET), GateIdentity.of(SECRET));

  private String fingerprint(String field, String... registered) {
    Set<String> known = Set.of(registered);
    Payer payer = payers.payer(field, NOW, NOW, known::contains);
    assertThat(payer.believed()).isTrue();
    assertThat(payer.signed()).isNull();
    return payer.fingerprint();
  }

  @Test
  void aSchemeBeforeARegisteredKeyDoesNotHideIt() {
    String bare = keys.fingerprint(KEY);
    assertThat(fingerprint(KEY, bare)).isEqualTo(bare);
    assertThat(fingerprint("Bearer " + KEY, bare)).isEqualTo(bare);
    assertThat(fingerprint("bearer  " + KEY + " ", bare)).isEqualTo(bare);
    assertThat(fingerprint(" " + KEY, bare)).isEqualTo(bare);
  }

  /** What was registered or metered before keeps its identity. */
  @Test
  void whatStandsThereCountsFirstAndIfNobodyKnowsEither() {
    String exact = keys.fingerprint("Bearer " + KEY);
    assertThat(fingerprint("Bearer " + KEY, exact, keys.fingerprint(KEY))).isEqualTo(exact);
    assertThat(fingerprint("Bearer " + KEY)).isEqualTo(exact);
  }

  @Test
  void whatNoGateSignedNamesItsKeyAndIsNotBelieved() {
    String header = GateIdentity.of(SECRET).sign("ab".repeat(32), NOW);
    String forged = header.substring(0, header.length() - 2) + "--";
    assertThat(payers.payer(header, NOW, NOW, key -> true))
        .isEqualTo(new Payer("ab".repeat(32), "", true, true));
    assertThat(payers.payer(forged, NOW, NOW, key -> true))
        .isEqualTo(new Payer("ab".repeat(32), "", false, false));
    assertThat(payers.payer("tmg1.x", NOW, NOW, key -> true))
        .isEqualTo(new Payer(null, "", false, false));
  }
}
