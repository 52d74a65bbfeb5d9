package dev.taximeter.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.engine.Credentials.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private final Credentials credentials = new Credentials("secret", "other");

  @Test
  void eachUserHasARole() {
    assertThat(credentials.role(basic("taximeter:secret"))).contains(Role.WRITER);
    assertThat(credentials.role(basic("taximeter_reader:other"))).contains(Role.READER);
    assertThat(credentials.role(basic("taximeter:other"))).isEmpty();
    assertThat(credentials.role(basic("taximeter_reader:secret"))).isEmpty();
    assertThat(credentials.role(basic("taximeter:secret "))).isEmpty();
    assertThat(credentials.role(basic(""))).isEmpty();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "Basic", "Basic ", "Basic !!!", "Bearer secret", "basic "})
  void anythingElseHasNone(String authorization) {
    assertThat(credentials.role(authorization)).isEmpty();
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
