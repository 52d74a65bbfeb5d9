package dev.taximeter.contract.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateIdentityTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00.750Z");
  private static final String KEY = "ab".repeat(32);
  private static final String OLD = "old-secret-0123456789-0123456789-01";
  private static final String NEW = "new-secret-0123456789-0123456789-01";

  private final GateIdentity identity = GateIdentity.of(RootSecret.of(new byte[32]));

  @Test
  void whatAGateSignedIsBelievedForTenMinutes() {
    String header = identity.sign(KEY, NOW);
    assertThat(header).startsWith("tmg1.1795512600.").contains(KEY).hasSizeLessThan(140);
    assertThat(identity.fingerprint(header, NOW)).isEqualTo(KEY);
    assertThat(identity.fingerprint(header, NOW.plusSeconds(599))).isEqualTo(KEY);
    assertThat(identity.fingerprint(header, NOW.plusSeconds(601))).isNull();
    assertThat(identity.fingerprint(header, NOW.minusSeconds(600))).isEqualTo(KEY);
    assertThat(identity.fingerprint(header, NOW.minusSeconds(602))).isNull();
  }

  /** Whatever single character is changed. */
  @Test
  void nothingElseIsBelieved() {
    String header = identity.sign(KEY, NOW);
    for (int i = 0; i < header.length(); i++) {
      for (char other : new char[] {'0', 'a', 'B', '.', '-'}) {
        String changed = header.substring(0, i) + other + header.substring(i + 1);
        if (!changed.equals(header)) {
          assertThat(identity.fingerprint(changed, NOW)).as(changed).isNull();
        }
      }
    }
    for (String junk : List.of("", "-", "tmg1", KEY, header + " ", " " + header, header + header)) {
      assertThat(identity.fingerprint(junk, NOW)).as(junk).isNull();
    }
    assertThat(GateIdentity.of(RootSecret.of(("x".repeat(32)).getBytes())).fingerprint(header, NOW))
        .isNull();
  }

  @Test
  void secretsChangeOverWithoutAGap() {
    String old = GateIdentity.of(List.of(OLD)).sign(KEY, NOW);
    GateIdentity both = GateIdentity.of(List.of(NEW, OLD));
    assertThat(both.fingerprint(old, NOW)).isEqualTo(KEY);
    String next = both.sign(KEY, NOW);
    assertThat(GateIdentity.of(List.of(NEW)).fingerprint(next, NOW)).isEqualTo(KEY);
    assertThat(GateIdentity.of(List.of(OLD, NEW)).fingerprint(next, NOW)).isEqualTo(KEY);
    assertThat(GateIdentity.of(List.of(NEW)).fingerprint(old, NOW)).isNull();
  }

  @Test
  void weakOrTooManySecretsAreRefusedAndNotShown() {
    assertThatThrownBy(() -> GateIdentity.of(List.of("short-secret")))
        .hasMessageContaining("32")
        .hasMessageNotContaining("short-secret");
    assertThatThrownBy(() -> GateIdentity.of(List.of()));
    assertThatThrownBy(() -> GateIdentity.of(List.of(OLD, NEW, OLD)));
  }
}
