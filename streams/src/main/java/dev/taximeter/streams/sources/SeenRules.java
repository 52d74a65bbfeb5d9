package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceInput.Piece;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Gap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be told from the offsets of a shipper that names no file. Offsets that begin again mean
 * another file; parts of intake run at different speed, so that lines come out of order for
 * moments. Where offsets do not tell, no gap is claimed. Pure.
 */
final class SeenRules {
  /** Between two lines lie line ends and empty lines; holes up to this many bytes are no gaps. */
  static final long BRIDGE_BYTES = 15;

  /** How long a hole may last until it is a gap. */
  static final Duration GRACE = Duration.ofSeconds(30);

  /** More ranges than this in one file: the shipper's offsets are not those of lines. */
  private static final int MOST_RANGES = 10_000;

  /**
   * From so many holes on that have lasted it is judged whether offsets are those of lines. Younger
   * holes are lines that other parts of intake have not come to yet.
   */
  private static final int TELLING_HOLES = 20;

  private static final String REASON = "the lines around it arrived, those in it did not";

  private SeenRules() {}

  static SourceBook apply(SourceBook book, Piece piece, Instant now) {
    if (!book.coverageKnown()) {
      return book;
    }
    FileBook newest = newest(book);
    if (newest == null) {
      return begin(book, piece, now);
    }
    Instant young = now.minus(GRACE);
    boolean covered = newest.coverage().overlap(piece.from(), piece.to()) > 0;
    if (!covered && follows(newest, piece, young)) {
      return add(book, newest, piece, now);
    }
    if (piece.again()) {
      FileBook known = covering(book, piece);
      if (known != null) {
        return cameAgain(book, known, piece, now);
      }
    }
    if (covered && piece.to() - piece.from() <= BRIDGE_BYTES) {
      return book; // As short as what lies between lines: it tells nothing.
    }
    FileBook older = olderWithRoomFor(book, newest, piece, young);
    if (older != null) {
      return add(book, older, piece, now);
    }
    boolean beginning =
        piece.from() == 0 && newest.coverage().first() > 0 && newest.begun().isBefore(young);
    return covered || beginning ? begin(book, piece, now) : add(book, newest, piece, now);
  }

  private static boolean follows(FileBook file, Piece piece, Instant young) {
    return file.coverage().continues(piece.from(), BRIDGE_BYTES)
        || file.coverage().fillsHoleSince(piece.from(), piece.to(), young);
  }

  /** Lines of a file that has just ended, or that is being shipped again. */
  private static @Nullable FileBook olderWithRoomFor(
      SourceBook book, FileBook newest, Piece piece, Instant young) {
    for (FileBook file : unnamed(book)) {
      boolean current = !file.touched().isBefore(young) && follows(file, piece, young);
      boolean again =
          !file.again().isBefore(young)
              && file.coverage().fillsHoleSince(piece.from(), piece.to(), Instant.MIN);
      if (!file.file().equals(newest.file()) && (current || again)) {
        return file;
      }
    }
    return null;
  }

  /** The file that has most of the piece; of several, the newest. */
  private static @Nullable FileBook covering(SourceBook book, Piece piece) {
    FileBook best = null;
    long most = 1;
    for (FileBook file : unnamed(book)) {
      long overlap = file.coverage().overlap(piece.from(), piece.to());
      if (overlap >= most) {
        best = file;
        most = overlap;
      }
    }
    return best;
  }

  private static SourceBook begin(SourceBook book, Piece piece, Instant now) {
    int number = book.fileNumber() + 1;
    FileBook file = FileBook.of(SourceState.UNKNOWN_FILE + "-" + number, now);
    SourceBook begun = book.withFiles(book.filesWith(file), number);
    return Bounds.bounded(add(begun, file, piece, now), now);
  }

  private static SourceBook add(SourceBook book, FileBook file, Piece piece, Instant now) {
    Coverage covered = file.coverage().with(piece.from(), piece.to(), now, BRIDGE_BYTES);
    FileBook changed = file.with(covered, piece.lines(), now);
    Instant young = now.minus(GRACE);
    return covered.ranges().size() > MOST_RANGES
            || (lasting(changed, young) >= TELLING_HOLES && !isTelling(changed, young))
        ? book.withoutCoverage()
        : book.withFiles(book.filesWith(changed), book.fileNumber());
  }

  private static SourceBook cameAgain(SourceBook book, FileBook file, Piece piece, Instant now) {
    long bytes = file.coverage().overlap(piece.from(), piece.to());
    Coverage covered = file.coverage().with(piece.from(), piece.to(), now, BRIDGE_BYTES);
    FileBook changed = file.with(covered, piece.lines(), now).seenAgain(now);
    return book.withFiles(book.filesWith(changed), book.fileNumber()).cameAgain(bytes);
  }

  /**
   * The file that lies under the source's own path now was read by our shipper: it is the newest
   * one that the other shipper sent. Which of the older files another name means cannot be known.
   */
  static SourceBook reshipped(SourceBook book, long from, long to, Instant now) {
    FileBook newest = newest(book);
    if (newest == null) {
      return book;
    }
    Coverage covered = newest.coverage();
    for (Coverage.Range hole : newest.coverage().holes()) {
      long begin = Math.max(from, hole.from());
      long end = Math.min(to, hole.to());
      covered = begin < end ? covered.with(begin, end, now, BRIDGE_BYTES) : covered;
    }
    return covered.equals(newest.coverage())
        ? book
        : book.withFiles(book.filesWith(newest.with(covered, 0, now)), book.fileNumber());
  }

  /** What is wrapped around lines would look like a hole behind each of them. */
  private static boolean isTelling(FileBook file, Instant young) {
    return 2 * lasting(file, young) < file.lines();
  }

  private static long lasting(FileBook file, Instant young) {
    return file.coverage().holes().stream().filter(hole -> !hole.since().isAfter(young)).count();
  }

  private static @Nullable FileBook newest(SourceBook book) {
    List<FileBook> files = unnamed(book);
    return files.isEmpty() ? null : files.get(files.size() - 1);
  }

  private static List<FileBook> unnamed(SourceBook book) {
    return book.files().stream().filter(FileBook::isUnnamed).toList();
  }

  /** Holes that have lasted too long, in every file. */
  static List<Gap> gaps(SourceBook book, Instant now) {
    List<Gap> gaps = new ArrayList<>();
    for (FileBook file : unnamed(book)) {
      gaps.addAll(gaps(file, now.minus(GRACE)));
    }
    return gaps;
  }

  static List<Gap> gaps(FileBook file, Instant foundBefore) {
    if (!file.isUnnamed() || !isTelling(file, foundBefore)) {
      return List.of();
    }
    return file.coverage().holes().stream()
        .filter(hole -> !hole.since().isAfter(foundBefore))
        .map(hole -> new Gap(file.file(), hole.from(), hole.to(), false, hole.since(), REASON))
        .toList();
  }
}
