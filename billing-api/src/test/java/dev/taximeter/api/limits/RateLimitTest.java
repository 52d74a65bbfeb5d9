package dev.taximeter.api.limits;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
  @Test
  void eachAskerHasItsOwn() {
    RateLimit limit = new RateLimit("token", 3);
    for (int i = 2; i >= 0; i--) {
      RateLimit.Verdict verdict = limit.take("one");
      assertThat(verdict.allowed()).isTrue();
      assertThat(verdict.state()).startsWith("\"token\";r=" + i + ";t=");
    }

    RateLimit.Verdict refused = limit.take("one");
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.policy()).isEqualTo("\"token\";q=3;w=60");
    // One comes back every 20 s.
    assertThat(refused.retryAfterSeconds()).isBetween(18L, 20L);
    assertThat(limit.take("other").allowed()).isTrue();
  }

  @Test
  void noMoreAskersAreRememberedThanAllowed() {
    RateLimit limit = new RateLimit("failures", 1);
    limit.take("first");
    assertThat(limit.take("first").allowed()).isFalse();
    for (int i = 0; i < Askers.MOST; i++) {
      limit.take("asker " + i);
    }

    assertThat(limit.askers()).isEqualTo(Askers.MOST);
    assertThat(limit.take("asker 1").allowed()).isFalse();
  }
}
