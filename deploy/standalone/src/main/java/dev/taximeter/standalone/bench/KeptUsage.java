package dev.taximeter.standalone.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** A note beside synthetic usage that is all there: making it takes much longer than measuring. */
final class KeptUsage {
  private static final String NAME = "written.txt";

  private KeptUsage() {}

  /**
   * @param files the benchmark's own, of a system that was kept
   */
  static boolean isIn(Path files, int accounts, long events) throws IOException {
    Path note = files.resolve(NAME);
    return Files.isRegularFile(note) && Files.readString(note).equals(text(accounts, events));
  }

  static void note(Path files, int accounts, long events) throws IOException {
    Files.writeString(files.resolve(NAME), text(accounts, events));
  }

  private static String text(int accounts, long events) {
    // Its last events are of the day on which it was made, and questions are about the last days.
    LocalDate today = LocalDate.now(SyntheticUsage.ZONE);
    return "%d events of %d accounts, made on %s%n".formatted(events, accounts, today);
  }
}
