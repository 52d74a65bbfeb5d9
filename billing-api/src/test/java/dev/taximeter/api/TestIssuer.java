package dev.taximeter.api;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.taximeter.api.settings.OidcSettings;
import dev.taximeter.api.settings.OidcSettings.Grant;
import dev.taximeter.contract.catalog.AccessToken.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** An identity provider with real keys, over HTTP on this machine. */
final class TestIssuer {
  static final String ISSUER = "https://id.example.com/realms/shop";
  static final String AUDIENCE = "taximeter";

  private final HttpServer server;
  final AtomicInteger asked = new AtomicInteger();

  /** What it answers; null for a failure. */
  volatile String document;

  RSAKey key;

  TestIssuer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.createContext(
        "/keys",
        exchange -> {
          asked.incrementAndGet();
          String answered = document;
          byte[] bytes = (answered == null ? "down" : answered).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answered == null ? 503 : 200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    key = newKey("first");
    publish(key);
  }

  static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  void publish(RSAKey... keys) {
    document = new JWKSet(List.of(keys)).toString(true);
  }

  void stop() {
    server.stop(0);
  }

  OidcSettings settings() {
    return new OidcSettings(
        ISSUER,
        Set.of(AUDIENCE, "taximeter-2"),
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys"),
        "realm_access.roles",
        Map.of(
            "ops", new Grant(Role.ADMINISTRATOR, false),
            "finance", new Grant(Role.BILLING, false),
            "support", new Grant(Role.VIEWER, false),
            "tenant-admin", new Grant(Role.BILLING, true),
            "tenant", new Grant(Role.VIEWER, true)),
        "tenant_id",
        Duration.ofSeconds(60),
        Duration.ofHours(1));
  }

  /** Claims of a good token at the tests' time. */
  static JWTClaimsSet.Builder claims(String subject, String role, String account) {
    Instant now = Instant.parse("2026-11-24T09:30:00Z");
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(subject)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(300)))
            .claim("realm_access", Map.of("roles", List.of("offline_access", role)));
    return account == null ? claims : claims.claim("tenant_id", account);
  }

  String token(JWTClaimsSet.Builder claims) {
    return token(claims, key);
  }

  static String token(JWTClaimsSet.Builder claims, RSAKey key) {
    return token(
        claims,
        key,
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .type(JOSEObjectType.JWT)
            .keyID(key.getKeyID())
            .build());
  }

  static String token(JWTClaimsSet.Builder claims, RSAKey key, JWSHeader header) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims.build());
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A good token with a role of the provider's. */
  String token(String subject, String role, String account) {
    return token(claims(subject, role, account));
  }
}
