package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.margin.MarginHistory.MarginSum;
import dev.taximeter.contract.catalog.PriceBook;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PricesApiTest extends ApiTest {
  private static final String FILE =
      """
      {"qwen-max": {"input_cost_per_token": 1.6e-06, "output_cost_per_token": 6.4e-06,
         "input_cost_per_token_above_128k_tokens": 3.2e-06, "mode": "chat"},
       "gpt-4o": {"input_cost_per_token": 2.5e-06, "input_cost_per_token_priority": 4.25e-06}}
      """;

  private TestPorts.Margins margins;

  @BeforeEach
  void findMargins() {
    margins = context.getBean(TestPorts.Margins.class);
    margins.sums.clear();
  }

  @Test
  void changesAnAccountThatNobodyChangedMeanwhile() {
    String tag = get("/v1/accounts/acme").header("ETag");
    Answer changed =
        patch(
            "/v1/accounts/acme?reason=late",
            "{\"status\":\"suspended\",\"contacts\":[\"ann@example.com\"],\"tags\":{\"tier\":\"gold\"}}",
            tag);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.header("ETag")).isNotEqualTo(tag);
    JsonNode account = get("/v1/accounts/acme").json();
    assertThat(account.path("status").asString()).isEqualTo("suspended");
    assertThat(account.path("tags").path("tier").asString()).isEqualTo("gold");
    assertThat(account.path("name").asString()).isEqualTo("ACME");

    Answer outdated = patch("/v1/accounts/acme", "{\"name\":\"Other\"}", tag);
    assertThat(outdated.status()).isEqualTo(412);
    assertThat(outdated.json().path("type").asString()).isEqualTo("urn:taximeter:problem:outdated");
    assertThat(patch("/v1/accounts/acme", "{}", "W/x").status()).isEqualTo(400);
    // Creating it again must not undo the change.
    String body =
        """
        {"id":"acme","name":"ACME","currency":"USD","timezone":"Europe/Berlin","plan":"standard"}
        """;
    assertThat(post("/v1/accounts", body).status()).isEqualTo(200);
    assertThat(get("/v1/accounts/acme").json().path("status").asString()).isEqualTo("suspended");
  }

  @Test
  void aClosedAccountHasAnInstant() {
    patch("/v1/accounts/globex", "{\"status\":\"closed\"}", null);
    assertThat(get("/v1/accounts/globex").json().path("closing").asString())
        .isEqualTo("2026-11-24T09:30:00Z");
  }

  @Test
  void changesAPlanAtAnInstant() {
    Answer changed =
        post(
            "/v1/accounts/acme/plan-changes?reason=contract",
            "{\"from\":\"2026-12-01T00:00:00Z\",\"plan\":\"standard\"}");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.json().path("planChanges").get(0).path("from").asString())
        .isEqualTo("2026-12-01T00:00:00Z");
    assertThat(post("/v1/accounts/acme/plan-changes", "{\"plan\":\"gold\"}").status())
        .isEqualTo(400);
    assertThat(
            post(
                    "/v1/accounts/acme/plan-changes",
                    "{\"from\":\"2026-12-01T00:00:00Z\",\"plan\":\"standard\"}")
                .json()
                .path("planChanges")
                .size())
        .isEqualTo(1);
  }

  @Test
  void movesAndExpiresAKey() {
    post("/v1/accounts/acme/keys", "{\"name\":\"ci\",\"secret\":\"sk-existing-00042\"}");
    Answer team =
        put("/v1/accounts/acme/teams/search", "application/json", "{\"name\":\"Search\"}");
    assertThat(team.status()).isEqualTo(200);
    Answer moved =
        patch(
            "/v1/accounts/acme/keys/ci",
            "{\"team\":\"search\",\"expiresAt\":\"2026-12-01T00:00:00Z\"}",
            null);
    assertThat(moved.status()).isEqualTo(200);
    assertThat(moved.json().path("team").asString()).isEqualTo("search");
    assertThat(moved.body()).doesNotContain("sk-existing");
    assertThat(
            get("/v1/accounts/acme/teams")
                .json()
                .path("items")
                .get(0)
                .path("keys")
                .get(0)
                .asString())
        .isEqualTo("ci");
    assertThat(patch("/v1/accounts/acme/keys/none", "{}", null).status()).isEqualTo(404);
    // Registering it again must not undo the move.
    post("/v1/accounts/acme/keys", "{\"name\":\"ci\",\"secret\":\"sk-existing-00042\"}");
    assertThat(get("/v1/accounts/acme/keys").json().path("items").get(0).path("team").asString())
        .isEqualTo("search");
  }

  @Test
  void rotatesAKeyUnderItsName() {
    post("/v1/accounts/acme/keys", "{\"name\":\"ci\",\"secret\":\"sk-existing-00042\"}");
    Answer rotated = post("/v1/accounts/acme/keys/ci/rotation", "{}");
    assertThat(rotated.status()).isEqualTo(201);
    assertThat(rotated.json().path("secret").asString()).startsWith("tmk_");
    JsonNode keys = get("/v1/accounts/acme/keys").json().path("items");
    assertThat(keys.size()).isEqualTo(2);
    assertThat(keys.valueStream().map(key -> key.path("name").asString())).containsOnly("ci");
    assertThat(
            keys.valueStream()
                .filter(key -> key.has("replacedBy"))
                .map(key -> key.path("expiresAt").asString()))
        .containsExactly("2026-11-24T09:30:00Z");

    String same = "{\"secret\":\"sk-another-00043\"}";
    assertThat(post("/v1/accounts/acme/keys/ci/rotation", same).status()).isEqualTo(201);
    assertThat(post("/v1/accounts/acme/keys/ci/rotation", same).status()).isEqualTo(200);
    assertThat(
            post("/v1/accounts/acme/keys/ci/rotation", "{\"secret\":\"sk-existing-00042\"}")
                .status())
        .isEqualTo(409);
  }

  @Test
  void tellsTheHistoryOfAResource() {
    patch("/v1/accounts/acme?reason=first", "{\"name\":\"One\"}", null);
    patch("/v1/accounts/acme?reason=second", "{\"name\":\"Two\"}", null);
    JsonNode page = get("/v1/catalog/history?id=account/acme&limit=2").json();
    assertThat(page.path("items").valueStream().map(item -> item.path("reason").asString()))
        .containsExactly("second", "first");
    assertThat(page.path("items").get(0).path("author").asString()).isEqualTo("admin");
    assertThat(page.path("items").get(0).path("resource").path("account").path("name").asString())
        .isEqualTo("Two");
    JsonNode rest =
        get("/v1/catalog/history?id=account/acme&limit=2&cursor=" + page.path("next").asString())
            .json();
    assertThat(rest.path("items").size()).isEqualTo(1);
    assertThat(rest.has("next")).isFalse();
    assertThat(get("/v1/catalog/history?id=nonsense").status()).isEqualTo(400);
    assertThat(get("/v1/catalog/history").status()).isEqualTo(400);
  }

  @Test
  void comparesAPriceFileBeforeItIsImported() {
    String path = "/v1/price-books/provider/imports?effectiveFrom=2026-12-01T00:00:00Z";
    assertThat(post(path, FILE).status()).isEqualTo(404);
    Answer dry = post(path + "&kind=common-cost", FILE);
    assertThat(dry.status()).isEqualTo(200);
    assertThat(dry.json().path("applied").asBoolean()).isFalse();
    assertThat(dry.json().path("added").get(0).path("after").path("input above 128000").asString())
        .isEqualTo("3.2");
    assertThat(dry.json().path("refused").get(0).path("field").asString())
        .isEqualTo("input_cost_per_token_priority");
    assertThat(catalog.snapshot().priceBook("provider")).isNull();

    Answer done = post(path + "&kind=common-cost&apply=true&leaveOut=*_priority", FILE);
    assertThat(done.json().path("applied").asBoolean()).isTrue();
    assertThat(done.json().path("added").size()).isEqualTo(2);
    assertThat(done.json().path("leftOut").size()).isEqualTo(1);
    PriceBook book = catalog.snapshot().priceBook("provider");
    assertThat(book.purpose()).isEqualTo(PriceBook.Purpose.COMMON_COST);
    assertThat(book.prices()).hasSize(2);

    Answer again = post(path + "&apply=true&leaveOut=*_priority", FILE);
    assertThat(again.json().path("unchanged").asInt()).isEqualTo(2);
    assertThat(again.json().path("added").size()).isZero();
    assertThat(post(path + "&kind=price", FILE).status()).isEqualTo(400);
    assertThat(post(path + "&models=qwen*", FILE).json().path("refused").size()).isZero();
    assertThat(post(path, "[]").status()).isEqualTo(400);
    Answer fine = post(path.replace("00Z", "00.0005Z"), FILE);
    assertThat(fine.status()).isEqualTo(400);
    assertThat(fine.json().path("detail").asString()).contains("at most milliseconds");
  }

  @Test
  void tellsMargins() {
    margins.sums.addAll(
        List.of(
            new MarginSum(
                "acme", "qwen", "USD", "USD", 3, new BigDecimal("2.50"), new BigDecimal("3")),
            new MarginSum("acme", "gpt", "USD", "EUR", 1, BigDecimal.ONE, BigDecimal.ONE),
            new MarginSum("acme", "new", "USD", "", 1, BigDecimal.ONE, BigDecimal.ZERO)));
    String range = "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z";
    JsonNode rows = get("/v1/margin?account=acme&" + range).json().path("rows");
    assertThat(rows.get(0).path("margin").asString()).isEqualTo("-0.5");
    assertThat(rows.get(1).has("margin")).isFalse();
    assertThat(rows.get(1).path("cost").asString()).isEqualTo("1");
    assertThat(rows.get(2).has("cost")).isFalse();
    assertThat(margins.asked.byModel()).isTrue();
    assertThat(margins.asked.account()).isEqualTo("acme");
    assertThat(get("/v1/margin?" + range + "&groupBy=account").status()).isEqualTo(200);
    assertThat(margins.asked.byModel()).isFalse();
    assertThat(get("/v1/margin").status()).isEqualTo(200);
    assertThat(margins.asked.from()).isEqualTo("2026-11-01T00:00:00Z");
    assertThat(margins.asked.to()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(get("/v1/margin?" + range + "&groupBy=key").status()).isEqualTo(400);
    assertThat(get("/v1/margin?from=2026-12-01T00:00:00Z&to=2026-11-01T00:00:00Z").status())
        .isEqualTo(400);
  }

  @Test
  void nothingWithoutAToken() {
    for (String path :
        List.of("/v1/margin", "/v1/catalog/history?id=account/acme", "/v1/accounts/acme/teams")) {
      assertThat(send(request(path).GET().build()).status()).isEqualTo(401);
    }
    assertThat(
            send(request("/v1/price-books/x/imports")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build())
                .status())
        .isEqualTo(401);
  }
}
