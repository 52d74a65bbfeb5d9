package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DocumentationTest extends ApiTest {
  @Test
  void everyOperationAndFieldIsDescribed() {
    JsonNode document = get("/v1/openapi.json").json();

    assertThat(document.path("openapi").asString()).startsWith("3.1");
    List<String> paths = new ArrayList<>();
    document
        .path("paths")
        .forEachEntry(
            (path, operations) -> {
              paths.add(path);
              operations.forEachEntry(
                  (method, operation) -> {
                    String where = method + " " + path;
                    assertThat(operation.path("summary").asString("")).as(where).isNotEmpty();
                    operation
                        .path("parameters")
                        .forEach(
                            parameter ->
                                assertThat(parameter.path("description").asString(""))
                                    .as(where + " " + parameter.path("name"))
                                    .isNotEmpty());
                    assertThat(operation.path("responses").has("default")).as(where).isFalse();
                    assertThat(operation.path("responses").has("401")).as(where).isTrue();
                  });
            });
    assertThat(paths)
        .containsExactlyInAnyOrder(
            "/metrics",
            "/v1/accounting",
            "/v1/accounts",
            "/v1/accounts/{account}",
            "/v1/accounts/{account}/adjustments",
            "/v1/accounts/{account}/balance",
            "/v1/accounts/{account}/bills",
            "/v1/accounts/{account}/bills/{month}",
            "/v1/accounts/{account}/bills/{month}/credit-notes",
            "/v1/accounts/{account}/bills/{month}/finalize",
            "/v1/accounts/{account}/bills/{month}/re-rating",
            "/v1/accounts/{account}/bills/{month}/void",
            "/v1/accounts/{account}/credits",
            "/v1/accounts/{account}/credits/{credit}",
            "/v1/accounts/{account}/debits",
            "/v1/accounts/{account}/key-states",
            "/v1/accounts/{account}/keys",
            "/v1/accounts/{account}/keys/{key}",
            "/v1/accounts/{account}/keys/{key}/revocation",
            "/v1/accounts/{account}/keys/{key}/rotation",
            "/v1/accounts/{account}/ledger",
            "/v1/accounts/{account}/plan-changes",
            "/v1/accounts/{account}/quotas",
            "/v1/accounts/{account}/teams",
            "/v1/accounts/{account}/teams/{team}",
            "/v1/audit",
            "/v1/alerts",
            "/v1/alerts/{alert}/acknowledgement",
            "/v1/incidents",
            "/v1/incidents/{incident}",
            "/v1/mutes",
            "/v1/mutes/{mute}/end",
            "/v1/recipients",
            "/v1/recipients/{recipient}",
            "/v1/recipients/{recipient}/deliveries",
            "/v1/recipients/{recipient}/deliveries/{delivery}/replay",
            "/v1/recipients/{recipient}/rotation",
            "/v1/recipients/{recipient}/test",
            "/v1/audit-log",
            "/v1/catalog",
            "/v1/catalog/history",
            "/v1/cost-books",
            "/v1/cost-books/{book}",
            "/v1/dead-letters",
            "/v1/dead-letters/replay",
            "/v1/dead-letters/{id}",
            "/v1/dashboard/billing/subscription",
            "/v1/dashboard/billing/usage",
            "/v1/key",
            "/v1/explain",
            "/v1/leakage",
            "/v1/live",
            "/v1/margin",
            "/v1/meters/{meter}/query",
            "/v1/operations",
            "/v1/organization/costs",
            "/v1/organization/usage/completions",
            "/v1/plans",
            "/v1/plans/{plan}",
            "/v1/price-books",
            "/v1/price-books/{book}",
            "/v1/price-books/{book}/imports",
            "/v1/sign-in-codes",
            "/v1/sources",
            "/v1/sources/gaps",
            "/v1/sources/retire",
            "/v1/demonstration/kill-metering",
            "/v1/overview",
            "/v1/session",
            "/v1/session/end",
            "/v1/standing/balances",
            "/v1/standing/quotas",
            "/v1/status",
            "/v1/suspense",
            "/v1/suspense/{id}",
            "/v1/suspense/{id}/assign",
            "/v1/suspense/{id}/write-off",
            "/v1/tokens",
            "/v1/tokens/{token}",
            "/v1/tokens/{token}/revoke",
            "/v1/unattributed",
            "/v1/unattributed/{fingerprint}",
            "/v1/unattributed/{fingerprint}/claim",
            "/v1/usage");
    JsonNode schemas = document.path("components").path("schemas");
    schemas.forEachEntry(
        (name, schema) ->
            schema
                .path("properties")
                .forEachEntry(
                    (field, property) ->
                        assertThat(
                                property.has("description")
                                    || property.has("example")
                                    || property.has("examples")
                                    || property.has("$ref")
                                    || property.has("items")
                                    || property.has("enum"))
                            .as(name + "." + field)
                            .isTrue()));
    assertThat(schemas.path("Balance").path("properties").path("balance").path("type").asString())
        .isEqualTo("string");
    assertThat(schemas.path("Line").path("properties").path("amount").path("type").asString())
        .isEqualTo("string");
    assertThat(schemas.has("Problem")).isTrue();
  }

  @Test
  void theDocumentCanBeBrowsedOffline() {
    Answer redirect = get("/docs");
    assertThat(redirect.status()).isEqualTo(302);
    Answer page = get(redirect.header("Location"));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).doesNotContain("https://");
    assertThat(get("/swagger-ui/swagger-ui-bundle.js").status()).isEqualTo(200);
    assertThat(get("/swagger-ui/swagger-initializer.js").body())
        .contains("/v1/openapi.json")
        .doesNotContain("petstore");
  }

  @Test
  void thePageNeedsNothingFromElsewhere() {
    for (String path : List.of("/", "/assets/app/main.js", "/assets/app/app.css")) {
      assertThat(get(path).status()).isEqualTo(200);
      assertThat(get(path).body()).doesNotContain("http://").doesNotContain("https://");
    }
    assertThat(get("/").body()).doesNotContain("<style").doesNotContain("onclick");
  }

  @Test
  void statusTellsHowFarEverythingIs() {
    JsonNode status = get("/v1/status").json();

    assertThat(status.path("positions").path("account.states.v1").path("0").asLong())
        .isEqualTo(123);
    assertThat(status.path("landed").path("account.states.v1").path("0").asLong()).isEqualTo(120);
    assertThat(status.path("startedAt").asString())
        .isEqualTo(
            Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()).toString());
    assertThat(status.path("uptimeSeconds").asLong()).isNotNegative();
    assertThat(status.path("catalogVersion").asLong()).isEqualTo(1);
    assertThat(status.path("historyReachable").asBoolean()).isTrue();
    positions.reachable = false;
    assertThat(get("/v1/status").json().path("historyReachable").asBoolean()).isFalse();
    assertThat(get("/v1/status").json().has("landed")).isFalse();
  }
}
