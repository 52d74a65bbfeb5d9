package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts files that rotation has made of one into the order in which they were written, because a
 * collector's line in pieces may begin in one and end in the next. All others stay where they are.
 */
final class InputOrder {
  /** What rotation and compression leave of a log's name: {@code 0.log} of 0.log.20261103.gz. */
  private static final Pattern ROTATED =
      Pattern.compile("(.+?\\.log)(?:[.-][0-9][0-9A-Za-z._:-]*)?(?:\\.(?:gz|zst))?");

  /** Lines that are looked at for the instant of the first. */
  private static final int HEAD_BYTES = 64 * 1024;

  private InputOrder() {}

  /**
   * A file in its place.
   *
   * @param family what it has in common with files that rotation has made of the same one
   * @param first when its first line was written; null if that is not known or does not matter
   */
  record Placed(InputFile file, LineFormat format, String family, @Nullable Instant first) {
    /** Whether this may go on where the other ends. */
    boolean mayContinue(Placed other) {
      return first != null
          && other.first != null
          && format == other.format
          && family.equals(other.family)
          && !file.source().equals(other.file.source());
    }
  }

  static List<Placed> of(List<InputFile> files, Function<LineSource, LineFormat> formats) {
    Map<String, List<Placed>> families = new LinkedHashMap<>();
    for (InputFile file : files) {
      Placed placed = place(file, formats.apply(file.source()));
      // Files without a first instant have nothing to be ordered by.
      String group = placed.first == null ? "alone " + families.size() : "of " + placed.family;
      families.computeIfAbsent(group, name -> new ArrayList<>()).add(placed);
    }
    List<Placed> ordered = new ArrayList<>();
    for (List<Placed> family : families.values()) {
      family.sort(Comparator.comparing(Placed::first, Comparator.nullsFirst(Instant::compareTo)));
      ordered.addAll(family);
    }
    return ordered;
  }

  private static Placed place(InputFile file, LineFormat format) {
    boolean inPieces = format == LineFormat.CRI || format == LineFormat.DOCKER_JSON;
    // A pipe can be read only once.
    Instant first = inPieces && file.size() >= 0 ? firstInstant(file, format) : null;
    Matcher name = ROTATED.matcher(file.source().path());
    return new Placed(file, format, name.matches() ? name.group(1) : file.source().path(), first);
  }

  private static @Nullable Instant firstInstant(InputFile file, LineFormat format) {
    byte[] head = new byte[HEAD_BYTES];
    int length = 0;
    try (InputFile.Opened opened = file.open()) {
      int count = 0;
      while (count >= 0 && length < head.length) {
        length += count;
        count = opened.read(head, length, head.length - length);
      }
    } catch (IOException e) {
      throw new UnreadableFileException(
          file.source().path() + " cannot be read: " + e.getMessage());
    }
    WrappedLine line = new WrappedLine(format);
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (head[i] == '\n') {
        if (line.read(head, start, i)) {
          return line.instant();
        }
        start = i + 1;
      }
    }
    return null;
  }
}
