package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far a file has been shipped; written in the same transaction as its lines.
 *
 * @param host the shipper's machine
 * @param path path under which the file was first seen; part of each line's source
 * @param fileKey device and inode, or another identity that outlives renaming
 * @param head checksum of the file's first bytes, hex: tells a reused inode from the old file
 * @param headLength how many bytes {@code head} covers: none beyond {@code offset}, unless that is
 *     0 and the file was seen to hold some
 * @param tail checksum of the last bytes before {@code offset}, hex: with {@code head}, tells a
 *     file that has been read so far from any other, whatever its name and identity
 * @param offset next byte to ship, 0 or more: always just after a line end
 * @param unfinished by stream of a collector, the first piece here of a line whose last piece lies
 *     beyond {@code offset}: reading resumes at the first of them, and all else before {@code
 *     offset} is shipped
 * @param beheaded streams of a collector whose next line, in this file or one that follows it,
 *     lacks its beginning: that lay in a file that is gone
 * @param doubtful streams whose next line may lack its beginning: nobody knows what came before
 * @param file the file's identity in the header of its lines; null if it was not known
 * @param directory identity of the directory that the file was in; null if it is not known
 * @param ended whether the file was rotated away and read to its end, so that nothing of it is
 *     missed once it is gone
 * @param lookedAt of a pattern that is followed, when files that match it were last looked for;
 *     null otherwise, and in positions of an earlier version
 */
public record ShipperPosition(
    String host,
    String path,
    String fileKey,
    String head,
    int headLength,
    String tail,
    long offset,
    Map<String, Long> unfinished,
    Set<String> beheaded,
    Set<String> doubtful,
    @Nullable String file,
    @Nullable String directory,
    @Nullable Boolean ended,
    @Nullable Instant lookedAt) {

  public ShipperPosition {
    // Absent in positions from before lines were joined.
    unfinished = unfinished == null ? Map.of() : Map.copyOf(unfinished);
    beheaded = beheaded == null ? Set.of() : Set.copyOf(beheaded);
    doubtful = doubtful == null ? Set.of() : Set.copyOf(doubtful);
    ended = ended != null && ended;
  }

  /** A position between two lines. */
  public ShipperPosition(
      String host,
      String path,
      String fileKey,
      String head,
      int headLength,
      String tail,
      long offset) {
    this(
        host,
        path,
        fileKey,
        head,
        headLength,
        tail,
        offset,
        Map.of(),
        Set.of(),
        Set.of(),
        null,
        null,
        false,
        null);
  }

  /** Says that files which match a pattern are looked for, and since when none was overlooked. */
  public static ShipperPosition ofPattern(
      String host, String pattern, String fileKey, Instant lookedAt) {
    return new ShipperPosition(
        host, pattern, fileKey, "", 0, "", 0, Map.of(), Set.of(), Set.of(), null, null, false,
        lookedAt);
  }

  /** The same under another key, since another file bears its own by now. */
  public ShipperPosition withFileKey(String changed) {
    return new ShipperPosition(
        host,
        path,
        changed,
        head,
        headLength,
        tail,
        offset,
        unfinished,
        beheaded,
        doubtful,
        file,
        directory,
        ended,
        lookedAt);
  }

  public String recordKey() {
    return host + '\t' + fileKey;
  }

  /** Whether nothing of the file is missed once it is gone. */
  public boolean isEnded() {
    return Boolean.TRUE.equals(ended);
  }

  /**
   * @return where reading resumes, 0 or more
   */
  public long resumeFrom() {
    return unfinished.values().stream().reduce(offset, Math::min);
  }
}
