package dev.taximeter.api;

import static dev.taximeter.api.UnattributedApiTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SuspenseApiTest extends ApiTest {
  private static final Instant ARRIVAL = Instant.parse("2026-11-24T09:00:00Z");
  private static final String FIRST = "b".repeat(32);
  private static final String SECOND = "a".repeat(32);
  private static final String ASSIGNMENT =
      "{\"account\":\"acme\",\"keyName\":\"main\",\"reason\":\"their address\"}";

  @BeforeEach
  void suspendTwoLines() throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(new ApiKey("acme", "main", "1".repeat(64), "")),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    suspense.put(open(FIRST, ARRIVAL));
    suspense.put(open(SECOND, ARRIVAL.plusSeconds(1)));
    catalog.onOrders(
        command -> {
          decide(command, command.id(), command.author());
          return List.of();
        });
  }

  private void decide(Command command, String commandId, String author) {
    Order.Resolve order = (Order.Resolve) command.orders().get(0);
    suspense.put(
        new SuspenseItem(
            suspense.find(order.lineId()).suspended(),
            new SuspenseItem.Decision(
                order.account(),
                order.keyName(),
                commandId,
                author,
                command.reason(),
                command.at())));
  }

  static SuspenseItem open(String id, Instant arrival) {
    Usage usage =
        new Usage(
            id,
            Fate.SUSPENSE,
            "",
            null,
            null,
            "qwen-max",
            new TokenCounts(40, 8, 0, 4, 1),
            arrival.minusSeconds(1),
            arrival.minusSeconds(2),
            arrival,
            new LineSource("gateway-1", "/a.log"),
            4096,
            "s",
            List.of("tampered"),
            "job-42");
    return new SuspenseItem(
        new SuspendedUsage(
            usage,
            Reason.PAYER_UNCERTAIN,
            new SuspendedUsage.Evidence(
                "{\"xx\":",
                List.of(
                    new SuspendedUsage.Candidate("1".repeat(64), "9f3A", "acme", "main"),
                    new SuspendedUsage.Candidate("2".repeat(64), "", null, null)))),
        null);
  }

  @Test
  void theDeskShowsTheEvidenceOldestFirst() {
    JsonNode page = get("/v1/suspense").json();

    assertThat(page.path("items").valueStream().map(item -> item.path("id").asString()))
        .containsExactly(FIRST, SECOND);
    JsonNode item = page.path("items").get(0);
    assertThat(item.path("state").asString()).isEqualTo("open");
    assertThat(item.path("reason").asString()).isEqualTo("payer-uncertain");
    assertThat(item.path("model").asString()).isEqualTo("qwen-max");
    assertThat(item.path("inputTokens").asLong()).isEqualTo(48);
    assertThat(item.path("outputTokens").asLong()).isEqualTo(5);
    assertThat(item.path("completion").asString()).isEqualTo("2026-11-24T08:59:59Z");
    assertThat(item.path("host").asString()).isEqualTo("gateway-1");
    assertThat(item.path("path").asString()).isEqualTo("/a.log");
    assertThat(item.path("offset").asLong()).isEqualTo(4096);
    assertThat(item.path("flags").get(0).asString()).isEqualTo("tampered");
    assertThat(item.path("requestId").asString()).isEqualTo("job-42");
    assertThat(item.path("excerpt").asString()).isEqualTo("{\"xx\":");
    assertThat(item.path("candidates").get(0).path("masked").asString()).isEqualTo("…9f3A");
    assertThat(item.path("candidates").get(0).path("account").asString()).isEqualTo("acme");
    assertThat(item.path("candidates").get(1).has("account")).isFalse();
    assertThat(item.has("decision")).isFalse();
    assertThat(page.path("counts").path("open").asLong()).isEqualTo(2);
    assertThat(page.path("complete").asBoolean()).isTrue();
    assertFresh(page);
    JsonNode alone = get("/v1/suspense/" + FIRST).json();
    assertFresh(alone);
    ((ObjectNode) alone).remove("asOf");
    assertThat(alone).isEqualTo(item);
  }

  @Test
  void listsPageByPageAndByState() {
    JsonNode page = get("/v1/suspense?state=open&limit=1").json();
    String next = page.path("next").asString();
    // Deciding what was on the page does not shift the next one.
    post("/v1/suspense/" + FIRST + "/assign", ASSIGNMENT);
    page = get("/v1/suspense?state=open&limit=1&cursor=" + next).json();
    assertThat(page.path("items").get(0).path("id").asString()).isEqualTo(SECOND);
    assertThat(page.has("next")).isFalse();

    assertThat(get("/v1/suspense?state=assigned").json().path("items").size()).isEqualTo(1);
    assertThat(get("/v1/suspense?state=written-off").json().path("items").size()).isZero();
    assertThat(get("/v1/suspense?state=closed").status()).isEqualTo(400);
    assertThat(get("/v1/suspense?page=2").status()).isEqualTo(400);
  }

  @Test
  void aLineIsAssignedOnce() {
    Answer answer = post("/v1/suspense/" + FIRST + "/assign", ASSIGNMENT);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("state").asString()).isEqualTo("assigned");
    JsonNode decision = answer.json().path("decision");
    assertThat(decision.path("account").asString()).isEqualTo("acme");
    assertThat(decision.path("keyName").asString()).isEqualTo("main");
    assertThat(decision.path("by").asString()).isEqualTo("admin");
    assertThat(decision.path("at").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(decision.path("reason").asString()).isEqualTo("their address");
    int sent = catalog.commands().size();
    assertThat(catalog.commands().get(sent - 1).orders())
        .containsExactly(new Order.Resolve(FIRST, "acme", "main"));

    // A lost answer: the same again changes nothing, another decision is refused.
    assertThat(post("/v1/suspense/" + FIRST + "/assign", ASSIGNMENT).json())
        .isEqualTo(answer.json());
    assertProblem(
        post("/v1/suspense/" + FIRST + "/write-off", "{\"reason\":\"no\"}"),
        409,
        "assigned to account acme, key main, by admin at 2026-11-24T09:30:00Z");
    assertThat(catalog.commands()).hasSize(sent);
  }

  @Test
  void aLineIsWrittenOffWithAReason() {
    String path = "/v1/suspense/" + SECOND + "/write-off";
    assertProblem(post(path, "{}"), 400, "reason must say why");
    assertProblem(post(path, "{\"reason\":\"  \"}"), 400, "reason must say why");

    Answer answer = post(path, "{\"reason\":\"cannot be told\"}");
    assertThat(answer.json().path("state").asString()).isEqualTo("written-off");
    assertThat(answer.json().path("decision").has("account")).isFalse();
    assertThat(get("/v1/suspense").json().path("counts").path("writtenOff").asLong()).isEqualTo(1);
    assertProblem(
        post("/v1/suspense/" + SECOND + "/assign", ASSIGNMENT), 409, "written off by admin");
  }

  @Test
  void whoLosesTheRaceIsToldWhoWon() {
    catalog.onOrders(
        command -> {
          decide(command, "another", "ann");
          return List.of("line " + FIRST + " was assigned");
        });
    assertProblem(
        post("/v1/suspense/" + FIRST + "/assign", ASSIGNMENT), 409, "by ann at 2026-11-24");
  }

  @Test
  void whatIsWrongWithADecisionIsNamed() {
    String path = "/v1/suspense/" + FIRST + "/assign";
    assertProblem(post(path, ASSIGNMENT.replace("acme", "nobody")), 400, "account must name");
    assertProblem(post(path, ASSIGNMENT.replace("main", "other")), 400, "keyName must name a key");
    assertProblem(post("/v1/suspense/" + "c".repeat(32) + "/assign", ASSIGNMENT), 404, "no line");
    assertProblem(get("/v1/suspense/" + "c".repeat(32)), 404, "GET /v1/suspense lists all");
    assertThat(get("/v1/suspense/" + FIRST).json().path("state").asString()).isEqualTo("open");

    suspense.complete = false;
    assertProblem(get("/v1/suspense/" + "c".repeat(32)), 404, "20,000");
    catalog.onOrders(command -> List.of("there is no line"));
    assertProblem(
        post("/v1/suspense/" + "c".repeat(32) + "/assign", ASSIGNMENT), 422, "there is no line");
  }
}
