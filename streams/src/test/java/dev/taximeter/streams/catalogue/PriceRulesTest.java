package dev.taximeter.streams.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.PriceBook;
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

class PriceRulesTest {
  private static List<String> problems(PriceSchedule schedule) {
    PriceEntry entry =
        new PriceEntry("b", "m", Instant.EPOCH, 0, Map.of(TokenClass.INPUT, schedule));
    return PriceRules.problems(book(entry), null);
  }

  /** What costs more than a column holds would be billed and be missing from history. */
  @Test
  void aPriceWhoseCostFitsNoColumnIsRefused() {
    BigDecimal highest = new BigDecimal("1000000000000");
    BigDecimal above = highest.add(new BigDecimal("0.000001"));
    assertThat(problems(new PriceSchedule.Flat(highest))).isEmpty();
    assertThat(problems(new PriceSchedule.Flat(above)))
        .containsExactly(
            "the price of m from 1970-01-01T00:00:00Z in b for input must be at most 1000000000000,"
                + " so that every cost fits");
    assertThat(problems(new PriceSchedule.Package(1, above))).hasSize(1);
    assertThat(
            problems(
                new PriceSchedule.Allowance(
                    1, new PriceSchedule.Graduated(List.of(new PriceSchedule.Tier(null, above))))))
        .hasSize(1);
  }

  /** History knows completions to the millisecond: of a finer one nobody could tell the sides. */
  @ParameterizedTest
  @CsvSource({"2026-12-01T00:00:00.001Z, true", "2026-12-01T00:00:00.0005Z, false"})
  void aPriceBeginsAtAnInstantThatHistoryKnows(Instant from, boolean isKnown) {
    PriceEntry entry = entry("m", from);
    assertThat(PriceRules.problems(book(entry), null)).hasSize(isKnown ? 0 : 1);
    // Whoever changes a book need not change what it has from before this rule.
    assertThat(PriceRules.problems(book(entry, entry("n", Instant.EPOCH)), book(entry))).isEmpty();
    PriceEntry later = entry("m", from.plusNanos(1));
    assertThat(PriceRules.problems(book(entry, later), book(entry))).hasSize(1);
  }

  private static PriceBook book(PriceEntry... entries) {
    return new PriceBook("b", "USD", List.of(entries));
  }

  private static PriceEntry entry(String model, Instant from) {
    return new PriceEntry(
        "b", model, from, 0, Map.of(TokenClass.INPUT, new PriceSchedule.Flat(BigDecimal.ONE)));
  }
}
