package dev.taximeter.standalone.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * The past days of the demonstration, and which of them are in the system already. A start that is
 * broken off does no harm: the same days have the same bytes, and copies do not count.
 */
final class HistoryDays {
  /** Past days that a new demonstration begins with. */
  static final int DAYS = 60;

  private static final String DONE = "history-days";

  private final Path directory;

  /**
   * @param directory of the demonstration's own files
   */
  HistoryDays(Path directory) {
    this.directory = directory;
  }

  /** The days before today that have to be added, oldest first. */
  List<LocalDate> missing(LocalDate today) throws IOException {
    NavigableSet<LocalDate> done = done();
    LocalDate first = today.minusDays(DAYS);
    List<LocalDate> missing = new ArrayList<>(first.datesUntil(today).toList());
    // Days from before the first start stay empty, or the past would grow with every day.
    missing.removeIf(day -> done.contains(day) || (!done.isEmpty() && day.isBefore(done.first())));
    return missing;
  }

  private NavigableSet<LocalDate> done() throws IOException {
    try {
      return Files.readAllLines(directory.resolve(DONE), StandardCharsets.UTF_8).stream()
          .filter(line -> !line.isBlank())
          .map(LocalDate::parse)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (NoSuchFileException e) {
      return new TreeSet<>();
    }
  }

  /** Remembers days that have landed. */
  void markDone(List<LocalDate> days) throws IOException {
    Files.write(
        directory.resolve(DONE),
        days.stream().map(LocalDate::toString).toList(),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /**
   * Writes the lines of some days, packed.
   *
   * @param days not empty, ascending
   * @return the file; may be deleted once it has landed
   */
  Path write(List<LocalDate> days) throws IOException {
    Files.createDirectories(directory);
    Path file =
        directory.resolve("access-%s-%s.log.gz".formatted(days.get(0), days.get(days.size() - 1)));
    try (BufferedWriter writer =
        new BufferedWriter(
            new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8))) {
      for (LocalDate day : days) {
        GatewayHistory.write(
            day,
            line -> {
              writer.write(line);
              writer.write('\n');
            });
      }
    }
    return file;
  }
}
