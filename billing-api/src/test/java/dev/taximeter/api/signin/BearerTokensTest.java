package dev.taximeter.api.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccessToken.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checking signatures is not free, and nobody is locked out by others for it. */
class BearerTokensTest {
  private static final String ADMINISTRATOR = "test-token-0123456789";
  private static final Duration ONE_CHECK = Duration.ofMillis(5);
  private static final int MORE_THAN_ENOUGH = 500;

  private final Set<String> genuine = new HashSet<>();
  private int checks;
  private long nanos;

  private final BearerTokens tokens =
      new BearerTokens(ADMINISTRATOR, new NoTokens(), this::check, new NoKeys(), () -> nanos);

  private IdentityTokens.Verdict check(String token) {
    checks++;
    nanos += ONE_CHECK.toNanos();
    return genuine.contains(token)
        ? new IdentityTokens.Verdict.Accepted(
            new Caller(token, token, Role.VIEWER, null, null, Caller.Means.TOKEN))
        : new IdentityTokens.Verdict.Refused("wrong");
  }

  private Caller ask(String token, String address) {
    return tokens.authenticate(request(token, address));
  }

  private static String token(String name) {
    return "eyJ" + name + ".eyJ." + name;
  }

  private void flood(String address) {
    for (int i = 0; i < MORE_THAN_ENOUGH; i++) {
      assertThat(ask(token("wrong" + i), address)).isNull();
    }
  }

  @Test
  void whoSendsOnlyNonsenseIsNotCheckedForEver() {
    flood("192.0.2.1");

    assertThat(checks).isBetween(100, 150);
    HttpServletRequest last = request(token("wrong"), "192.0.2.1");
    assertThat(tokens.authenticate(last)).isNull();
    assertThat(tokens.refusal(last).status()).isEqualTo(429);
    assertThat(tokens.retryAfter(last)).isBetween(Duration.ofNanos(1), Duration.ofSeconds(2));
  }

  @Test
  void othersBehindTheSameAddressStayIn() {
    genuine.add(token("ann"));
    assertThat(ask(token("ann"), "192.0.2.1")).isNotNull();
    flood("192.0.2.1");

    assertThat(ask(token("ann"), "192.0.2.1")).isNotNull();
    assertThat(ask(ADMINISTRATOR, "192.0.2.1")).isNotNull();
    // What was good once and is not any more is no free way to keep us busy.
    genuine.remove(token("ann"));
    int before = checks;
    for (int i = 0; i < 20; i++) {
      assertThat(ask(token("ann"), "192.0.2.1")).isNull();
    }
    assertThat(checks - before).isLessThanOrEqualTo(2);
  }

  @Test
  void newTokensGetInAgainWhenTimeHasPassed() throws Exception {
    flood("192.0.2.1");
    genuine.add(token("new"));
    assertThat(ask(token("new"), "192.0.2.2")).isNotNull();

    Caller caller = null;
    for (int i = 0; i < 100 && caller == null; i++) {
      Thread.sleep(20);
      caller = ask(token("later"), "192.0.2.1");
      genuine.add(token("later"));
    }
    assertThat(caller).isNotNull();
  }

  @Test
  void goodTokensCostNothing() {
    for (int i = 0; i < MORE_THAN_ENOUGH; i++) {
      genuine.add(token("good" + i));
      assertThat(ask(token("good" + i), "192.0.2.1")).isNotNull();
    }
  }

  private static HttpServletRequest request(String token, String address) {
    Map<Object, Object> attributes = new HashMap<>();
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getHeader" -> "Bearer " + token;
                  case "getRemoteAddr" -> address;
                  case "getAttribute" -> attributes.get(arguments[0]);
                  case "setAttribute" -> attributes.put(arguments[0], arguments[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static final class NoTokens implements Tokens {
    @Override
    public Caller holderOf(String secret) {
      return null;
    }

    @Override
    public boolean isInForce(Caller caller) {
      return true;
    }

    @Override
    public boolean isMistyped(String secret) {
      return false;
    }

    @Override
    public boolean complete() {
      return true;
    }

    @Override
    public void used(Caller caller) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class NoKeys implements KeyHolders {
    @Override
    public Caller holderOf(String rawKey) {
      return null;
    }

    @Override
    public boolean complete() {
      return true;
    }
  }
}
