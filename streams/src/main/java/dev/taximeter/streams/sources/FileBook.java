package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.SourceState;
import java.time.Instant;

/**
 * What is known of one file.
 *
 * @param file its identity, or {@code unknown-N}
 * @param size how large it was when it was last seen; 0 if unknown
 * @param ended whether it has ended at {@code size}
 * @param lines how many came, if another shipper sent it
 * @param begun when it was first heard of
 * @param touched when it was last heard of
 * @param again when lines of it came that had been there before; the epoch if never
 */
record FileBook(
    String file,
    Coverage coverage,
    long size,
    boolean ended,
    long lines,
    Instant begun,
    Instant touched,
    Instant again) {
  private static final int CONTENT_DIGITS = 16;

  static FileBook of(String file, Instant at) {
    return new FileBook(file, Coverage.NONE, 0, false, 0, at, at, Instant.EPOCH);
  }

  /** Lines came from another shipper. */
  FileBook with(Coverage changed, long moreLines, Instant at) {
    return new FileBook(file, changed, size, ended, lines + moreLines, begun, at, again);
  }

  FileBook with(Coverage changed, long newSize, boolean newEnded, Instant at) {
    return new FileBook(file, changed, newSize, newEnded, lines, begun, at, again);
  }

  FileBook seenAgain(Instant at) {
    return new FileBook(file, coverage, size, ended, lines, begun, at, at);
  }

  /**
   * @return whether another shipper sent it, and did not name it
   */
  boolean isUnnamed() {
    return file.startsWith(SourceState.UNKNOWN_FILE);
  }

  /**
   * A file's content is named by the last digits of its identity, wherever a copy of it lies.
   *
   * @return those digits; empty if the identity is not known
   */
  static String content(String file) {
    return file.length() > CONTENT_DIGITS && !file.startsWith(SourceState.UNKNOWN_FILE)
        ? file.substring(file.length() - CONTENT_DIGITS)
        : "";
  }

  static boolean sameContent(String one, String other) {
    return !content(one).isEmpty() && content(one).equals(content(other));
  }
}
