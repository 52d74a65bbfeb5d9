package dev.taximeter.contract.catalog.community;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.catalog.community.CommunityPrices.LeftOut;
import dev.taximeter.contract.catalog.community.CommunityPrices.Refusal;
import dev.taximeter.contract.catalog.community.CommunityPrices.Wish;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommunityPricesTest {
  private static final Instant FROM = Instant.parse("2026-12-01T00:00:00Z");

  private static CommunityPrices read(String json) {
    return read(json, field -> false);
  }

  private static CommunityPrices read(String json, Predicate<String> without) {
    return CommunityPrices.read(
        json.getBytes(StandardCharsets.UTF_8), new Wish("book", FROM, model -> true, without));
  }

  private static PriceSchedule flat(String perMillion) {
    return new PriceSchedule.Flat(new BigDecimal(perMillion));
  }

  @Test
  void takesOverPricesExactly() {
    CommunityPrices read =
        read(
            """
            {"sample_spec": {"input_cost_per_token": 1},
             "deepseek-chat": {"input_cost_per_token": 2.7e-07, "output_cost_per_token": "1.1e-06",
               "input_cost_per_token_cache_hit": 7e-08, "cache_creation_input_token_cost": 0.0,
               "litellm_provider": "deepseek", "mode": "chat", "max_input_tokens": 65536,
               "output_cost_per_reasoning_token": 1.2e-06, "input_cost_per_request": 0.005},
             "described": {"mode": "chat"}}
            """);
    assertThat(read.refusals()).isEmpty();
    PriceEntry entry = read.entries().get(0);
    assertThat(read.entries()).hasSize(1);
    assertThat(entry.effectiveFrom()).isEqualTo(FROM);
    assertThat(entry.prices())
        .containsEntry(TokenClass.INPUT, flat("0.27"))
        .containsEntry(TokenClass.OUTPUT, flat("1.1"))
        .containsEntry(TokenClass.CACHED_INPUT, flat("0.07"))
        .containsEntry(TokenClass.CACHE_WRITE, flat("0"))
        .containsEntry(TokenClass.REASONING, flat("1.2"))
        .containsEntry(TokenClass.REQUEST, flat("5000"))
        .hasSize(6);
  }

  @Test
  void longPromptsBecomeContextTiers() {
    PriceEntry entry =
        read("""
                {"m": {"input_cost_per_token": 1.25e-06, "input_cost_per_token_above_200k_tokens": 2.5e-06,
                  "output_cost_per_token": 1e-05, "output_cost_per_token_above_200k_tokens": 1.5e-05,
                  "cache_read_input_token_cost": 1e-07}}
                """)
            .entries()
            .get(0);
    assertThat(entry.contextTiers())
        .singleElement()
        .satisfies(
            tier -> {
              assertThat(tier.above()).isEqualTo(200_000);
              assertThat(tier.prices())
                  .containsEntry(TokenClass.INPUT, flat("2.5"))
                  .containsEntry(TokenClass.OUTPUT, flat("15"))
                  // Has no price of its own for long prompts.
                  .containsEntry(TokenClass.CACHED_INPUT, flat("0.1"));
            });
  }

  /** What an audio token costs in a long prompt is what the file says of audio: its own price. */
  @ParameterizedTest
  @CsvSource({
    "1e-06, '', ''",
    "3e-06, '', input_cost_per_audio_token",
    "3e-06, 3e-06, ''",
    "3e-06, 2e-06, input_cost_per_audio_token_above_200k_tokens"
  })
  void aPartKeepsItsPriceInLongPrompts(String text, String above, String refused) {
    String audio =
        above.isEmpty() ? "" : ", \"input_cost_per_audio_token_above_200k_tokens\": " + above;
    CommunityPrices read =
        read(
            """
            {"m": {"input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": %s,
              "output_cost_per_token": 1e-06, "output_cost_per_token_above_200k_tokens": 2e-06,
              "input_cost_per_audio_token": 1e-06%s}}
            """
                .formatted(text, audio));
    assertThat(read.refusals())
        .extracting(Refusal::field)
        .isEqualTo(refused.isEmpty() ? List.of() : List.of(refused));
    assertThat(read.entries()).hasSize(refused.isEmpty() ? 1 : 0);
  }

  /** Of prompts longer than the longer size: the price of the shorter size, or its own? */
  @ParameterizedTest
  @CsvSource({"2e-06, false", "1e-06, true"})
  void aPriceThatGoesOnAboveALongerSizeIsNotGuessed(String above, boolean isKnown) {
    CommunityPrices read =
        read(
            """
            {"m": {"input_cost_per_token": 1e-06, "input_cost_per_token_above_128k_tokens": 2e-06,
              "input_cost_per_token_above_256k_tokens": 3e-06,
              "output_cost_per_token": 1e-06, "output_cost_per_token_above_128k_tokens": %s}}
            """
                .formatted(above));
    assertThat(read.entries()).hasSize(isKnown ? 1 : 0);
    assertThat(read.refusals())
        .extracting(Refusal::field)
        .isEqualTo(isKnown ? List.of() : List.of("output above 256000 tokens"));
  }

  /**
   * The file had such models for weeks, several times. One of the two would be flattened away; that
   * is no reason to refuse all other models.
   */
  @ParameterizedTest
  @CsvSource({"2e-06, (name)", "1e-06, ''", "0.0000010, ''"})
  void aModelThatIsThereTwiceIsTakenOverIfThePricesAreTheSame(String other, String refused) {
    CommunityPrices read =
        read(
            """
            {"m": {"input_cost_per_token": 1e-06, "supports_vision": true},
             "n": {"input_cost_per_token": 1e-06},
             "m": {"input_cost_per_token": %s}}
            """
                .formatted(other));
    assertThat(read.refusals())
        .extracting(Refusal::entry, Refusal::field)
        .isEqualTo(refused.isEmpty() ? List.of() : List.of(tuple("m", refused)));
    assertThat(read.entries())
        .extracting(PriceEntry::model)
        .isEqualTo(refused.isEmpty() ? List.of("m", "n") : List.of("n"));
  }

  /** Whichever is read, the other says something else. */
  @Test
  void aModelThatIsThereTwiceAndCanBeTakenOverOnceIsRefused() {
    for (String json :
        List.of(
            """
            {"m": {"input_cost_per_token": 1e-06}, "m": {"input_cost_per_image": 1}}""",
            """
            {"m": {"input_cost_per_image": 1}, "m": {"input_cost_per_token": 1e-06}}""",
            """
            {"m": {"input_cost_per_token": 1e-06}, "m": {"mode": "chat"}}""")) {
      CommunityPrices read = read(json);
      assertThat(read.entries()).isEmpty();
      assertThat(read.refusals()).isNotEmpty().extracting(Refusal::entry).containsOnly("m");
    }
  }

  @ParameterizedTest
  @CsvSource({"2e-06, input_cost_per_token", "1.0e-06, ''"})
  void aFieldThatIsThereTwiceIsRefusedIfItsPricesDiffer(String other, String refused) {
    String json =
        """
        {"m": {"input_cost_per_token": 1e-06, "mode": "chat", "input_cost_per_token": %s,
          "mode": "embedding"}, "n": {"input_cost_per_token": 1e-06}}
        """
            .formatted(other);
    CommunityPrices read = read(json);
    assertThat(read.refusals())
        .extracting(Refusal::entry, Refusal::field)
        .isEqualTo(refused.isEmpty() ? List.of() : List.of(tuple("m", refused)));
    assertThat(read.entries())
        .extracting(PriceEntry::model)
        .isEqualTo(refused.isEmpty() ? List.of("m", "n") : List.of("n"));
    // Whoever does not need the price need not know which it is.
    assertThat(read(json, "input_cost_per_token"::equals).refusals()).isEmpty();
  }

  /** It has a price, so that it cannot be passed over without a word. */
  @Test
  void aModelWithPricesOfPartsAloneIsRefused() {
    CommunityPrices read =
        read(
            """
        {"m": {"output_cost_per_image_token": 4e-05}}""");
    assertThat(read.refusals())
        .extracting(Refusal::field)
        .containsExactly("output_cost_per_image_token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "input_cost_per_token_priority | 5e-06 | service tier",
        "output_cost_per_token_batches | 5e-06 | service tier",
        "input_cost_per_audio_token | 5e-06 | another price than that of input",
        "output_cost_per_image | 0.04 | does not count",
        "search_context_cost_per_query | {\"search_context_size_low\": 0.03} | does not count",
        "tiered_pricing | [{\"range\": [0, 32000]}] | provider's own kind",
        "off_peak_pricing | {\"hours_utc\": \"16-24\"} | time of day",
        "regional_processing_uplift_multiplier_eu | 1.1 | region",
        "cache_creation_input_token_cost_above_1hr | 9e-06 | another price than that of cacheWrite",
        "cache_read_input_token_cost_above_200k_tokens | 9e-06 | no price for shorter prompts",
        "output_cost_per_token | 1.0000000000001e-06 | more digits",
        "output_cost_per_token | -1 | below 0",
        "output_cost_per_token | \"free\" | is no price",
        "output_cost_per_token | 1e999999999 | is no price",
      })
  void whatCannotBeRepresentedIsRefusedByName(String field, String value, String reason) {
    CommunityPrices read =
        read("{\"m\": {\"input_cost_per_token\": 1e-06, \"%s\": %s}}".formatted(field, value));
    assertThat(read.entries()).isEmpty();
    assertThat(read.refusals())
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.entry()).isEqualTo("m");
              assertThat(refusal.reason()).contains(reason);
            });
  }

  @Test
  void aPartAtThePriceOfTheWholeLosesNothing() {
    CommunityPrices read =
        read(
            """
            {"m": {"input_cost_per_token": 1e-06, "input_cost_per_audio_token": 1.0e-6,
              "input_cost_per_image": 0}}
            """);
    assertThat(read.refusals()).isEmpty();
    assertThat(read.entries()).hasSize(1);
  }

  @Test
  void whatShallBeLeftOutIsNamed() {
    CommunityPrices read =
        read(
            "{\"m\": {\"input_cost_per_token\": 1e-06, \"input_cost_per_token_flex\": 5e-07}}",
            field -> field.endsWith("_flex"));
    assertThat(read.entries()).hasSize(1);
    assertThat(read.leftOut()).containsExactly(new LeftOut("m", "input_cost_per_token_flex"));
  }

  @Test
  void aGlobIsNoModel() {
    assertThat(read("{\"a/*\": {\"input_cost_per_token\": 1e-06}}").refusals())
        .extracting(Refusal::field)
        .containsExactly("(name)");
  }

  @Test
  void aFileOfAnotherKindIsRefused() {
    assertThatThrownBy(() -> read("[]")).hasMessageContaining("one JSON object");
    assertThatThrownBy(() -> read("{")).hasMessageContaining("not JSON: line 1");
  }

  @Test
  void importingTwiceChangesNothing() {
    String json =
        """
        {"a": {"input_cost_per_token": 1e-06}, "b": {"input_cost_per_token": 2e-06},
         "c": {"input_cost_per_token": 3e-06}}
        """;
    PriceEntry old =
        new PriceEntry(
            "book",
            "a",
            Instant.parse("2026-01-01T00:00:00Z"),
            1,
            java.util.Map.of(TokenClass.INPUT, flat("7")));
    PriceEntry same =
        new PriceEntry(
            "book",
            "b",
            Instant.parse("2026-01-01T00:00:00Z"),
            1,
            java.util.Map.of(TokenClass.INPUT, flat("2")));
    PriceBook book = new PriceBook("book", "USD", List.of(old, same));
    BookDifference first = BookDifference.of(book, read(json).entries());
    assertThat(first.added()).extracting(PriceEntry::model).containsExactly("c");
    assertThat(first.changed()).extracting(change -> change.after().model()).containsExactly("a");
    assertThat(first.unchanged()).isEqualTo(1);
    assertThat(first.after().prices()).hasSize(4).contains(old, same);

    BookDifference again = BookDifference.of(first.after(), read(json).entries());
    assertThat(again.unchanged()).isEqualTo(3);
    assertThat(again.after()).isEqualTo(first.after());
  }
}
