package dev.taximeter.contract.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BillLinesTest {
  private static final String ENTRY = "list:m-*:2026-01-01T00:00:00Z:v1";

  private static BillLine line(String model, String version, long quantity) {
    return new BillLine(
        model, TokenClass.INPUT, version, quantity, BigDecimal.valueOf(quantity, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "m-1, list:m-*:2026-01-01T00:00:00Z:v1, true",
    "m-1, list:m-*:2026-01-01T00:00:00Z:v12:above-60, true",
    "m-1, list:m-*:2026-01-01T00:00:00.123Z:v1:-12.5%, true",
    "m-1, list:m-*:2026-01-01T00:00:00Z:v1:above-60:-12.5%, true",
    "m-*, list:m-*:2026-01-01T00:00:00Z:v1, false",
    "m-*, list:m-*:2026-01-01T00:00:00Z:v1:above-60:-12.5%, false",
    // Names of models may have anything in them.
    "a:b:v1, list:a:b:v1:2026-01-01T00:00:00Z:v1, false",
    "a:b:v1, list:a:*:2026-01-01T00:00:00Z:v1, true",
    "2026-01-01T00:00:00Z:v1, list:2026-01-01T00:00:00Z:v1:2026-01-01T00:00:00Z:v1, false",
    "*, plan:p:v1, false",
  })
  void linesOfModelsAreThoseOfEntriesThatMatchSeveral(
      String model, String priceVersion, boolean ofModel) {
    assertThat(BillLines.isOfModel(model, priceVersion)).isEqualTo(ofModel);
  }

  @Test
  void everyPriceEntryIsUnderstood() {
    for (String pattern : List.of("*", "m-*", "a:b*", "exact", "x:v1:y*")) {
      for (Instant from :
          List.of(Instant.EPOCH, Instant.MIN, Instant.parse("2026-01-01T00:00:00.5Z"))) {
        PriceEntry entry =
            new PriceEntry(
                "list",
                pattern,
                from,
                3,
                Map.of(TokenClass.INPUT, new PriceSchedule.Flat(BigDecimal.ONE)));
        assertThat(BillLines.isOfModel(pattern, entry.version())).isFalse();
        assertThat(BillLines.isOfModel("other", entry.version())).isTrue();
      }
    }
  }

  @Test
  void aFullMonthShowsNoModels() {
    List<BillLine> lines = new ArrayList<>();
    for (int i = 1; i < BillLines.MOST_OF_MODELS; i++) {
      lines.add(line("m-" + i, ENTRY, 1));
    }
    lines.add(line("m-*", ENTRY, 10));
    lines.add(line("*", "plan:p:v1", 5));
    assertThat(BillLines.areFull(lines)).isFalse();
    assertThat(BillLines.shown(lines)).isEqualTo(lines);
    lines.add(0, line("m-0", ENTRY, 1));
    assertThat(BillLines.areFull(lines)).isTrue();
    assertThat(BillLines.shown(lines))
        .containsExactlyInAnyOrder(
            line("m-*", ENTRY, BillLines.MOST_OF_MODELS + 10L), line("*", "plan:p:v1", 5));
  }

  @Test
  void whatComesToNothingIsLeftOut() {
    assertThat(
            BillLines.ofEntries(
                List.of(line("m-1", ENTRY, 4), line("m-*", ENTRY, -4), line("*", "plan:p:v1", 1))))
        .containsExactly(line("*", "plan:p:v1", 1));
  }
}
