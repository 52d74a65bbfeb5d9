package dev.taximeter.contract.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateIdentityTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00.750Z");
  private static final String KEY = "ab".repeat(32);
  private static final String OLD = "old-secret-0123456789-0123456789-01";
  private static final String NEW = "new-secret-0123456789-0123456789-01";

  private final GateIdentity identity = GateIdentity.of(RootSecret.of(new byte[32]));

  private static String believed(GateIdentity gate, String header) {
    GateIdentity.Claim claim = gate.read(header);
    return claim != null && claim.isOf(NOW, NOW) ? claim.fingerprint() : null;
  }

  @Test
  void whatAGateSignedIsBelievedOfRequestsOfItsTime() {
    String header = identity.sign(KEY, NOW);
    assertThat(header).startsWith("tmg1.1795512600.").contains(KEY).hasSizeLessThan(140);
    GateIdentity.Claim claim = identity.read(header);
    assertThat(claim.fingerprint()).isEqualTo(KEY);
    assertThat(claim.signed()).isTrue();
    Instant at = claim.at();
    assertThat(claim.isOf(at, at)).isTrue();
    assertThat(claim.isOf(at.plusSeconds(600), at.plusSeconds(900))).isTrue();
    assertThat(claim.isOf(at.plusSeconds(601), at.plusSeconds(900))).isFalse();
    // The client took half an hour to send what was asked for.
    assertThat(claim.isOf(at.minusSeconds(1_800), at.plusSeconds(5))).isTrue();
    assertThat(claim.isOf(at.minusSeconds(900), at.minusSeconds(600))).isTrue();
    assertThat(claim.isOf(at.minusSeconds(900), at.minusSeconds(601))).isFalse();
    // An uncertain beginning decides nothing.
    assertThat(claim.isOf(null, at.plusSeconds(100_000))).isTrue();
    assertThat(claim.isOf(null, at.minusSeconds(601))).isFalse();
  }

  /** Whatever single character is changed. */
  @Test
  void nothingElseIsBelieved() {
    String header = identity.sign(KEY, NOW);
    for (int i = 0; i < header.length(); i++) {
      for (char other : new char[] {'0', 'a', 'B', '.', '-'}) {
        String changed = header.substring(0, i) + other + header.substring(i + 1);
        if (!changed.equals(header)) {
          assertThat(believed(identity, changed)).as(changed).isNull();
        }
      }
    }
    for (String junk : List.of("", "-", "tmg1", KEY, header + " ", " " + header, header + header)) {
      assertThat(identity.read(junk)).as(junk).isNull();
    }
    GateIdentity stranger = GateIdentity.of(RootSecret.of(("x".repeat(32)).getBytes()));
    assertThat(believed(stranger, header)).isNull();
    assertThat(stranger.read(header).fingerprint()).isEqualTo(KEY);
    assertThat(stranger.read(header).signed()).isFalse();
  }

  @Test
  void secretsChangeOverWithoutAGap() {
    String old = GateIdentity.of(List.of(OLD)).sign(KEY, NOW);
    GateIdentity both = GateIdentity.of(List.of(NEW, OLD));
    assertThat(believed(both, old)).isEqualTo(KEY);
    String next = both.sign(KEY, NOW);
    assertThat(believed(GateIdentity.of(List.of(NEW)), next)).isEqualTo(KEY);
    assertThat(believed(GateIdentity.of(List.of(OLD, NEW)), next)).isEqualTo(KEY);
    assertThat(believed(GateIdentity.of(List.of(NEW)), old)).isNull();
  }

  @Test
  void weakOrTooManySecretsAreRefusedAndNotShown() {
    assertThatThrownBy(() -> GateIdentity.of(List.of("short-secret")))
        .hasMessageContaining("32")
        .hasMessageNotContaining("short-secret");
    assertThatThrownBy(() -> GateIdentity.of(List.of()));
    assertThat(GateIdentity.of(Collections.nCopies(16, OLD))).isNotNull();
    assertThatThrownBy(() -> GateIdentity.of(Collections.nCopies(17, OLD)))
        .hasMessageContaining("1 to 16");
  }
}
