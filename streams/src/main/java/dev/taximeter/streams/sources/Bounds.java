package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceState.Gap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Keeps what is remembered of a source within bounds. Pure. */
final class Bounds {
  /** Files of a source that are remembered: more than rotation keeps. */
  static final int MOST_FILES = 16;

  /** Reported gaps of a source that are remembered one by one. */
  static final int MOST_GAPS = 1_000;

  private Bounds() {}

  /** Forgets the files heard of longest ago, but not what is missing of them. */
  static SourceBook bounded(SourceBook book, Instant now) {
    SourceBook bounded = book;
    while (bounded.files().size() > MOST_FILES) {
      FileBook oldest =
          bounded.files().stream().min(Comparator.comparing(FileBook::touched)).orElseThrow();
      List<FileBook> rest = new ArrayList<>(bounded.files());
      rest.remove(oldest);
      bounded =
          withGaps(bounded.withFiles(rest, bounded.fileNumber()), SeenRules.gaps(oldest, now));
    }
    return bounded;
  }

  /** Gaps beyond the bound are only counted. */
  static SourceBook withGaps(SourceBook book, List<Gap> found) {
    List<Gap> all = new ArrayList<>(book.gaps());
    long more = book.moreGaps();
    for (Gap gap : found) {
      if (all.size() < MOST_GAPS) {
        all.add(gap);
      } else {
        more++;
      }
    }
    return book.withGaps(all, more);
  }
}
