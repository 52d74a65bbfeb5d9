package dev.taximeter.api.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.contract.catalog.AccessToken.Role;
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
  private static final Caller CALLER =
      new Caller("t", "t", Role.VIEWER, null, null, Caller.Means.TOKEN);

  @Test
  void aSecretWorksOnce() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 10, 10);
    String secret = secrets.issue(CALLER).secret();

    assertThat(secrets.find(secret)).isEqualTo(CALLER);
    assertThat(secrets.redeem(secret)).isEqualTo(CALLER);
    assertThat(secrets.redeem(secret)).isNull();
    assertThat(secrets.find(secret)).isNull();
  }

  @Test
  void theOldestOfACallerEndsWhenItHasTooManyAndNobodyElses() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 3, 2);
    Caller other = new Caller("u", "u", Role.VIEWER, null, null, Caller.Means.TOKEN);
    String others = secrets.issue(other).secret();
    String first = secrets.issue(CALLER).secret();
    String second = secrets.issue(CALLER).secret();
    String third = secrets.issue(CALLER).secret();

    assertThat(secrets.find(first)).isNull();
    assertThat(secrets.find(second)).isNotNull();
    assertThat(secrets.find(third)).isNotNull();
    assertThat(secrets.find(others)).isNotNull();
    assertThatThrownBy(() -> secrets.issue(other))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("Too many browsers");
  }

  @Test
  void aSecretEndsWithTheProofOfItsCaller() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 2, 2);
    Instant end = Instant.EPOCH.plusSeconds(5);
    Caller ending = new Caller("t", "t", Role.VIEWER, null, end, Caller.Means.TOKEN);

    assertThat(secrets.issue(ending).expiresAt()).isEqualTo(end);
    assertThat(secrets.issue(CALLER).expiresAt()).isEqualTo(Instant.EPOCH.plusSeconds(60));
  }

  @Test
  void secretsAreLongAndDiffer() {
    OneTimeSecrets secrets = new OneTimeSecrets(CLOCK, Duration.ofMinutes(1), 1_000, 1_000);
    List<String> issued = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      issued.add(secrets.issue(CALLER).secret());
    }

    assertThat(new HashSet<>(issued)).hasSize(100);
    // 256 bits in base64url.
    assertThat(issued).allMatch(secret -> secret.length() == 43);
  }
}
