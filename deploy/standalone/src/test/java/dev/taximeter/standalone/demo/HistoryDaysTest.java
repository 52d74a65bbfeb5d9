package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryDaysTest {
  private static final LocalDate TODAY = LocalDate.parse("2026-11-23");

  @TempDir Path directory;

  @Test
  void aNewDemonstrationLacksSixtyDaysAndNotToday() throws IOException {
    assertThat(new HistoryDays(directory).missing(TODAY))
        .hasSize(60)
        .startsWith(LocalDate.parse("2026-09-24"))
        .endsWith(LocalDate.parse("2026-11-22"));
  }

  @Test
  void aLaterStartAddsOnlyTheDaysSince() throws IOException {
    HistoryDays days = new HistoryDays(directory);
    days.markDone(days.missing(TODAY));

    assertThat(new HistoryDays(directory).missing(TODAY)).isEmpty();
    assertThat(new HistoryDays(directory).missing(TODAY.plusDays(2)))
        .containsExactly(TODAY, TODAY.plusDays(1));
  }

  @Test
  void aDayThatDidNotLandIsMissingStill() throws IOException {
    HistoryDays days = new HistoryDays(directory);
    List<LocalDate> missing = new ArrayList<>(days.missing(TODAY));
    missing.remove(30);
    days.markDone(missing);

    assertThat(days.missing(TODAY)).containsExactly(TODAY.minusDays(30));
  }

  @Test
  void packsTheLinesOfItsDays() throws IOException {
    LocalDate day = TODAY.minusDays(1);
    List<String> expected = new ArrayList<>();
    GatewayHistory.write(day, expected::add);

    Path file = new HistoryDays(directory).write(List.of(day));

    try (GZIPInputStream lines = new GZIPInputStream(Files.newInputStream(file))) {
      assertThat(new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines().toList())
          .isEqualTo(expected);
    }
  }
}
