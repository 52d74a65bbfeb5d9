package dev.taximeter.contract.rating;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceListTest {
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NOVEMBER = Instant.parse("2026-11-15T00:00:00Z");

  private static PriceEntry entry(String model, Instant from, long knownSince) {
    return new PriceEntry(
        "list",
        model,
        from,
        knownSince,
        Map.of(TokenClass.INPUT, new PriceSchedule.Flat(BigDecimal.ONE)));
  }

  @Test
  void anExactNameBeatsTheLongestPrefixAndThatTheShorter() {
    PriceEntry exact = entry("gpt-4o-mini", JANUARY, 1);
    PriceEntry longer = entry("gpt-4o-mini*", JANUARY, 1);
    PriceEntry shorter = entry("gpt-*", NOVEMBER, 9);
    PriceEntry all = entry("*", NOVEMBER, 9);
    PriceList list = new PriceList(List.of(all, shorter, longer, exact));
    Instant now = NOVEMBER.plusSeconds(1);
    assertThat(list.entryFor("gpt-4o-mini", now)).isEqualTo(exact);
    assertThat(list.entryFor("gpt-4o-mini-2024", now)).isEqualTo(longer);
    assertThat(list.entryFor("gpt-5", now)).isEqualTo(shorter);
    assertThat(list.entryFor("qwen", now)).isEqualTo(all);
  }

  @Test
  void aPriceHoldsFromItsFirstInstantOn() {
    PriceEntry before = entry("*", JANUARY, 1);
    PriceEntry after = entry("*", NOVEMBER, 1);
    PriceList list = new PriceList(List.of(before, after));
    assertThat(list.entryFor("m", JANUARY.minusNanos(1))).isNull();
    assertThat(list.entryFor("m", JANUARY)).isEqualTo(before);
    assertThat(list.entryFor("m", NOVEMBER.minusMillis(1))).isEqualTo(before);
    assertThat(list.entryFor("m", NOVEMBER)).isEqualTo(after);
  }

  @Test
  void aBetterMatchThatIsNotYetEffectiveDoesNotHideTheOther() {
    PriceEntry general = entry("*", JANUARY, 1);
    PriceEntry exact = entry("m", NOVEMBER, 1);
    PriceList list = new PriceList(List.of(general, exact));
    assertThat(list.entryFor("m", JANUARY)).isEqualTo(general);
  }

  @Test
  void ofTwoFromOneInstantTheLatestKnownHolds() {
    PriceEntry first = entry("m", JANUARY, 1);
    PriceEntry corrected = entry("m", JANUARY, 2);
    assertThat(new PriceList(List.of(corrected, first)).entryFor("m", JANUARY))
        .isEqualTo(corrected);
  }

  @ParameterizedTest
  @CsvSource({
    "qwen-*, qwen-, true",
    "qwen-*, qwen-max, true",
    "qwen-*, qwen, false",
    "qwen-*, my-qwen-max, false",
    "*, anything, true",
    "a*b*c, a-b-b-c, true",
    "a*b*c, a-b-b, false",
    "*-mini, gpt-mini, true",
    "*-mini, gpt-mini-2, false",
    "a**c, abc, true",
    "gpt.4, gpt-4, false",
    "m, m, true",
    "m, M, false",
  })
  void aStarStandsForAnyCharacters(String pattern, String model, boolean matches) {
    assertThat(new ModelPattern(pattern).matches(model)).isEqualTo(matches);
  }

  @Test
  void aHostilePatternTakesNoExponentialTime() {
    assertThat(new ModelPattern("*a".repeat(50) + "b").matches("a".repeat(5_000))).isFalse();
  }
}
