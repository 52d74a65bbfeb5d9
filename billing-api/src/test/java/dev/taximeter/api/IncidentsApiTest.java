package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Quota.Metric;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.Incident;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Incidents, acknowledgements and mutes over HTTP. */
class IncidentsApiTest extends ApiTest {
  private static final String GAP = "0f8fad5b-d9cb-469f-a165-000000000001";
  private static final String LOW = "0f8fad5b-d9cb-469f-a165-000000000002";
  private static final String UNPRICED = "0f8fad5b-d9cb-469f-a165-000000000003";

  private static Incident incident(String id, AlertKind kind, String account, int minute) {
    return new Incident(
        id,
        1,
        kind,
        account,
        account == null ? "h:/a.log" : "",
        "text",
        Map.of("value", "1"),
        Instant.parse("2026-11-24T09:00:00Z").plusSeconds(60L * minute),
        null);
  }

  private void fill() {
    incidents.put(incident(GAP, AlertKind.GAP, null, 1));
    incidents.put(
        incident(LOW, AlertKind.BALANCE_LOW, "acme", 2)
            .resolved(Instant.parse("2026-11-24T09:10:00Z")));
    incidents.put(incident(UNPRICED, AlertKind.UNPRICED_MODEL, "acme", 3));
  }

  private static String token(String account) {
    return post(
            "/v1/tokens",
            "{\"name\":\"t %s\",\"role\":\"billing\",\"account\":\"%s\"}"
                .formatted(account, account))
        .json()
        .path("secret")
        .asString();
  }

  private static Answer by(String token, String method, String path, String json) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .method(
                method,
                json == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  @Test
  void incidentsComeNewestFirstByStatus() {
    fill();
    JsonNode items = get("/v1/incidents").json().path("items");

    assertThat(items.size()).isEqualTo(3);
    assertThat(items.get(0).path("id").asString()).isEqualTo(UNPRICED);
    assertThat(items.get(1).path("status").asString()).isEqualTo("resolved");
    assertThat(items.get(1).path("resolvedAt").asString()).isEqualTo("2026-11-24T09:10:00Z");
    assertThat(get("/v1/incidents?status=open&order=asc").json().path("items").get(0).path("id"))
        .isEqualTo(items.get(2).path("id"));
    assertThat(get("/v1/incidents?status=closed").status()).isEqualTo(400);
    assertThat(get("/v1/incidents/" + GAP).json().path("kind").asString()).isEqualTo("gap");
    assertThat(get("/v1/incidents/none").status()).isEqualTo(404);
  }

  @Test
  void customersSeeWhatConcernsTheirBalance() {
    fill();
    String acme = token("acme");

    JsonNode items = by(acme, "GET", "/v1/incidents", null).json().path("items");
    assertThat(items.size()).isEqualTo(1);
    assertThat(items.get(0).path("id").asString()).isEqualTo(LOW);
    assertThat(by(acme, "GET", "/v1/incidents/" + UNPRICED, null).status()).isEqualTo(404);
    assertThat(by(acme, "POST", "/v1/alerts/" + LOW + "/acknowledgement", "{}").status())
        .isEqualTo(403);
  }

  @Test
  void somebodyLooksAtAnIncidentOrAnAlert() {
    fill();
    Alert alert = AlertsApiTest.alert("acme", 80, Metric.COST, "00ff");
    alerts.landed.add(alert);

    assertThat(post("/v1/alerts/" + GAP + "/acknowledgement", "{\"note\":\"on it\"}").status())
        .isEqualTo(200);
    assertThat(post("/v1/alerts/" + alert.id() + "/acknowledgement", "{}").status()).isEqualTo(200);
    assertThat(post("/v1/alerts/" + new java.util.UUID(0, 9) + "/acknowledgement", "{}").status())
        .isEqualTo(404);
    assertThat(post("/v1/alerts/x/acknowledgement", "{}").status()).isEqualTo(404);

    JsonNode gap = get("/v1/incidents/" + GAP).json();
    assertThat(gap.path("status").asString()).isEqualTo("acknowledged");
    assertThat(gap.path("acknowledged").path("note").asString()).isEqualTo("on it");
    JsonNode item = get("/v1/alerts").json().path("items").get(0);
    assertThat(item.path("acknowledged").path("by").asString()).isEqualTo("admin");
    marks.broken = true;
    assertThat(post("/v1/alerts/" + GAP + "/acknowledgement", "{}").status()).isEqualTo(504);
  }

  @Test
  void mutesAreMadeAndEnded() {
    Answer made =
        post(
            "/v1/mutes",
            "{\"account\":\"acme\",\"kind\":\"quota\",\"until\":\"2026-11-25T00:00:00Z\",\"note\":\"n\"}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    String path = "/v1/mutes/" + made.json().path("id").asString() + "/end";

    assertThat(get("/v1/mutes").json().path("items").get(0).path("inForce").asBoolean()).isTrue();
    assertThat(get("/v1/mutes?account=globex").json().path("items").size()).isZero();
    assertThat(post("/v1/mutes/none/end", "").status()).isEqualTo(404);
    assertThat(post(path, "").json().path("inForce").asBoolean()).isFalse();
    assertThat(post(path, "").json().path("until").asString()).isEqualTo("2026-11-24T09:30:00Z");
    for (String wrong :
        new String[] {
          "{}",
          "{\"until\":\"2026-11-24T09:30:00Z\"}",
          "{\"until\":\"2027-03-01T00:00:00Z\"}",
          "{\"until\":\"2026-11-25T00:00:00Z\",\"kind\":\"test\"}"
        }) {
      assertThat(post("/v1/mutes", wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void theOperatorAloneMutes() {
    String acme = token("acme");
    String mute = "{\"until\":\"2026-11-25T00:00:00Z\"}";

    assertThat(by(acme, "POST", "/v1/mutes", mute).status()).isEqualTo(403);
    assertThat(by(acme, "GET", "/v1/mutes", null).status()).isEqualTo(403);
    assertThat(by(acme, "POST", "/v1/mutes/x/end", null).status()).isEqualTo(403);
  }
}
