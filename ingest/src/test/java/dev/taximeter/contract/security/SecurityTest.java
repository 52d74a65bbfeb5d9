package dev.taximeter.contract.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityTest {
  private final RootSecret secret = RootSecret.of(new byte[32]);
  private final RootSecret other =
      RootSecret.of("another secret of 32 bytes.....!".getBytes(UTF_8));

  @Test
  void fingerprintsDependOnKeyAndSecret() {
    Fingerprinter fingerprinter = new Fingerprinter(secret);
    String fingerprint = fingerprinter.fingerprint("sk-demo-00001");

    assertThat(fingerprint).hasSize(64).isEqualTo(fingerprinter.fingerprint("sk-demo-00001"));
    assertThat(fingerprint).isNotEqualTo(fingerprinter.fingerprint("sk-demo-00002"));
    assertThat(fingerprint).isNotEqualTo(new Fingerprinter(other).fingerprint("sk-demo-00001"));
  }

  @Test
  void shortKeysShowNoCharacters() {
    assertThat(Fingerprinter.lastFour("sk-demo-00001")).isEqualTo("0001");
    assertThat(Fingerprinter.lastFour("12345678901")).isEmpty();
  }

  @Test
  void identitiesAreNotFingerprintsOfTheSameBytes() {
    byte[] id = new LineIdentity(secret).of("sk-demo-00001".getBytes(UTF_8));

    assertThat(id).hasSize(LineIdentity.BYTES);
    assertThat(new Fingerprinter(secret).fingerprint("sk-demo-00001"))
        .doesNotStartWith(java.util.HexFormat.of().formatHex(id));
  }

  @Test
  void sealedLinesOpenOnlyWithTheirSecret() {
    String sealed = new Sealer(secret).seal("a line".getBytes(UTF_8));

    assertThat(new Sealer(secret).open(sealed)).asString(UTF_8).isEqualTo("a line");
    assertThatThrownBy(() -> new Sealer(other).open(sealed))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Sealer(secret).seal("a line".getBytes(UTF_8))).isNotEqualTo(sealed);
  }

  @Test
  void aBrokenSecretFileIsNotShown(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("root-secret"), "not hex");

    assertThatThrownBy(() -> RootSecret.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 hex digits")
        .hasMessageNotContaining("not hex");
  }

  @Test
  void eachKeyIsReadAsATextOfItsOwn() {
    byte[] utf8 = "sk-müller-�".getBytes(StandardCharsets.UTF_8);
    byte[] latin1 = "sk-müller".getBytes(StandardCharsets.ISO_8859_1);
    byte[] other = "sk-mäller".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(KeyText.of(utf8)).isEqualTo("sk-müller-�");
    assertThat(KeyText.of(latin1)).isEqualTo("sk-müller").isNotEqualTo(KeyText.of(other));
  }
}
