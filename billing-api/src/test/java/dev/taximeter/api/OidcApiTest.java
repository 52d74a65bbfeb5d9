package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.oidc.OidcTokens;
import dev.taximeter.api.signin.IdentityTokens.Verdict;
import dev.taximeter.contract.event.Command;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tokens of an identity provider, with real signatures. */
class OidcApiTest extends ApiTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");

  private static Answer as(String token, String path) {
    return send(request(path).header("Authorization", "Bearer " + token).GET().build());
  }

  private static Answer postAs(String token, String path, String json) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private static JWTClaimsSet.Builder good() {
    return TestIssuer.claims("ann", "finance", null);
  }

  private static void assertRefused(String token, String reason) {
    Answer answer = as(token, "/v1/accounts");
    assertThat(answer.status()).as(answer.body()).isEqualTo(401);
    assertThat(answer.body()).contains(reason).doesNotContain(token);
    assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
  }

  @Test
  void aGoodTokenOpensWhatItsRoleMaps() {
    String token = issuer.token(good());
    assertThat(as(token, "/v1/accounts").status()).isEqualTo(200);
    assertThat(as(token, "/v1/tokens").status()).isEqualTo(403);
    assertThat(postAs(token, "/v1/accounts/acme/keys", "{\"name\":\"prod\"}").status())
        .isEqualTo(201);

    List<Command> commands = catalog.commands();
    assertThat(commands.get(commands.size() - 1).author()).isEqualTo("oidc:ann");
    JsonNode entry = get("/v1/audit-log?token=oidc:ann").json().path("items").get(0);
    assertThat(entry.path("token").asString()).isEqualTo("oidc:ann");
    assertThat(entry.path("author").asString()).isEqualTo("oidc:ann");
    assertThat(entry.path("role").asString()).isEqualTo("billing");
  }

  @Test
  void otherAsymmetricSignaturesAreGoodToo() throws JOSEException {
    ECKey curve = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
    String before = issuer.document;
    try {
      issuer.document = new JWKSet(List.of(issuer.key, curve)).toString(true);
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256)
                  .type(new JOSEObjectType("at+jwt"))
                  .keyID("curve")
                  .build(),
              good().build());
      jwt.sign(new ECDSASigner(curve));
      assertThat(fresh().check(jwt.serialize())).isInstanceOf(Verdict.Accepted.class);
    } finally {
      issuer.document = before;
    }
  }

  @Test
  void withoutASignatureItIsNothing() {
    String plain = new PlainJWT(good().build()).serialize();
    assertRefused(plain, "no signed JWT");
    String signed = issuer.token(good());
    assertRefused(signed.substring(0, signed.lastIndexOf('.') + 1), "no signed JWT");
    String other = TestIssuer.token(good(), TestIssuer.newKey("first"));
    assertRefused(other, "signature is wrong");
    String[] parts = signed.split("\\.", -1);
    String root = new PlainJWT(TestIssuer.claims("ann", "ops", null).build()).serialize();
    assertRefused(parts[0] + '.' + root.split("\\.", -1)[1] + '.' + parts[2], "signature is wrong");
  }

  @Test
  void whoKnowsThePublicKeyCannotMakeOne() throws Exception {
    for (byte[] secret :
        List.of(
            issuer.key.toRSAPublicKey().getEncoded(),
            issuer.key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(), good().build());
      jwt.sign(new MACSigner(secret));
      assertRefused(jwt.serialize(), "none that is accepted");
    }
  }

  @Test
  void aKeyInsideTheTokenIsNoKey() {
    RSAKey own = TestIssuer.newKey("mine");
    String token =
        TestIssuer.token(
            good(),
            own,
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .jwk(own.toPublicJWK())
                .jwkURL(java.net.URI.create("http://127.0.0.1:1/keys"))
                .keyID("mine")
                .build());
    assertRefused(token, "does not have");
    String nameless =
        TestIssuer.token(good(), own, new JWSHeader.Builder(JWSAlgorithm.RS256).build());
    assertRefused(nameless, "kid");
  }

  @Test
  void itMustBeForHereAndForNow() {
    assertRefused(issuer.token(good().issuer("https://id.example.com/realms/shop/")), "iss");
    assertRefused(issuer.token(good().issuer(null)), "iss");
    assertRefused(issuer.token(good().audience("other")), "aud");
    assertRefused(issuer.token(good().audience((String) null)), "aud");
    assertRefused(issuer.token(good().subject(null)), "sub");
    assertRefused(issuer.token(good().subject("two words")), "sub");
    assertRefused(issuer.token(good().expirationTime(null)), "exp");
    assertRefused(issuer.token(good().expirationTime(Date.from(NOW.minusSeconds(61)))), "xpired");
    assertRefused(issuer.token(good().notBeforeTime(Date.from(NOW.plusSeconds(61)))), "before");

    for (JWTClaimsSet.Builder within :
        List.of(
            good().expirationTime(Date.from(NOW.minusSeconds(59))),
            good().notBeforeTime(Date.from(NOW.plusSeconds(59))),
            good().audience(List.of("other", "taximeter-2")))) {
      assertThat(as(issuer.token(within), "/v1/accounts").status()).isEqualTo(200);
    }
  }

  @Test
  void aTokenThatLivesTooLongIsNoToken() {
    String reason = "lives longer than PT1H, the longest that is accepted here";
    assertRefused(issuer.token(good().expirationTime(Date.from(NOW.plusSeconds(3_601)))), reason);
    // Without iat it may be as old as that already, but not younger.
    assertRefused(
        issuer.token(good().issueTime(null).expirationTime(Date.from(NOW.plusSeconds(3_661)))),
        reason);
    for (JWTClaimsSet.Builder within :
        List.of(
            good().expirationTime(Date.from(NOW.plusSeconds(3_600))),
            good().issueTime(null).expirationTime(Date.from(NOW.plusSeconds(3_660))))) {
      assertThat(as(issuer.token(within), "/v1/accounts").status()).isEqualTo(200);
    }
  }

  @Test
  void itEndsWithItsTimeAndSoDoesItsSession() {
    String token = issuer.token(good());
    String url = postAs(token, "/v1/sign-in-codes", "").json().path("url").asString();
    Answer opened =
        send(
            request(url.substring(url.indexOf("/sign-in")))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
    String cookie = opened.header("Set-Cookie").split(";", -1)[0];
    assertThat(send(request("/v1/accounts").header("Cookie", cookie).build()).status())
        .isEqualTo(200);
    clock.set("2026-11-24T09:36:01Z");
    assertThat(as(token, "/v1/accounts").status()).isEqualTo(401);
    assertThat(send(request("/v1/accounts").header("Cookie", cookie).build()).status())
        .isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource({
    "offline_access, ",
    "administrator, ",
    "Ops, ",
    "'', ",
  })
  void rolesThatAreNotMappedGrantNothing(String role, String account) {
    assertRefused(issuer.token("ann", role, account), "names no role");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "", "unattributed:0000", "ACME", "acme/../globex"})
  void aRoleOfOneAccountNeedsAnAccount(String account) {
    assertRefused(issuer.token("ann", "tenant", account), "account");
  }

  @Test
  void aRoleOfOneAccountNarrowsWhateverElseTheTokenSays() {
    String token =
        issuer.token(
            TestIssuer.claims("ann", "tenant", "acme")
                .claim("realm_access", Map.of("roles", List.of("ops", "tenant", "finance"))));
    assertThat(as(token, "/v1/accounts").body()).contains("acme").doesNotContain("globex");
    assertThat(as(token, "/v1/accounts/globex").status()).isEqualTo(404);
    assertThat(as(token, "/v1/tokens").status()).isEqualTo(403);
    assertThat(postAs(token, "/v1/accounts/acme/keys", "{\"name\":\"prod\"}").status())
        .isEqualTo(403);
    assertRefused(
        issuer.token(good().claim("realm_access", Map.of("roles", List.of("ops", "tenant")))),
        "does not name one");
  }

  @Test
  void ofSeveralRolesTheStrongestCounts() {
    String token =
        issuer.token(
            good().claim("realm_access", Map.of("roles", List.of("support", "ops", "finance"))));
    assertThat(as(token, "/v1/tokens").status()).isEqualTo(200);
    String text = issuer.token(good().claim("realm_access", Map.of("roles", "support x")));
    assertThat(as(text, "/v1/accounts").status()).isEqualTo(200);
    assertThat(postAs(text, "/v1/accounts", "{}").status()).isEqualTo(403);
  }

  @Test
  void aTokenMadeWithItEndsWithIt() {
    String token = issuer.token("root", "ops", null);
    Answer made = postAs(token, "/v1/tokens", "{\"name\":\"job\",\"role\":\"viewer\"}");
    assertThat(made.json().path("expiresAt").asString()).isEqualTo("2026-11-24T09:35:00Z");
    assertThat(made.json().path("createdBy").asString()).isEqualTo("oidc:root");
  }

  @Test
  void ourOwnTokensGoOn() {
    String own =
        post("/v1/tokens", "{\"name\":\"job\",\"role\":\"viewer\"}")
            .json()
            .path("secret")
            .asString();
    assertThat(as(own, "/v1/accounts").status()).isEqualTo(200);
    assertThat(get("/v1/accounts").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {6_000, 7_000, 100_000})
  void aHugeTokenIsNotEvenRead(int size) {
    Answer answer = as(issuer.token(good().claim("much", "x".repeat(size))), "/v1/accounts");
    assertThat(answer.status()).isIn(400, 401, 431);
  }

  private OidcTokens fresh() {
    return new OidcTokens(issuer.settings(), context.getBean(CatalogView.class), clock);
  }

  @Test
  void keysAreReadAgainForOneThatIsNewAndNotForever() {
    OidcTokens tokens = fresh();
    String before = issuer.document;
    try {
      assertThat(tokens.check(issuer.token(good()))).isInstanceOf(Verdict.Accepted.class);
      RSAKey second = TestIssuer.newKey("second");
      assertThat(tokens.check(TestIssuer.token(good(), second)))
          .isInstanceOf(Verdict.Refused.class);
      int asked = issuer.asked.get();
      for (int i = 0; i < 50; i++) {
        assertThat(tokens.check(TestIssuer.token(good(), second)))
            .isInstanceOf(Verdict.Refused.class);
      }
      assertThat(issuer.asked.get() - asked).isLessThanOrEqualTo(1);

      OidcTokens rotating = fresh();
      assertThat(rotating.check(issuer.token(good()))).isInstanceOf(Verdict.Accepted.class);
      issuer.publish(issuer.key, second);
      assertThat(rotating.check(TestIssuer.token(good(), second)))
          .isInstanceOf(Verdict.Accepted.class);
    } finally {
      issuer.document = before;
    }
  }

  @Test
  void whileTheProviderIsDownNobodyIsTurnedAwayForGood() {
    String before = issuer.document;
    OidcTokens cold = fresh();
    OidcTokens warm = fresh();
    try {
      assertThat(warm.check(issuer.token(good()))).isInstanceOf(Verdict.Accepted.class);
      issuer.document = null;
      assertThat(cold.check(issuer.token(good()))).isInstanceOf(Verdict.Unknown.class);
      assertThat(warm.check(issuer.token(good()))).isInstanceOf(Verdict.Accepted.class);
      assertThat(warm.check(TestIssuer.token(good(), TestIssuer.newKey("new"))))
          .isInstanceOf(Verdict.Unknown.class);
      issuer.document = "x".repeat(300_000);
      assertThat(fresh().check(issuer.token(good()))).isInstanceOf(Verdict.Unknown.class);
      issuer.document = "{\"keys\":7}";
      assertThat(fresh().check(issuer.token(good()))).isInstanceOf(Verdict.Unknown.class);
    } finally {
      issuer.document = before;
    }
  }
}
