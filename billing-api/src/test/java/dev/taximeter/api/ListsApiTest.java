package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every list that comes page by page can be turned round, and its pages are the whole of it. */
class ListsApiTest extends ApiTest {
  /** Whose order is part of what they say, or that have the shape of somebody else's API. */
  private static final Set<String> AS_THEY_ARE =
      Set.of("/v1/explain", "/v1/organization/costs", "/v1/organization/usage/completions");

  private static final int MOST_PAGES = 100;

  @BeforeEach
  void fill() throws Exception {
    for (int i = 0; i < 3; i++) {
      load(Catalog.of(new Team("team-" + i, "acme", "Team")));
      load(Catalog.of(new ApiKey("acme", "key-" + i, ("" + i).repeat(64), "0000")));
      load(Catalog.of(new PriceBook("book-" + i, "USD", List.of())));
      load(Catalog.of(new PriceBook("cost-" + i, "USD", List.of(), PriceBook.Purpose.COST)));
      load(
          new Catalog(
              List.of(),
              List.of(),
              List.of(),
              List.of(new Plan("plan-" + i, "list", BigDecimal.ZERO, 1)),
              List.of(quota("quota-" + i)),
              List.of()));
      patch("/v1/accounts/acme", "{\"name\":\"Acme %d\"}".formatted(i), null);
      post("/v1/tokens", "{\"name\":\"token-%d\",\"role\":\"viewer\"}".formatted(i));
      Instant at = clock.instant().minusSeconds(i);
      alerts.landed.add(AlertsApiTest.alert("acme", 80 + i, Quota.Metric.COST, "line-" + i));
      deadLetters.items.add(DeadLettersApiTest.quarantined(i));
      suspense.put(SuspenseApiTest.open(Integer.toString(i).repeat(32), at));
      unattributed.put(UnattributedApiTest.held(Integer.toString(i).repeat(64)));
      sources.put(source("/%d.log".formatted(i), at));
      ledger.postings.add(LedgerApiTest.posting(i + 1L, LedgerPosting.Kind.TOP_UP, "paid"));
    }
    states.put(TenantsApiTest.withCredits("acme"));
  }

  private static Quota quota(String id) {
    return new Quota(
        id, "acme", null, null, Quota.Metric.COST, Quota.Window.MONTH, BigDecimal.TEN, List.of(80));
  }

  private static SourceState source(String path, Instant at) {
    SourceState.Gap gap = new SourceState.Gap("file", 0, 10L, false, at, "lost");
    return new SourceState(
        new LineSource("gateway-1", path),
        SourceState.Kind.SHIPPER,
        SourceState.Status.LIVE,
        at,
        at,
        at,
        7,
        700,
        at,
        List.of(gap),
        0,
        0,
        0,
        true);
  }

  @Test
  void everyListOfTheDocumentTakesAnOrder() throws Exception {
    JsonNode paths =
        Json.MAPPER
            .readTree(Files.readString(Path.of("openapi", "taximeter-v1.json")))
            .path("paths");
    Set<String> lists = new TreeSet<>();
    Set<String> without = new TreeSet<>();
    paths.forEachEntry(
        (path, methods) -> {
          List<String> parameters =
              methods
                  .path("get")
                  .path("parameters")
                  .valueStream()
                  .map(parameter -> parameter.path("name").asString())
                  .toList();
          if (parameters.contains("cursor") || parameters.contains("page")) {
            lists.add(path);
            if (!parameters.contains("order") || !parameters.contains("limit")) {
              without.add(path);
            }
          }
        });
    assertThat(lists).hasSizeGreaterThan(20);
    assertThat(without).containsExactlyInAnyOrderElementsOf(AS_THEY_ARE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/accounts",
        "/v1/accounts/acme/bills",
        "/v1/accounts/acme/credits",
        "/v1/accounts/acme/key-states",
        "/v1/accounts/acme/keys",
        "/v1/accounts/acme/ledger",
        "/v1/accounts/acme/quotas",
        "/v1/accounts/acme/teams",
        "/v1/alerts",
        "/v1/audit-log",
        "/v1/catalog/history?id=account/acme",
        "/v1/cost-books",
        "/v1/dead-letters",
        "/v1/plans",
        "/v1/price-books",
        "/v1/sources",
        "/v1/sources/gaps",
        "/v1/suspense",
        "/v1/tokens",
        "/v1/unattributed"
      })
  void anOrderIsTheOtherTurnedRound(String path) {
    String parameter = path + (path.contains("?") ? '&' : '?');
    // Reading may be told in a list, too: so the same end of time for both.
    String bound = path.equals("/v1/audit-log") ? "to=2026-11-24T09:30:01Z&" : "";
    clock.set("2026-11-24T09:30:01Z");
    List<JsonNode> ascending = walk(parameter + bound + "order=asc&limit=1");
    List<JsonNode> descending = walk(parameter + bound + "order=desc&limit=1");

    assertThat(ascending).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    Collections.reverse(descending);
    assertThat(descending).isEqualTo(ascending);
    JsonNode whole = get(parameter + bound + "order=asc").json();
    assertThat(whole.path("items").valueStream()).containsExactlyElementsOf(ascending);
    for (String wrong : List.of("order=up", "order=", "limit=0", "limit=1001")) {
      assertThat(get(parameter + wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  private static List<JsonNode> walk(String path) {
    List<JsonNode> items = new ArrayList<>();
    String cursor = "";
    for (int page = 0; page < MOST_PAGES; page++) {
      Answer answer = get(path + cursor);
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      answer.json().path("items").forEach(items::add);
      if (!answer.json().has("next")) {
        return items;
      }
      cursor = "&cursor=" + answer.json().path("next").asString();
    }
    throw new AssertionError("the list does not end");
  }
}
