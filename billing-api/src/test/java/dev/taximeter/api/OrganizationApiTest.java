package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Usage and costs in the shape that tools for OpenAI's API read. */
class OrganizationApiTest extends ApiTest {
  private static final String USAGE = "/v1/organization/usage/completions";
  private static final long DAY = 86_400;

  /** 2026-11-02T00:00:00Z. */
  private static final long MONDAY = Instant.parse("2026-11-02T00:00:00Z").getEpochSecond();

  @BeforeEach
  void fill() {
    // Already Tuesday in Berlin, and still Monday in UTC.
    use("acme", 1, "main", "qwen-max", "2026-11-02T23:30:00Z", "0.25");
    use("acme", 2, "batch", "qwen-plus", "2026-11-03T00:00:00Z", "0.5");
    use("globex", 1, "main", "qwen-max", "2026-11-02T10:00:00Z", "0.125");
  }

  private void use(
      String account, long sequence, String key, String model, String at, String cost) {
    history.add(
        new LandedEvent(
            account,
            sequence,
            key,
            model,
            Instant.parse(at),
            new TokenCounts(100, 20, 3, 50, 7),
            "USD",
            new BigDecimal(cost)));
  }

  @Test
  void usageComesInUtcDaysOfOnePage() {
    JsonNode page =
        get(USAGE + "?start_time=" + MONDAY + "&end_time=" + (MONDAY + 3 * DAY) + "&limit=2")
            .json();
    assertThat(page.path("object").asString()).isEqualTo("page");
    assertThat(page.path("data").size()).isEqualTo(2);
    JsonNode monday = page.path("data").path(0);
    assertThat(monday.path("start_time").asLong()).isEqualTo(MONDAY);
    assertThat(monday.path("end_time").asLong()).isEqualTo(MONDAY + DAY);
    JsonNode result = monday.path("results").path(0);
    assertThat(result.path("num_model_requests").asLong()).isEqualTo(2);
    assertThat(result.path("input_tokens").asLong()).isEqualTo(246);
    assertThat(result.path("input_cached_tokens").asLong()).isEqualTo(40);
    assertThat(result.path("output_tokens").asLong()).isEqualTo(114);
    assertThat(result.has("model")).isFalse();
    assertThat(page.path("has_more").asBoolean()).isTrue();

    JsonNode rest =
        get(USAGE
                + "?start_time="
                + MONDAY
                + "&end_time="
                + (MONDAY + 3 * DAY)
                + "&limit=2&page="
                + page.path("next_page").asString())
            .json();
    assertThat(rest.path("data").size()).isEqualTo(1);
    assertThat(rest.path("data").path(0).path("results").size()).isZero();
    assertThat(rest.path("has_more").asBoolean()).isFalse();
    assertThat(rest.has("next_page")).isFalse();
  }

  @Test
  void groupsAndFiltersHaveOpenAisNames() {
    JsonNode results =
        get(USAGE
                + "?start_time="
                + MONDAY
                + "&end_time="
                + (MONDAY + DAY)
                + "&group_by=project_id,api_key_id,model")
            .json()
            .path("data")
            .path(0)
            .path("results");
    assertThat(results.size()).isEqualTo(2);
    assertThat(results.path(0).path("project_id").asString()).isEqualTo("acme");
    assertThat(results.path(0).path("api_key_id").asString()).isEqualTo("main");
    assertThat(results.path(0).path("model").asString()).isEqualTo("qwen-max");
    JsonNode hour =
        get(USAGE
                + "?bucket_width=1h&project_ids=acme&models=qwen-max&limit=168&start_time="
                + (MONDAY + DAY - 3_600)
                + "&end_time="
                + (MONDAY + DAY))
            .json();
    assertThat(hour.path("data").size()).isEqualTo(1);
    assertThat(
            hour.path("data").path(0).path("results").path(0).path("num_model_requests").asLong())
        .isEqualTo(1);
  }

  @Test
  void costsAreNumbersByDayAndCurrency() {
    JsonNode page =
        get("/v1/organization/costs?start_time=" + MONDAY + "&group_by=line_item&limit=180").json();
    JsonNode monday = page.path("data").path(0).path("results").path(0);
    assertThat(monday.path("amount").path("value").isNumber()).isTrue();
    assertThat(monday.path("amount").path("value").decimalValue()).isEqualByComparingTo("0.375");
    assertThat(monday.path("amount").path("currency").asString()).isEqualTo("usd");
    assertThat(monday.path("line_item").asString()).isEqualTo("qwen-max");
    assertThat(page.path("data").size()).isEqualTo(23);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    for (String wrong :
        List.of(
            "",
            "?start_time=x",
            "?start_time=-1",
            "?start_time=" + MONDAY + "&end_time=" + MONDAY,
            "?start_time=" + MONDAY + "&bucket_width=2d",
            "?start_time=" + MONDAY + "&group_by=user_id",
            "?start_time=" + MONDAY + "&limit=32",
            "?start_time=" + MONDAY + "&page=%21",
            "?start_time=" + MONDAY + "&user_ids=a")) {
      assertThat(get(USAGE + wrong).status()).as(wrong).isEqualTo(400);
    }
    assertThat(get(USAGE + "?project_ids=nobody&start_time=" + MONDAY).status()).isEqualTo(404);
    assertThat(get("/v1/organization/costs?bucket_width=1h&start_time=" + MONDAY).status())
        .isEqualTo(400);
  }
}
