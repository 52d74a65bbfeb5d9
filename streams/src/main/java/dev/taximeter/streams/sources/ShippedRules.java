package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceInput.Lost;
import dev.taximeter.contract.event.SourceInput.Shipped;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Gap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What our own shippers report of the files they read: exact, since it is written together with the
 * lines. Pure.
 */
final class ShippedRules {
  private ShippedRules() {}

  static SourceBook apply(SourceBook book, Shipped range, Instant now) {
    FileBook known = book.file(range.file());
    FileBook file = known == null ? FileBook.of(range.file(), now) : known;
    long again = file.coverage().overlap(range.from(), range.to());
    FileBook changed =
        file.with(
            file.coverage().with(range.from(), range.to(), now, 0),
            Math.max(file.size(), range.size()),
            range.ended(),
            now);
    SourceBook counted =
        book.counted(range.lines(), range.to() - range.from(), range.at())
            .withFiles(book.filesWith(changed), book.fileNumber());
    return Bounds.bounded(again > 0 ? counted.cameAgain(again) : counted, now);
  }

  /** Bytes that came again under another name or elsewhere. */
  static SourceBook copied(SourceBook book, Shipped range) {
    long again = 0;
    for (FileBook file : book.files()) {
      if (!file.file().equals(range.file()) && FileBook.sameContent(file.file(), range.file())) {
        again = Math.max(again, file.coverage().overlap(range.from(), range.to()));
      }
    }
    return again > 0 ? book.cameAgain(again) : book;
  }

  static SourceBook apply(SourceBook book, Lost lost, List<FileBook> copies, Instant now) {
    FileBook file = book.file(lost.file());
    Gap gap = gap(lost, file, now);
    if (gap == null || book.gaps().stream().anyMatch(known -> isSame(known, gap))) {
      return book;
    }
    SourceBook changed = book;
    Long end = gap.to();
    if (file != null && end != null) {
      Coverage left = file.coverage().without(gap.from(), end, now);
      changed =
          book.withFiles(
              book.filesWith(file.with(left, file.size(), file.ended(), now)), book.fileNumber());
    }
    List<Gap> gaps = List.of(gap);
    for (FileBook copy : copies) {
      for (Coverage.Range range : copy.coverage().ranges()) {
        boolean ended = copy.ended() && range.to() >= copy.size();
        gaps = without(gaps, range.from(), range.to(), ended);
      }
    }
    return Bounds.withGaps(changed, gaps);
  }

  /** A shipper that starts anew may tell again what it told before. */
  private static boolean isSame(Gap known, Gap gap) {
    return !gap.file().equals(SourceState.UNKNOWN_FILE)
        && known.file().equals(gap.file())
        && known.from() == gap.from()
        && Objects.equals(known.to(), gap.to());
  }

  /** Null if nothing is missing, as far as can be known. */
  private static @Nullable Gap gap(Lost lost, @Nullable FileBook file, Instant now) {
    Long to = lost.to();
    if (to == null && file != null) {
      if (file.ended() && file.size() <= lost.from()) {
        return null; // It was read to its end, and is gone as old files go.
      }
      to = file.size() > lost.from() ? file.size() : null;
    }
    boolean openEnded = lost.to() == null && (file == null || !file.ended());
    return to != null && to <= lost.from()
        ? null
        : new Gap(lost.file(), lost.from(), to, openEnded, now, lost.reason());
  }

  /** Closes what a range fills of a source's gaps: those of this file, or of a copy of it. */
  static SourceBook close(SourceBook book, Shipped range) {
    if (book.gaps().stream().noneMatch(gap -> concerns(range, gap))) {
      return book;
    }
    List<Gap> left = new ArrayList<>();
    for (Gap gap : book.gaps()) {
      left.addAll(
          concerns(range, gap)
              ? without(List.of(gap), range.from(), range.to(), range.ended())
              : List.of(gap));
    }
    return left.equals(book.gaps()) ? book : book.withGaps(left, book.moreGaps());
  }

  private static boolean concerns(Shipped range, Gap gap) {
    return gap.file().equals(range.file()) || FileBook.sameContent(gap.file(), range.file());
  }

  /**
   * @param ended whether the range reaches to the file's end, so that nothing can follow
   */
  private static List<Gap> without(List<Gap> gaps, long from, long to, boolean ended) {
    List<Gap> left = new ArrayList<>();
    for (Gap gap : gaps) {
      Long end = gap.to();
      boolean tellsNothing = from == to && end != null && !gap.openEnded();
      if (to < gap.from() || (end != null && from > end) || tellsNothing) {
        left.add(gap);
        continue;
      }
      if (gap.from() < from) {
        left.add(part(gap, gap.from(), end == null ? from : Math.min(from, end), false));
      }
      if (end != null && to < end) {
        left.add(part(gap, Math.max(to, gap.from()), end, gap.openEnded()));
      } else if (end == null && !ended) {
        left.add(part(gap, Math.max(to, gap.from()), null, true));
      } else if (end != null && gap.openEnded() && !ended) {
        left.add(part(gap, to, null, true));
      }
    }
    return left;
  }

  private static Gap part(Gap gap, long from, @Nullable Long to, boolean openEnded) {
    return new Gap(gap.file(), from, to, openEnded, gap.since(), gap.reason());
  }
}
