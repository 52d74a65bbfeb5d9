package dev.taximeter.streams.sources;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceState.Gap;
import dev.taximeter.contract.event.SourceState.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is remembered of a source.
 *
 * @param throughs by partition of the raw topic, how complete the source was there
 * @param partitions of the raw topic; 0 without heartbeats
 * @param lastHeartbeat when the last one came here; null without heartbeats
 * @param files the files heard of last, the newest last
 * @param gaps those that a shipper reported, and those of files no longer remembered
 * @param moreGaps gaps beyond the bound
 * @param fileNumber of the newest file of a shipper that names none
 * @param shipments those that have an end and have not come to it
 * @param clock what its last refused lines said about the gateway's clock; null if there were none
 * @param retiredAt when somebody retired it, as the command says; null if nobody has, or an earlier
 *     version stored it
 */
record SourceBook(
    LineSource source,
    Kind kind,
    boolean retired,
    Instant firstSeen,
    Instant lastSeen,
    @Nullable Instant lastLine,
    long lines,
    long bytes,
    Map<Integer, Instant> throughs,
    int partitions,
    @Nullable Instant lastHeartbeat,
    List<FileBook> files,
    List<Gap> gaps,
    long moreGaps,
    long overlaps,
    long reshippedBytes,
    int fileNumber,
    boolean coverageKnown,
    Outstanding shipments,
    @Nullable ClockError clock,
    @Nullable Instant retiredAt) {
  /**
   * @param seconds by how much it is ahead
   * @param at when that was last seen
   */
  record ClockError(long seconds, Instant at) {}

  SourceBook {
    throughs = Map.copyOf(throughs);
    files = List.copyOf(files);
    gaps = List.copyOf(gaps);
    // Null in what an earlier version stored.
    shipments = Objects.requireNonNullElse(shipments, Outstanding.NONE);
  }

  static SourceBook of(LineSource source, Kind kind, Instant at) {
    return new SourceBook(
        source,
        kind,
        false,
        at,
        at,
        null,
        0,
        0,
        Map.of(),
        0,
        null,
        List.of(),
        List.of(),
        0,
        0,
        0,
        0,
        true,
        Outstanding.NONE,
        null,
        null);
  }

  @Nullable FileBook file(String name) {
    return files.stream().filter(book -> book.file().equals(name)).findFirst().orElse(null);
  }

  /** Replaces the file of this name; a new one comes last. */
  List<FileBook> filesWith(FileBook changed) {
    List<FileBook> all = new ArrayList<>(files);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).file().equals(changed.file())) {
        all.set(i, changed);
        return all;
      }
    }
    all.add(changed);
    return all;
  }

  SourceBook heard(Instant at) {
    Instant latest = at.isAfter(lastSeen) ? at : lastSeen;
    return new SourceBook(
        source,
        kind,
        false,
        firstSeen,
        latest,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        null);
  }

  SourceBook counted(long moreLines, long moreBytes, Instant at) {
    Instant latest = moreLines > 0 && (lastLine == null || at.isAfter(lastLine)) ? at : lastLine;
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        latest,
        lines + moreLines,
        bytes + moreBytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook cameAgain(long moreBytes) {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps + 1,
        reshippedBytes + moreBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook withFiles(List<FileBook> changed, int number) {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        changed,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        number,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook withGaps(List<Gap> changed, long more) {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        changed,
        more,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  /** Whatever could be told from offsets is forgotten: they cannot be trusted. */
  SourceBook withoutCoverage() {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        List.of(),
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        false,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook beaten(Map<Integer, Instant> changed, int all, Instant at) {
    return new SourceBook(
        source,
        Kind.SHIPPER,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        changed,
        all,
        at,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook withShipments(Outstanding changed) {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        changed,
        clock,
        retiredAt);
  }

  /** Without a word of how complete it is. */
  SourceBook reopened(Kind by) {
    return new SourceBook(
        source,
        by,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        Map.of(),
        0,
        null,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        retiredAt);
  }

  SourceBook withClock(ClockError seen) {
    return new SourceBook(
        source,
        kind,
        retired,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        seen,
        retiredAt);
  }

  SourceBook retirement(@Nullable Instant at) {
    return new SourceBook(
        source,
        kind,
        true,
        firstSeen,
        lastSeen,
        lastLine,
        lines,
        bytes,
        throughs,
        partitions,
        lastHeartbeat,
        files,
        gaps,
        moreGaps,
        overlaps,
        reshippedBytes,
        fileNumber,
        coverageKnown,
        shipments,
        clock,
        at);
  }

  /** Contents of all files that are known, or missed. */
  Set<String> contents() {
    Set<String> contents = new HashSet<>();
    files.forEach(file -> contents.add(FileBook.content(file.file())));
    gaps.forEach(gap -> contents.add(FileBook.content(gap.file())));
    contents.remove("");
    return contents;
  }
}
