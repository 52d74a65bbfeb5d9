package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.ship.RotatedFiles.Found;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log file as its writer knows it, by path, with all that rotation makes of it. What has been
 * read is recognised by identity and content, so renaming, copying and several rotations at once
 * neither lose nor repeat lines.
 */
final class FollowedPath implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedPath.class);

  /** How often the directory is searched while nothing seems to happen. */
  private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long it is searched at every poll after a rotation, which may still be under way. */
  private static final long EAGER_SEARCH_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * How long a file that was there may be missing before anybody is told: rotation renames it, and
   * its writer creates the next one within moments, or seconds if scripts come in between.
   */
  private static final long ABSENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * How long a path that has ended is still looked at. Without end it would be looked at, and have
   * heartbeats, for ever: pods come and go.
   */
  private static final long REMEMBERED_NANOS = TimeUnit.HOURS.toNanos(1);

  /** Looked at of a file that is not read: more than a collector's longest piece, all escaped. */
  private static final int PASSED_OVER_BYTES = 256 * 1024;

  /** What is said of a file until it is told to be missing. */
  private static final String GONE =
      " went away while nobody followed it; unless it comes back within moments, what it may have"
          + " held beyond the last line read is reported missing (GET /v1/sources/gaps): ship its"
          + " last copy with backfill, or retire its source (POST /v1/sources/retire) if there is"
          + " none";

  /** Stands in keys of positions behind that of a file which another file bears by now. */
  private static final String WITHOUT_FILE = " gone ";

  /**
   * Begins the key of a position that is of no file: it says of a path what is known of the
   * beginning of what comes next. See {@link Beginning}.
   */
  private static final String MISSED = "missed ";

  /**
   * By so much of its first line a file can be told from others of its log: lines begin alike. With
   * less, what is told to be missing may not be.
   */
  private static final int LEAST_HEAD_BYTES = 256;

  /** Losses between two commits that are told one by one; all others are told as one. */
  private static final int MOST_LOSSES = 1_000;

  /**
   * A position without its file.
   *
   * @param truncated whether the live file was truncated before our eyes: what it holds now is new,
   *     even if it is the same again
   * @param idle whether nothing came before the truncation that was not read, as far as can be
   *     known
   */
  private record Lost(ShipperPosition position, boolean truncated, boolean idle) {}

  /**
   * What is known of lines that begin next, and stands in the position of no file.
   *
   * @param missed whether they may go on where a file ends that nobody has read
   * @param beheaded streams whose next line lacks its beginning, if no file is left to say it
   */
  private record Beginning(boolean missed, Set<String> beheaded) {
    static final Beginning KNOWN = new Beginning(false, Set.of());

    Beginning {
      beheaded = Set.copyOf(beheaded);
    }
  }

  /** Bytes that nobody will ship: a report without its time. */
  private record Loss(String file, long from, @Nullable Long to, String reason) {}

  private final Path path;
  private final FileFollower.Settings settings;
  private final LineSource source;
  private final LineJoiner joiner;

  /** Files that others follow. */
  private final Predicate<Found> taken;

  /** In the order in which they are read: the live file last. */
  private List<FollowedFile> files = new ArrayList<>();

  /** Positions whose file has not been found (yet). */
  private final List<Lost> lost = new ArrayList<>();

  private long lostSinceNanos;

  /** Sizes of files that were found and could not be opened, by file key. */
  private final Map<String, Long> unreadable = new HashMap<>();

  /** Not reported yet. */
  private final List<Loss> losses = new ArrayList<>();

  /** Lines passed on since the last commit. */
  private long lines;

  /** When everything there was had been read and passed on. */
  private @Nullable Long completeNanos;

  private @Nullable Long committedCompleteNanos;

  /** File keys whose positions are to be deleted. */
  private final Set<String> forgotten = new LinkedHashSet<>();

  /** Positions of files that are looked for and whose keys other files bear; not committed yet. */
  private final Map<String, ShipperPosition> aside = new HashMap<>();

  /** Where files lie that were compressed before they could be read. */
  private final CompressedFiles compressed;

  /** Files that may begin with the end of a line which lies in one that nobody has read. */
  private final Set<FollowedFile> doubtful = new HashSet<>();

  /**
   * Whether a file was missed, and none has been read since from its start on. Which of those that
   * begin goes on where it ends, nobody knows.
   */
  private boolean missedBeforeNext;

  /** What a position says of it. */
  private Beginning committedBeginning = Beginning.KNOWN;

  /** Whether what lies there already was rotated away before anybody followed this path. */
  private boolean first;

  private @Nullable String liveKey;

  /** Whether somebody named this very file, so that it is expected to be there. */
  private final boolean named;

  /** Of the directory when the live file was last there; null if it never was. */
  private @Nullable String directoryKey;

  private final KnownDirectories directories;

  /**
   * Whether its writer has ended: the file is gone from where it was, and all that was written to
   * it is read or told to be missing.
   */
  private boolean ended;

  /** Whether files may be where they were, and only nobody sees them. */
  private boolean hidden;

  /** When the live file was last there. */
  private long thereNanos;

  /** Whether nothing can be written to this path that is not seen. */
  private boolean seen;

  /** Why there is no live file; null while there is one, and while it may just be rotated. */
  private RotatedFiles.@Nullable Absence absence;

  /** Whether it was looked for at all. */
  private boolean searched;

  /** When it was last looked at. */
  private long polledNanos;

  /** When it had ended; while it has. */
  private long endedNanos;

  private long nextSearchNanos;
  private long eagerUntilNanos;

  /** Why a file could not be opened in the last search; empty if all could. */
  private String obstacle = "";

  /**
   * @param path also what its lines are said to come from
   * @param positions how far its files have been read
   * @param first whether it has never been followed before
   * @param appeared whether it was not there a moment ago: nothing came before
   * @param named whether this very file was named, rather than a pattern that it matches
   * @param lastLook when somebody last looked for it; null if nobody did
   * @param directories those in which files were recognised, of all paths
   */
  FollowedPath(
      Path path,
      boolean named,
      FileFollower.Settings settings,
      List<ShipperPosition> positions,
      boolean first,
      boolean appeared,
      @Nullable Instant lastLook,
      KnownDirectories directories,
      long nowNanos,
      Predicate<Found> taken,
      PathLineSink sink) {
    this.path = path;
    this.named = named;
    this.settings = settings;
    this.first = first;
    this.taken = taken;
    this.source = new LineSource(settings.host(), path.toString());
    this.compressed = new CompressedFiles(path, settings.host(), lastLook);
    this.directories = directories;
    LineFormat format = settings.formats().apply(source);
    this.joiner =
        new LineJoiner(
            format,
            (file, offset, bytes, from, to, extent) -> {
              lines++;
              sink.line(((FollowedFile) file).identity(), offset, bytes, from, to, extent);
            });
    List<ShipperPosition> ofFiles = new ArrayList<>();
    for (ShipperPosition position : positions) {
      if (position.fileKey().startsWith(MISSED)) {
        joiner.resume(position);
        joiner.trustBeginning(); // What goes on where it was left is no beginning.
        missedBeforeNext = !position.doubtful().isEmpty();
        committedBeginning = new Beginning(missedBeforeNext, position.beheaded());
        directoryKey = position.directory();
      } else {
        ofFiles.add(position);
      }
    }
    if (ofFiles.isEmpty() && !appeared) {
      joiner.doubtBeginning();
    }
    for (ShipperPosition position : ofFiles) {
      joiner.resume(position);
      compressed.reads(position.file());
      directoryKey = position.directory() == null ? directoryKey : position.directory();
      lost.add(new Lost(position, false, false));
    }
    this.lostSinceNanos = nowNanos;
    this.polledNanos = nowNanos;
    this.thereNanos = nowNanos - ABSENCE_NANOS;
    this.nextSearchNanos = nowNanos;
    this.eagerUntilNanos = nowNanos + EAGER_SEARCH_NANOS;
  }

  Path path() {
    return path;
  }

  /**
   * @return what keeps files from being read; empty if nothing does
   */
  String obstacle() {
    RotatedFiles.Absence found = absence;
    return obstacle.isEmpty() && found != null && found.hidden() ? found.reason() : obstacle;
  }

  /**
   * @return what is waited for although nothing is wrong for certain; empty if nothing is
   */
  String waitsFor() {
    RotatedFiles.Absence found = absence;
    if (found != null) {
      return found.hidden() ? "" : found.reason();
    }
    return isGone() ? path + GONE : "";
  }

  /** Whether a file that matched a pattern went away while nobody looked. */
  private boolean isGone() {
    return !named
        && seen
        && liveKey == null
        && files.isEmpty()
        && lost.stream().anyMatch(one -> !one.position.isEnded());
  }

  /**
   * Whether it is one of those that are followed. While one is open no other can have its inode;
   * one that was closed, since it was read to its end, may be gone: then it is forgotten here.
   */
  boolean stillFollows(Found found) {
    FollowedFile file = file(found.fileKey());
    if (file == null || file.channel() != null) {
      return file != null;
    }
    try (FileChannel channel = FileChannel.open(found.path(), StandardOpenOption.READ)) {
      if (FileContent.matches(channel, file.position())) {
        return true;
      }
    } catch (IOException e) {
      return true; // Whoever looks again will know.
    }
    files.remove(file);
    forgotten.add(file.fileKey());
    return false;
  }

  /**
   * Reads what is new.
   *
   * @param full asked after each block: whether to stop
   * @return whether there is more to read at once
   */
  boolean poll(long nowNanos, BooleanSupplier full) throws IOException {
    if (nowNanos - polledNanos > FileFollower.LONGEST_BLINK.toNanos() && files.isEmpty()) {
      if (lost.isEmpty()) {
        joiner.doubtBeginning(); // What appears now may have been rotated away before, unseen.
      }
      nextSearchNanos = nowNanos;
    }
    polledNanos = nowNanos;
    Found live = RotatedFiles.find(path, true);
    String key = live == null ? null : live.fileKey();
    if (!Objects.equals(key, liveKey)) {
      liveKey = key;
      eagerUntilNanos = nowNanos + EAGER_SEARCH_NANOS;
    }
    notePresence(live != null, nowNanos);
    if (nowNanos - eagerUntilNanos < 0 || nowNanos - nextSearchNanos >= 0) {
      nextSearchNanos = nowNanos + SEARCH_NANOS;
      // What has been seen since may lie compressed there by now.
      look(nowNanos);
      search(nowNanos);
    }
    look(nowNanos);
    if (lost.stream().anyMatch(one -> !one.position.unfinished().isEmpty())) {
      return false; // What comes next may end the lines that begin in the file looked for.
    }
    for (FollowedFile file : List.copyOf(files)) {
      if (full.getAsBoolean()) {
        return true;
      }
      if (isBeginning(file) && (missedBeforeNext || doubtful.contains(file))) {
        doubtful.add(file);
        joiner.doubtBeginning();
      }
      FollowedFile.Outcome outcome = file.read(nowNanos);
      while (outcome == FollowedFile.Outcome.READ) {
        if (full.getAsBoolean()) {
          return true;
        }
        outcome = file.read(nowNanos);
      }
      if (outcome == FollowedFile.Outcome.REWRITTEN) {
        // What has been read of it is committed first.
        if (!file.hasChanged()) {
          rewritten(file, nowNanos);
        }
        return true;
      }
      if (file.isQuiet(nowNanos, settings.graceNanos())) {
        file.finish();
      }
    }
    if (seen
        && obstacle.isEmpty()
        && lost.isEmpty()
        && files.stream().allMatch(FollowedFile::isClean)) {
      completeNanos = nowNanos;
    }
    return false;
  }

  private void look(long nowNanos) throws IOException {
    for (FollowedFile file : files) {
      file.look(nowNanos);
    }
  }

  /** Whether its first line is still to come: one that was rotated away empty has none. */
  private static boolean isBeginning(FollowedFile file) {
    return file.offset() == 0 && (file.isLive() || file.hasBytes());
  }

  /**
   * A file that somebody named is expected to be there: while it is not, nobody knows whether lines
   * are written to it elsewhere. One that matched a pattern is gone with its writer, as long as the
   * directory is the one that it was in, and its name is gone from there.
   */
  private void notePresence(boolean there, long nowNanos) throws IOException {
    if (there) {
      String key = RotatedFiles.directoryKey(path);
      directoryKey = key == null ? directoryKey : key;
      thereNanos = nowNanos;
      absence = null;
      seen = true;
      ended = false;
      hidden = false;
      return;
    }
    boolean anywhere = ended || directories.isKnown(path, RotatedFiles.directoryKey(path));
    RotatedFiles.Absence found = RotatedFiles.absence(path, anywhere ? null : directoryKey);
    hidden = found.hidden();
    boolean rotating = found.mayBeRotation() && nowNanos - thereNanos < ABSENCE_NANOS;
    seen = !named && !found.hidden();
    absence = !rotating && (named || found.hidden()) ? found : null;
  }

  /**
   * @return the latest instant, by the clock given to {@link #poll}, before which everything
   *     written to the files has been passed on; null if there is none
   */
  @Nullable Long completeNanos() {
    return completeNanos;
  }

  /** Whether the file is gone with its writer, and that is known for certain by now. */
  boolean isEnded() {
    return ended && completeNanos != null;
  }

  /**
   * Whether it ended long ago, and everybody knows: if a file of that name comes, it is another.
   */
  boolean isHistory(long nowNanos) {
    return isEnded()
        && files.isEmpty()
        && lost.isEmpty()
        && losses.isEmpty()
        && forgotten.isEmpty()
        && committedBeginning.equals(Beginning.KNOWN)
        && nowNanos - endedNanos >= REMEMBERED_NANOS;
  }

  /** Whether all files of it that there were at an instant have been looked at. */
  boolean isSearchedSince(long nanos) {
    return searched && polledNanos - nanos >= 0;
  }

  LineSource source() {
    return source;
  }

  /**
   * @param reports takes what must be committed together with the lines passed on
   */
  void reports(Instant at, List<SourceInput> reports) {
    long unreported = lines;
    for (FollowedFile file : files) {
      FollowedFile.Progress progress = file.progress();
      if (progress != null) {
        reports.add(
            new SourceInput.Shipped(
                source,
                progress.file(),
                progress.from(),
                progress.to(),
                progress.size(),
                progress.ended(),
                unreported,
                at,
                null));
        unreported = 0;
        if (progress.lostTo() > progress.lostFrom()) {
          String reason = "the end of a line in pieces never came";
          reports.add(
              new SourceInput.Lost(
                  source, progress.file(), progress.lostFrom(), progress.lostTo(), reason, at));
        }
      }
    }
    for (Loss loss : losses) {
      reports.add(new SourceInput.Lost(source, loss.file, loss.from, loss.to, loss.reason, at));
    }
  }

  /** Copied away and truncated, or just truncated: follows the copy if there is one. */
  private void rewritten(FollowedFile file, long nowNanos) throws IOException {
    LOG.info("{} was truncated after byte {}; reading it from its start", path, file.offset());
    boolean idle = file.isClean() && file.wasIdle(nowNanos);
    file.close();
    files.remove(file);
    if (lost.isEmpty()) {
      lostSinceNanos = nowNanos;
    }
    lost.add(new Lost(file.position(), true, idle));
    joiner.forget(file);
    eagerUntilNanos = nowNanos + EAGER_SEARCH_NANOS;
    search(nowNanos);
  }

  private void search(long nowNanos) throws IOException {
    obstacle = "";
    List<Found> family = new ArrayList<>();
    for (Found found : RotatedFiles.family(path, this::cannotSee)) {
      if (!taken.test(found)) {
        family.add(found);
      }
    }
    boolean allSeen = obstacle.isEmpty();
    if (family.isEmpty() && files.isEmpty() && lost.isEmpty()) {
      if (hidden) {
        joiner.doubtBeginning(); // It may be there already, where nobody sees it.
      } else {
        joiner.trustBeginning();
      }
    }
    Map<String, Integer> order = new HashMap<>();
    List<Found> unknown = new ArrayList<>();
    for (Found found : family) {
      order.put(found.fileKey(), order.size());
      if (!recognise(found, nowNanos)) {
        unknown.add(found);
      }
    }
    // First those under their own identity: a copy must not take the place of the file itself.
    for (Found found : List.copyOf(unknown)) {
      if (resume(found, l -> l.position.fileKey().equals(found.fileKey()), nowNanos)) {
        unknown.remove(found);
      }
    }
    for (Found found : unknown) {
      if (!resume(found, l -> hasContent(l) || isHeadOf(found, l), nowNanos)) {
        begin(found, nowNanos);
      }
    }
    sort(order);
    doubtBehindLost();
    loseCompressed(nowNanos);
    leaveVanished(order.keySet(), allSeen, nowNanos);
    if (allSeen) {
      loseUnreadable(order.keySet());
    }
    // One that matched a pattern is gone with its writer, where it would be seen.
    forgetLost(!family.isEmpty() || (!named && seen), allSeen, nowNanos);
    boolean nothingLeft = allSeen && family.isEmpty() && files.isEmpty() && lost.isEmpty();
    if (!ended && !named && seen && nothingLeft) {
      ended = true;
      endedNanos = nowNanos;
    }
    first = false;
    searched = true;
  }

  /** As they were written; what is gone keeps its place behind what was written before it. */
  private void sort(Map<String, Integer> order) {
    Map<FollowedFile, Integer> places = new HashMap<>();
    int place = -1;
    for (FollowedFile file : files) {
      place = order.getOrDefault(file.fileKey(), place);
      places.put(file, place);
    }
    files.sort(Comparator.comparing(places::get));
  }

  /** Whether the file is one of those that are followed already. */
  private boolean recognise(Found found, long nowNanos) throws IOException {
    FollowedFile file = file(found.fileKey());
    if (file == null) {
      return false;
    }
    file.setLive(found.live(), nowNanos);
    file.setDirectory(directoryKey);
    if (file.channel() != null) {
      return true;
    }
    FileChannel channel = open(found);
    if (channel == null) {
      return true; // Renamed or deleted meanwhile: the next search sees it.
    }
    // Of an empty one nothing was read: what is not empty is another that has its inode.
    boolean same =
        FileContent.matches(channel, file.position()) && (file.offset() > 0 || found.size() == 0);
    if (same && (found.live() || found.size() > file.offset())) {
      file.reopen(channel, nowNanos);
      return true;
    }
    channel.close();
    if (!same) {
      // The file was deleted and its inode used again.
      files.remove(file);
    }
    return same;
  }

  /** Goes on where a file with this content was left. */
  private boolean resume(Found found, Predicate<Lost> candidate, long nowNanos) throws IOException {
    List<Lost> candidates =
        lost.stream()
            .filter(l -> !(l.truncated && found.live()))
            .filter(l -> !isEmptyAndEnded(l.position) || found.size() == 0)
            .filter(candidate)
            .toList();
    FileChannel channel = candidates.isEmpty() ? null : open(found);
    if (channel == null) {
      return false;
    }
    for (Lost one : candidates) {
      ShipperPosition position = one.position;
      if (FileContent.matches(channel, position)) {
        boolean same = position.fileKey().equals(found.fileKey());
        if (position.offset() > 0) {
          directories.recognised(path);
        }
        follow(found, channel, position, same, nowNanos);
        lost.remove(one);
        if (!same) {
          forgotten.add(position.fileKey());
        }
        return true;
      }
    }
    channel.close();
    return false;
  }

  /**
   * Whether a file can be recognised by what was read of it. If that is nothing, any file would do:
   * only its key tells, unless it was copied, or keys have changed with the directory.
   */
  private boolean hasContent(Lost one) {
    return one.position.offset() > 0
        || one.truncated
        || one.position.directory() == null
        || !one.position.directory().equals(directoryKey);
  }

  /**
   * Whether the file may be the copy of one that was truncated before a whole line of it was read:
   * what that held at first tells little, but its writer goes on with it from the start.
   */
  private boolean isHeadOf(Found found, Lost one) {
    return !found.live()
        && one.position.headLength() >= LEAST_HEAD_BYTES
        && liveKey != null
        && (one.position.fileKey() + WITHOUT_FILE).startsWith(liveKey + WITHOUT_FILE);
  }

  /** Whether nothing was read of it, and nothing was to come. */
  private static boolean isEmptyAndEnded(ShipperPosition position) {
    return position.isEnded() && position.offset() == 0;
  }

  /** A file never seen before. */
  private void begin(Found found, long nowNanos) throws IOException {
    if (!found.live() && isAnyRewritten()) {
      return; // It may be what the rewritten file was, which will be searched for.
    }
    FileChannel channel = open(found);
    if (channel == null) {
      return;
    }
    boolean rotated = !found.live();
    if (isAnotherSightOf(channel)) {
      directories.recognised(path);
    }
    if (rotated && isCopy(channel)) {
      // Its lines are read from the original, or from here once that is truncated.
      channel.close();
    } else {
      if (isBeforeUnknown()) {
        joiner.doubtBeginning();
      }
      long offset = rotated && first ? passOver(channel) : 0;
      ShipperPosition position =
          new ShipperPosition(settings.host(), path.toString(), found.fileKey(), "", 0, "", offset);
      follow(found, channel, position, false, nowNanos);
    }
  }

  /** Whether the file before a new one is gone, with lines in it that nobody may have read. */
  private boolean isBeforeUnknown() {
    return files.isEmpty() ? !lost.isEmpty() : lost.stream().anyMatch(Lost::truncated);
  }

  /**
   * What is gone may hold the beginning of the first line of a file that was known before. Where
   * one lay of which nothing was read, nobody knows.
   */
  private void doubtBehindLost() {
    for (FollowedFile file : files) {
      boolean oldest = file.equals(files.get(0));
      if (file.offset() == 0
          && lost.stream()
              .map(Lost::position)
              .anyMatch(gone -> !gone.isEnded() && (oldest || gone.offset() == 0))) {
        doubtful.add(file);
      }
    }
  }

  /** A file from before anybody followed this path: its lines are left to a backfill. */
  private long passOver(FileChannel channel) throws IOException {
    long size = channel.size();
    int length = (int) Math.min(size, PASSED_OVER_BYTES);
    joiner.passOver(FileContent.read(channel, size - length, length));
    return size;
  }

  private boolean isAnyRewritten() throws IOException {
    for (FollowedFile file : files) {
      if (file.isRewritten()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a file that is followed lies there under another identity. */
  private boolean isAnotherSightOf(FileChannel channel) throws IOException {
    for (FollowedFile file : files) {
      if (file.offset() > 0 && FileContent.matches(channel, file.position())) {
        return true;
      }
    }
    return false;
  }

  private boolean isCopy(FileChannel channel) throws IOException {
    for (FollowedFile file : files) {
      FileChannel original = file.channel();
      if (original != null && FileContent.isPrefix(channel, original)) {
        return true;
      }
    }
    return false;
  }

  private FollowedFile follow(
      Found found, FileChannel channel, ShipperPosition position, boolean committed, long nowNanos)
      throws IOException {
    FollowedFile file =
        new FollowedFile(
            position,
            found.fileKey(),
            channel,
            committed,
            found.live(),
            nowNanos,
            settings.blockBytes(),
            joiner);
    file.setDirectory(directoryKey);
    files.add(file);
    LOG.info("following {} from byte {}", found.path(), position.offset());
    return file;
  }

  /** Opens the file that was found, or nothing if the name means another one by now. */
  private @Nullable FileChannel open(Found found) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(found.path(), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return null;
    } catch (AccessDeniedException e) {
      obstacle = found.path() + " cannot be read: permission denied";
      unreadable.put(found.fileKey(), found.size());
      return null;
    }
    unreadable.remove(found.fileKey());
    Found now = RotatedFiles.find(found.path(), found.live());
    if (now == null || !now.fileKey().equals(found.fileKey())) {
      channel.close();
      return null;
    }
    return channel;
  }

  /**
   * @param allSeen whether nothing lies there that cannot be looked at: it may be what is not found
   */
  private void leaveVanished(Set<String> present, boolean allSeen, long nowNanos)
      throws IOException {
    if (hidden) {
      return; // They are not gone: what they hold may go on once they are seen again.
    }
    for (FollowedFile file : List.copyOf(files)) {
      boolean gone = !present.contains(file.fileKey());
      if (gone) {
        file.setLive(false, nowNanos);
      }
      if (file.channel() == null ? gone : file.isDone() && !file.isLive()) {
        file.close();
        if (gone && allSeen) {
          files.remove(file);
          forgotten.add(file.fileKey());
        }
      }
    }
  }

  private void cannotSee(Path file, IOException reason) {
    obstacle = file + " cannot be read: " + reason;
  }

  /** What nobody read while it could be read. */
  private void loseCompressed(long nowNanos) throws IOException {
    files.forEach(file -> compressed.reads(file.identity()));
    List<String> missed = new ArrayList<>();
    for (Lost one : lost) {
      if (one.position.file() != null) {
        missed.add(one.position.file());
      }
    }
    List<CompressedFiles.Unread> unread = compressed.unread(missed, nowNanos, this::cannotSee);
    unread.forEach(one -> lose(one.file(), 0, null, one.reason()));
    if (!unread.isEmpty()) {
      missedBeforeNext = true;
    }
  }

  /** What could not be opened, and is gone now, was never read. */
  private void loseUnreadable(Set<String> present) {
    unreadable
        .entrySet()
        .removeIf(
            file -> {
              boolean gone = !present.contains(file.getKey());
              if (gone && file.getValue() > 0) {
                lose(SourceState.UNKNOWN_FILE, 0, file.getValue(), "the file was never readable");
              }
              return gone;
            });
  }

  private void lose(String file, long from, @Nullable Long to, String reason) {
    if (losses.size() < MOST_LOSSES) {
      losses.add(new Loss(file, from, to, reason));
    } else if (losses.size() == MOST_LOSSES) {
      losses.add(new Loss(SourceState.UNKNOWN_FILE, 0, null, reason + ", and more like it"));
    }
  }

  /**
   * @param allSeen whether nothing lies there that cannot be looked at: it may be what was read to
   *     its end, and would be read again
   */
  private void forgetLost(boolean searchable, boolean allSeen, long nowNanos) {
    if (lost.isEmpty() || !searchable || nowNanos - lostSinceNanos < settings.graceNanos()) {
      return;
    }
    List<Lost> gone = lost.stream().filter(l -> allSeen || !l.position.isEnded()).toList();
    for (Lost one : gone) {
      forgotten.add(one.position.fileKey());
      if (one.position.isEnded()) {
        continue; // Gone as old files go.
      }
      LOG.warn(
          "a file of {}, read up to byte {}, is gone; if it held more, ship the rest with backfill",
          path,
          one.position.offset());
      String name = one.position.file() == null ? SourceState.UNKNOWN_FILE : one.position.file();
      long from = one.position.resumeFrom();
      if (!one.truncated) {
        lose(name, from, null, "the file was gone before its end was read");
      } else if (!one.idle) {
        lose(name, from, null, "the file was truncated, and may have held more than was read");
      }
      if (!one.position.unfinished().isEmpty()) {
        joiner.lostPieces();
      }
    }
    lost.removeAll(gone);
  }

  private @Nullable FollowedFile file(String fileKey) {
    for (FollowedFile file : files) {
      if (file.fileKey().equals(fileKey)) {
        return file;
      }
    }
    return null;
  }

  /**
   * Gives positions of files that are looked for other keys if files bear theirs: these have their
   * inodes, or are the same ones truncated. Whoever starts anew must still know what was missed.
   *
   * @param borne keys of files that are followed
   */
  void stepAside(Set<String> borne) {
    for (Lost one : List.copyOf(lost)) {
      ShipperPosition position = one.position;
      if (borne.contains(position.fileKey()) && !(one.truncated && one.idle)) {
        ShipperPosition moved =
            position.withFileKey(position.fileKey() + WITHOUT_FILE + position.head());
        lost.set(lost.indexOf(one), new Lost(moved, one.truncated, one.idle));
        aside.put(moved.fileKey(), moved);
      }
    }
  }

  /**
   * @param keys takes those of files that are followed
   */
  void fileKeys(Set<String> keys) {
    files.forEach(file -> keys.add(file.fileKey()));
  }

  /**
   * @param positions takes null for positions to be deleted, by file key
   */
  void deletions(Map<String, @Nullable ShipperPosition> positions) {
    forgotten.forEach(fileKey -> positions.put(fileKey, null));
  }

  /**
   * To be called for all paths after {@link #deletions}: a key that one of them forgets can be in
   * use again, here or there.
   *
   * @param positions takes what must be committed, by file key
   */
  void changes(Map<String, @Nullable ShipperPosition> positions) {
    aside.forEach(
        (fileKey, position) -> {
          if (!forgotten.contains(fileKey)) {
            positions.put(fileKey, position);
          }
        });
    for (FollowedFile file : files) {
      if (file.hasChanged()) {
        positions.put(file.fileKey(), file.position());
      } else {
        positions.remove(file.fileKey());
      }
    }
    Beginning beginning = beginningOnceCommitted();
    if (!beginning.equals(committedBeginning)) {
      String key = MISSED + path;
      positions.put(key, beginning.equals(Beginning.KNOWN) ? null : position(key, beginning));
    }
  }

  private ShipperPosition position(String key, Beginning beginning) {
    return new ShipperPosition(
        settings.host(),
        path.toString(),
        key,
        "",
        0,
        "",
        0,
        Map.of(),
        beginning.beheaded(),
        beginning.missed() ? LineJoiner.allStreams() : Set.of(),
        null,
        directoryKey,
        false,
        null);
  }

  /**
   * Until lines behind the doubt are committed, whoever starts anew must know of it. Once the path
   * is forgotten with its writer, what bears its name is another's.
   */
  private Beginning beginningOnceCommitted() {
    if (ended && polledNanos - endedNanos >= REMEMBERED_NANOS) {
      return Beginning.KNOWN;
    }
    boolean stillBeginning =
        files.stream()
            .anyMatch(file -> isBeginning(file) && (missedBeforeNext || doubtful.contains(file)));
    return new Beginning(
        (missedBeforeNext && !isDoubtPassed()) || stillBeginning,
        files.isEmpty() ? joiner.streamsBefore(LineExtent.PART) : Set.of());
  }

  /** Whether a first line that was doubted has been read. */
  private boolean isDoubtPassed() {
    return files.stream().anyMatch(file -> file.offset() > 0 && doubtful.contains(file));
  }

  void committed() {
    lines = 0;
    committedCompleteNanos = completeNanos;
    losses.clear();
    forgotten.clear();
    aside.clear();
    joiner.committed();
    files.forEach(FollowedFile::committed);
    committedBeginning = beginningOnceCommitted();
    if (missedBeforeNext && isDoubtPassed()) {
      missedBeforeNext = false;
      files.stream().filter(FollowedPath::isBeginning).forEach(doubtful::add);
    }
    doubtful.removeIf(file -> file.offset() > 0 || !files.contains(file));
  }

  void rolledBack() {
    lines = 0;
    completeNanos = committedCompleteNanos;
    joiner.reset();
    files.forEach(FollowedFile::rolledBack);
  }

  @Override
  public void close() throws IOException {
    for (FollowedFile file : files) {
      file.close();
    }
  }
}
