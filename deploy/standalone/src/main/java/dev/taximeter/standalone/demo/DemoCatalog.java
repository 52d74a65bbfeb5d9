package dev.taximeter.standalone.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/** The demonstration's customers, keys and prices, as a catalogue file. */
final class DemoCatalog {
  private static final String RESOURCE = "catalog.yaml";
  private static final int PRICE_CHANGE_DAY = 15;
  private static final int TRIAL_ENDED_DAYS_AGO = 30;

  private DemoCatalog() {}

  /**
   * Writes the catalogue unless it is there: a date in it that moved from start to start would
   * change prices of the past.
   *
   * @param today decides the dates of the price change and of the credits
   */
  static void writeOnce(Path file, LocalDate today) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    Files.writeString(unfinished, text(today), StandardCharsets.UTF_8);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  static String text(LocalDate today) throws IOException {
    try (InputStream resource = DemoCatalog.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IOException("the program is incomplete: " + RESOURCE + " is missing");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8)
          .replace("PRICE_CHANGE", at(today.minusMonths(1).withDayOfMonth(PRICE_CHANGE_DAY)))
          .replace("TRIAL_END", at(today.minusDays(TRIAL_ENDED_DAYS_AGO)))
          .replace("NEXT_YEAR", at(today.plusYears(1).withDayOfYear(1)));
    }
  }

  private static String at(LocalDate day) {
    return day.atTime(LocalTime.MIDNIGHT).toInstant(ZoneOffset.UTC).toString();
  }
}
