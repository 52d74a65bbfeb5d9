package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a source stands: how complete it is and what is missing.
 *
 * @param source host and path
 * @param kind who ships it
 * @param status whether it still sends
 * @param firstSeen when it was first heard of
 * @param lastSeen when it was last heard of: lines, ranges or heartbeats
 * @param lastLine when its last line arrived; null if there was none
 * @param lines lines shipped, copies included
 * @param bytes bytes shipped, copies included; with line ends if our shipper counted them
 * @param watermark everything the gateway wrote to this source before this instant has been through
 *     intake; null without heartbeats, while they say that nothing is known, and once it is
 *     finished
 * @param gaps byte ranges that are missing, the oldest first, {@link #MOST_GAPS} at most
 * @param moreGaps how many more there are
 * @param overlaps how often bytes came that had come before
 * @param reshippedBytes how many
 * @param coverageKnown whether missing ranges can be told; false if a shipper gives no offsets, or
 *     so many holes that they cannot be told from what lies between lines
 * @param clockAheadSeconds by how much lines say that they were completed after they arrived, if
 *     some were refused for that within the last hour; null otherwise
 */
public record SourceState(
    LineSource source,
    Kind kind,
    Status status,
    Instant firstSeen,
    Instant lastSeen,
    @Nullable Instant lastLine,
    long lines,
    long bytes,
    @Nullable Instant watermark,
    List<Gap> gaps,
    long moreGaps,
    long overlaps,
    long reshippedBytes,
    boolean coverageKnown,
    @Nullable Long clockAheadSeconds) {
  /** Stands for a file whose identity is not known. */
  public static final String UNKNOWN_FILE = "unknown";

  /** Gaps that a state names. */
  public static final int MOST_GAPS = 100;

  /** Who ships a source. */
  public enum Kind {
    /** Taximeter's own shipper or backfill. */
    SHIPPER,
    /** Another one. */
    FOREIGN;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a source still sends. */
  public enum Status {
    LIVE,
    /** It, or its heartbeats, have stopped without a word: completeness waits for it. */
    SILENT,
    /** A shipment that had an end, such as a backfill, and has been through intake. */
    FINISHED,
    /** Somebody said that it will send no more. */
    RETIRED;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A range of bytes that is missing.
   *
   * @param file identity of the file; {@code unknown-N} counts the files of a shipper that names
   *     none
   * @param from first missing byte
   * @param to first byte after; null if it is not known
   * @param openEnded whether the file may have held more after {@code to}
   * @param since when it was found
   * @param reason in a few words
   */
  public record Gap(
      String file, long from, @Nullable Long to, boolean openEnded, Instant since, String reason) {}

  public SourceState {
    gaps = List.copyOf(gaps);
  }

  /** The state of a source whose clock is right. */
  public SourceState(
      LineSource source,
      Kind kind,
      Status status,
      Instant firstSeen,
      Instant lastSeen,
      @Nullable Instant lastLine,
      long lines,
      long bytes,
      @Nullable Instant watermark,
      List<Gap> gaps,
      long moreGaps,
      long overlaps,
      long reshippedBytes,
      boolean coverageKnown) {
    this(
        source,
        kind,
        status,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        watermark,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        coverageKnown,
        null);
  }

  /**
   * @return all gaps, those not named included
   */
  public long gapCount() {
    return gaps.size() + moreGaps;
  }

  public String recordKey() {
    return source.host() + '\t' + source.path();
  }
}
