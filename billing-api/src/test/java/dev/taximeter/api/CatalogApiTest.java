package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CatalogApiTest extends ApiTest {
  private static final String YAML =
      """
      accounts:
        - id: umbrella
          name: Umbrella
          currency: USD
          timezone: Europe/Berlin
          plan: basic
          keys:
            - { name: main, secret: sk-umbrella-00001 }
      priceBooks:
        - id: basic-prices
          currency: USD
          prices:
            - model: "*"
              effectiveFrom: 2026-01-01T00:00:00Z
              perMillion: { input: "1.00", output: "2.00" }
      plans:
        - { id: basic, priceBook: basic-prices }
      """;

  @Test
  void listsAccountsPageByPage() {
    JsonNode first = get("/v1/accounts?limit=2").json();
    assertThat(first.path("items").valueStream().map(item -> item.path("id").asString()))
        .containsExactly("acme", "globex");

    JsonNode second = get("/v1/accounts?limit=2&cursor=" + first.path("next").asString()).json();
    assertThat(second.path("items").valueStream().map(item -> item.path("id").asString()))
        .containsExactly("initech");
    assertThat(second.has("next")).isFalse();

    assertThat(get("/v1/accounts?limit=0").status()).isEqualTo(400);
    assertThat(get("/v1/accounts?limit=x").status()).isEqualTo(400);
  }

  @Test
  void readsAnAccount() {
    JsonNode account = get("/v1/accounts/acme").json();

    assertThat(account.path("timezone").asString()).isEqualTo("Europe/Berlin");
    assertThat(account.path("plan").asString()).isEqualTo("standard");
    assertThat(get("/v1/accounts/nobody").status()).isEqualTo(404);
  }

  @Test
  void createsAnAccountOnceHoweverOftenItIsAsked() {
    String body =
        """
        {"id":"hooli","name":"Hooli","currency":"USD","timezone":"America/New_York","plan":"standard"}
        """;

    assertThat(post("/v1/accounts", body).status()).isEqualTo(201);
    assertThat(post("/v1/accounts", body).status()).isEqualTo(200);
    assertThat(get("/v1/accounts/hooli/balance").json().path("balance").asString()).isEqualTo("0");
    assertThat(catalog.commands().get(catalog.commands().size() - 1).author()).isEqualTo("admin");

    Answer other = post("/v1/accounts", body.replace("Hooli", "Hooli XYZ"));
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.json().path("type").asString()).isEqualTo("urn:taximeter:problem:conflict");
  }

  @Test
  void namesWhatIsWrongWithAnAccount() {
    String good =
        """
        {"id":"x","name":"X","currency":"USD","timezone":"UTC","plan":"standard"}
        """;
    expectField(good.replace("\"x\"", "\"X Y\""), "/id", "a-z");
    expectField(good.replace("\"USD\"", "\"Dollar\""), "/currency", "ISO 4217");
    expectField(good.replace("\"UTC\"", "\"Mars/Base\""), "/timezone", "IANA");
    expectField(good.replace("\"standard\"", "\"gold\""), "/plan", "standard");
    expectField(good.replace("\"name\"", "\"title\""), "/title", "currency, id, name");
    expectField("{}", "/id", "must be");
    assertThat(post("/v1/accounts", "{\"id\":").json().path("detail").asString())
        .contains("line 1");
    assertThat(put("/v1/accounts", "application/json", "{}").status()).isEqualTo(405);
    assertThat(
            send(withToken(request("/v1/accounts"))
                    .header("Content-Type", "text/plain")
                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString("x"))
                    .build())
                .status())
        .isEqualTo(415);
  }

  private static void expectField(String body, String where, String fix) {
    Answer answer = post("/v1/accounts", body);
    assertThat(answer.status()).isEqualTo(400);
    JsonNode mistake = answer.json().path("errors").get(0);
    assertThat(mistake.path("where").asString()).isEqualTo(where);
    assertThat(mistake.path("detail").asString()).contains(fix);
  }

  @Test
  void makesAKeyAndShowsItOnce() {
    Answer made = post("/v1/accounts/acme/keys", "{\"name\":\"ci\"}");

    assertThat(made.status()).isEqualTo(201);
    String secret = made.json().path("secret").asString();
    assertThat(secret).matches("tmk_[0-9A-Za-z]{49}");
    assertThat(made.json().path("masked").asString())
        .isEqualTo("…" + secret.substring(secret.length() - 4));
    assertThat(made.json().path("fingerprint").asString())
        .isEqualTo(new Fingerprinter(RootSecret.of(new byte[32])).fingerprint(secret));

    Answer listed = get("/v1/accounts/acme/keys");
    assertThat(listed.json().path("items").size()).isEqualTo(1);
    assertThat(listed.body()).doesNotContain(secret);
    assertThat(listed.json().path("items").get(0).has("secret")).isFalse();
  }

  @Test
  void aMadeKeyThatWasNotConfirmedIsLost() {
    catalog.setSilent(true);

    Answer made = post("/v1/accounts/acme/keys", "{\"name\":\"ci\"}");
    assertThat(made.status()).isEqualTo(504);
    assertThat(made.json().path("detail").asString()).contains("make one of another name");

    Answer registered =
        post("/v1/accounts/acme/keys", "{\"name\":\"ci\",\"secret\":\"sk-existing-00042\"}");
    assertThat(registered.json().path("detail").asString()).contains("safe to send the same");
  }

  @Test
  void registersAKeyBySecretOrFingerprint() {
    Answer bySecret =
        post("/v1/accounts/acme/keys", "{\"name\":\"old\",\"secret\":\"sk-existing-00042\"}");
    assertThat(bySecret.status()).isEqualTo(201);
    assertThat(bySecret.body()).doesNotContain("sk-existing");
    assertThat(bySecret.json().path("masked").asString()).isEqualTo("…0042");
    for (Command command : catalog.commands()) {
      assertThat(command.toString()).doesNotContain("sk-existing");
    }

    assertThat(
            post("/v1/accounts/acme/keys", "{\"name\":\"old\",\"secret\":\"sk-existing-00042\"}")
                .status())
        .isEqualTo(200);
    assertThat(
            post("/v1/accounts/globex/keys", "{\"name\":\"x\",\"secret\":\"sk-existing-00042\"}")
                .status())
        .isEqualTo(409);
    assertThat(
            post("/v1/accounts/acme/keys", "{\"name\":\"old\",\"secret\":\"sk-another-00043\"}")
                .status())
        .isEqualTo(409);
    assertThat(
            post(
                    "/v1/accounts/globex/keys",
                    "{\"name\":\"f\",\"fingerprint\":\"%s\",\"lastFour\":\"1234\"}"
                        .formatted("ab".repeat(32)))
                .status())
        .isEqualTo(201);
    assertThat(
            post("/v1/accounts/globex/keys", "{\"name\":\"f2\",\"fingerprint\":\"xyz\"}").status())
        .isEqualTo(400);
    assertThat(post("/v1/accounts/nobody/keys", "{\"name\":\"f2\"}").status()).isEqualTo(404);
    assertThat(post("/v1/accounts/acme/keys", "{}").status()).isEqualTo(400);
  }

  @Test
  void loadsACatalogueFile() {
    Answer answer = put("/v1/catalog?reason=first%20load", "application/yaml", YAML);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("catalogVersion").asLong()).isEqualTo(2);
    assertThat(answer.json().path("changed").valueStream().map(JsonNode::asString))
        .contains("account/umbrella", "plan/basic", "priceBook/basic-prices");
    assertThat(
            get("/v1/accounts/umbrella/keys").json().path("items").get(0).path("name").asString())
        .isEqualTo("main");
    Command command = catalog.commands().get(catalog.commands().size() - 1);
    assertThat(command.reason()).isEqualTo("first load");
    assertThat(command.toString()).doesNotContain("sk-umbrella");
  }

  @Test
  void aWrongFileIsExplainedInFull() {
    Answer answer =
        put(
            "/v1/catalog",
            "application/yaml",
            YAML.replace("timezone: Europe/Berlin", "timezone: Europe/Berln")
                .replace("plan: basic", "plan: basics"));

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:invalid-catalog");
    assertThat(answer.json().path("errors").size()).isEqualTo(2);
    assertThat(answer.body()).contains("Europe/Berlin").doesNotContain("sk-umbrella");
    assertThat(put("/v1/catalog", "application/yaml", "a: [").status()).isEqualTo(422);
    assertThat(put("/v1/catalog", "application/yaml", "").status()).isIn(400, 422);
    assertThat(put("/v1/catalog", "application/json", "{}").status()).isEqualTo(415);
  }

  @Test
  void theWritersRefusalIsPassedOn() {
    catalog.refuse("plan standard is in EUR, but account acme is in USD", "another reason");

    Answer answer = put("/v1/catalog", "application/yaml", YAML);

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("type").asString()).isEqualTo("urn:taximeter:problem:refused");
    assertThat(answer.json().path("errors").size()).isEqualTo(2);
    assertThat(answer.json().path("detail").asString()).contains("plan standard is in EUR");
  }

  @Test
  void noDecisionInTimeIsSaid() {
    catalog.setSilent(true);

    Answer answer = put("/v1/catalog", "application/yaml", YAML);

    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:not-acknowledged");
    assertThat(answer.json().path("detail").asString()).contains("safe to send the same again");
  }

  private static Answer load(String yaml, String ifMatch) {
    return send(
        withToken(request("/v1/catalog"))
            .header("Content-Type", "application/yaml")
            .header("If-Match", ifMatch)
            .PUT(java.net.http.HttpRequest.BodyPublishers.ofString(yaml))
            .build());
  }

  @Test
  void aStaleFileWritesOverNothing() {
    Answer loaded = put("/v1/catalog", "application/yaml", YAML);
    String tag = loaded.header("ETag");
    assertThat(loaded.json().path("replaced").size()).isZero();
    assertThat(get("/v1/catalog").header("ETag")).isEqualTo(tag);
    assertThat(get("/v1/catalog").json().path("catalogVersion").asLong())
        .isEqualTo(loaded.json().path("catalogVersion").asLong());

    // What the file does not name may change.
    assertThat(patch("/v1/accounts/acme", "{\"name\":\"Other\"}", null).status()).isEqualTo(200);
    assertThat(load(YAML, tag).status()).isEqualTo(200);

    assertThat(patch("/v1/accounts/umbrella", "{\"name\":\"By hand\"}", null).status())
        .isEqualTo(200);
    Answer refused = load(YAML, tag);
    assertThat(refused.status()).isEqualTo(412);
    assertThat(refused.body()).contains("account/umbrella").contains("outdated");
    assertThat(get("/v1/accounts/umbrella").body()).contains("By hand");
    assertThat(load(YAML, "\"999999\"").status()).isEqualTo(412);
    assertThat(load(YAML, "nonsense").status()).isEqualTo(400);

    Answer forced = put("/v1/catalog", "application/yaml", YAML);
    assertThat(forced.status()).isEqualTo(200);
    assertThat(forced.json().path("replaced").valueStream().map(JsonNode::asString))
        .containsExactly("account/umbrella");
    assertThat(load(YAML, forced.header("ETag")).status()).isEqualTo(200);
  }
}
