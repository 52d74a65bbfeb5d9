package dev.taximeter.api.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneTimeSecretsTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @Test
  void aSecretWorksOnce() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 10);
    String secret = secrets.issue().secret();

    assertThat(secrets.knows(secret)).isTrue();
    assertThat(secrets.redeem(secret)).isTrue();
    assertThat(secrets.redeem(secret)).isFalse();
    assertThat(secrets.knows(secret)).isFalse();
  }

  @Test
  void theOldestEndsWhenThereAreTooMany() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 2);
    String first = secrets.issue().secret();
    String second = secrets.issue().secret();
    String third = secrets.issue().secret();

    assertThat(secrets.knows(first)).isFalse();
    assertThat(secrets.knows(second)).isTrue();
    assertThat(secrets.knows(third)).isTrue();
  }

  @Test
  void secretsAreLongAndDiffer() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 1_000);
    List<String> issued = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      issued.add(secrets.issue().secret());
    }

    assertThat(new HashSet<>(issued)).hasSize(100);
    // 256 bits in base64url.
    assertThat(issued).allMatch(secret -> secret.length() == 43);
  }
}
