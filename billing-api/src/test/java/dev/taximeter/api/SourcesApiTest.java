package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SourcesApiTest extends ApiTest {
  private static final Instant AT = Instant.parse("2026-11-24T09:00:00Z");
  private static final String FILE = "11111111-aaaaaaaaaaaaaaaa";

  @Test
  void sourcesAreListedPageByPage() {
    put("/a.log", SourceState.Status.LIVE, "2026-11-24T09:29:57Z");
    put("/b.log", SourceState.Status.SILENT, "2026-11-24T09:00:00Z");
    put("/c.log", SourceState.Status.LIVE, null);

    JsonNode page = get("/v1/sources?limit=2").json();
    assertThat(page.path("items").size()).isEqualTo(2);
    JsonNode first = page.path("items").get(0);
    assertThat(first.path("host").asString()).isEqualTo("gw-1");
    assertThat(first.path("path").asString()).isEqualTo("/a.log");
    assertThat(first.path("kind").asString()).isEqualTo("shipper");
    assertThat(first.path("state").asString()).isEqualTo("live");
    assertThat(first.path("lines").asLong()).isEqualTo(7);
    assertThat(first.path("bytes").asLong()).isEqualTo(700);
    assertThat(first.path("completeThrough").asString()).isEqualTo("2026-11-24T09:29:57Z");
    assertThat(first.path("openGaps").asLong()).isZero();
    assertThat(first.path("coverageKnown").asBoolean()).isTrue();
    assertThat(page.path("items").get(1).path("state").asString()).isEqualTo("silent");
    JsonNode rest = get("/v1/sources?limit=2&cursor=" + page.path("next").asString()).json();
    assertThat(rest.path("items").get(0).path("path").asString()).isEqualTo("/c.log");
    assertThat(rest.path("items").get(0).has("completeThrough")).isFalse();
    assertThat(rest.path("items").get(0).has("clockAheadSeconds")).isFalse();
    assertThat(rest.has("next")).isFalse();
    assertThat(get("/v1/sources?cursor=%21").status()).isEqualTo(400);
    assertThat(get("/v1/sources?limit=0").status()).isEqualTo(400);
    assertThat(get("/v1/sources?host=x").status()).isEqualTo(400);
  }

  @Test
  void gapsAreNamedPageByPage() {
    put("/a.log", SourceState.Status.LIVE, null, gap(100, 200L, 5), gap(300, null, 6));
    put("/b.log", SourceState.Status.LIVE, null, gap(0, 10L, 1));
    put("/c.log", SourceState.Status.RETIRED, null, gap(0, 10L, 1));

    List<String> all = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 3; pages++) {
      JsonNode page = get("/v1/sources/gaps?limit=1" + cursor).json();
      assertThat(page.path("items").size()).isEqualTo(1);
      JsonNode gap = page.path("items").get(0);
      all.add(
          gap.path("path").asString()
              + ":"
              + gap.path("from").asLong()
              + "-"
              + (gap.has("to") ? gap.path("to").asLong() : "?"));
      assertThat(gap.path("file").asString()).isEqualTo(FILE);
      assertThat(gap.path("reason").asString()).isEqualTo("gone");
      assertThat(page.has("next")).isEqualTo(pages < 2);
      cursor = "&cursor=" + page.path("next").asString("");
    }
    assertThat(all).containsExactly("/a.log:100-200", "/a.log:300-?", "/b.log:0-10");
    assertThat(get("/v1/sources/gaps").json().path("unnamed").asLong()).isZero();
  }

  @Test
  void everyAnswerSaysHowCompleteItIs() {
    put("/a.log", SourceState.Status.LIVE, "2026-11-24T09:29:57Z", gap(100, 200L, 5));
    put("/b.log", SourceState.Status.SILENT, "2026-11-24T09:00:00Z");
    put("/c.log", SourceState.Status.RETIRED, "2026-11-20T09:00:00Z", gap(1, 2L, 5));
    put("/d.log", SourceState.Status.FINISHED, null);
    put("/e.log", SourceState.Kind.FOREIGN, SourceState.Status.LIVE, null);

    for (String path :
        List.of("/v1/accounting", "/v1/sources", "/v1/sources/gaps", "/v1/usage?account=acme")) {
      Answer answer = get(path);
      assertThat(answer.status()).as(path + answer.body()).isEqualTo(200);
      JsonNode completeness = answer.json().path("asOf").path("completeness");
      assertThat(completeness.path("through").asString()).isEqualTo("2026-11-24T09:00:00Z");
      assertThat(completeness.path("silentSources").asInt()).isEqualTo(1);
      assertThat(completeness.path("openGaps").asLong()).isEqualTo(1);
      assertThat(completeness.path("unknownSources").asInt()).isZero();
      assertThat(completeness.path("unknown").size()).isZero();
    }
  }

  @Test
  void aShipperThatHasNotToldYetMakesTheWholeUnknownAndIsNamed() {
    put("/a.log", SourceState.Status.LIVE, "2026-11-24T09:29:57Z");
    put("/b.log", SourceState.Status.LIVE, null);
    put("/c.log", SourceState.Status.SILENT, null);
    JsonNode completeness = get("/v1/sources").json().path("asOf").path("completeness");
    assertThat(completeness.path("through").isNull()).isTrue();
    assertThat(completeness.path("unknownSources").asInt()).isEqualTo(2);
    assertThat(completeness.path("unknown").get(0).asString()).isEqualTo("gw-1:/b.log");
    assertThat(completeness.path("silentSources").asInt()).isEqualTo(1);

    put("/b.log", SourceState.Status.FINISHED, null);
    put("/c.log", SourceState.Status.RETIRED, null);
    completeness = get("/v1/sources").json().path("asOf").path("completeness");
    assertThat(completeness.path("through").asString()).isEqualTo("2026-11-24T09:29:57Z");
    assertThat(completeness.path("silentSources").asInt()).isZero();
    assertThat(get("/v1/sources").json().path("items").get(1).path("state").asString())
        .isEqualTo("finished");
  }

  @Test
  void customersAreToldHowManyHaveNotToldAndNotWhich() {
    put("/a.log", SourceState.Status.LIVE, null);
    String secret =
        post("/v1/tokens", "{\"name\":\"c\",\"role\":\"viewer\",\"account\":\"acme\"}")
            .json()
            .path("secret")
            .asString();
    Answer answer =
        send(
            request("/v1/usage?account=acme")
                .header("Authorization", "Bearer " + secret)
                .GET()
                .build());
    JsonNode completeness = answer.json().path("asOf").path("completeness");
    assertThat(completeness.path("unknownSources").asInt()).isEqualTo(1);
    assertThat(completeness.path("unknown").size()).isZero();
    assertThat(answer.body()).doesNotContain("a.log");
  }

  @Test
  void namesOfSourcesThatHaveNotToldAreBounded() {
    for (int number = 0; number < 12; number++) {
      put("/%02d.log".formatted(number), SourceState.Status.LIVE, null);
    }
    JsonNode completeness = get("/v1/sources").json().path("asOf").path("completeness");
    assertThat(completeness.path("unknownSources").asInt()).isEqualTo(12);
    assertThat(completeness.path("unknown").size()).isEqualTo(10);
  }

  @Test
  void withoutHeartbeatsNothingIsClaimed() {
    put("/d.log", SourceState.Status.LIVE, null);
    JsonNode completeness = get("/v1/sources").json().path("asOf").path("completeness");
    assertThat(completeness.has("through")).isTrue();
    assertThat(completeness.path("through").isNull()).isTrue();
  }

  @Test
  void aSourceIsRetired() {
    put("/b.log", SourceState.Status.SILENT, "2026-11-24T09:00:00Z");
    List<Order> orders = new ArrayList<>();
    catalog.onOrders(
        command -> {
          orders.addAll(command.orders());
          put("/b.log", SourceState.Status.RETIRED, "2026-11-24T09:00:00Z");
          return List.of();
        });

    Answer answer =
        post("/v1/sources/retire", "{\"host\":\"gw-1\",\"path\":\"/b.log\",\"reason\":\"old\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("state").asString()).isEqualTo("retired");
    assertThat(orders).containsExactly(new Order.RetireSource(new LineSource("gw-1", "/b.log")));
    assertThat(get("/v1/sources").json().path("asOf").path("completeness").path("through").isNull())
        .isTrue();

    assertThat(post("/v1/sources/retire", "{\"host\":\"gw-1\",\"path\":\"/x\"}").status())
        .isEqualTo(404);
    assertThat(post("/v1/sources/retire", "{\"host\":\"gw-1\"}").status()).isEqualTo(400);
    assertThat(post("/v1/sources/retire", "{\"host\":\"g\",\"file\":\"/x\"}").status())
        .isEqualTo(400);
  }

  private static SourceState.Gap gap(long from, @Nullable Long to, long second) {
    return new SourceState.Gap(FILE, from, to, to == null, AT.plusSeconds(second), "gone");
  }

  @Test
  void aClockThatIsAheadStandsAtItsSource() throws Exception {
    sources.put(
        new SourceState(
            new LineSource("gw-1", "/ahead.log"),
            SourceState.Kind.SHIPPER,
            SourceState.Status.LIVE,
            AT,
            AT,
            AT,
            7,
            700,
            null,
            List.of(),
            0,
            0,
            0,
            true,
            900L));
    JsonNode items = get("/v1/sources").json().path("items");
    assertThat(items.valueStream().filter(i -> i.path("path").asString().equals("/ahead.log")))
        .singleElement()
        .satisfies(item -> assertThat(item.path("clockAheadSeconds").asLong()).isEqualTo(900));
  }

  private void put(
      String path, SourceState.Status status, @Nullable String watermark, SourceState.Gap... gaps) {
    put(path, SourceState.Kind.SHIPPER, status, watermark, gaps);
  }

  private void put(
      String path,
      SourceState.Kind kind,
      SourceState.Status status,
      @Nullable String watermark,
      SourceState.Gap... gaps) {
    sources.put(
        new SourceState(
            new LineSource("gw-1", path),
            kind,
            status,
            AT,
            AT,
            AT,
            7,
            700,
            watermark == null ? null : Instant.parse(watermark),
            List.of(gaps),
            0,
            0,
            0,
            true));
  }
}
