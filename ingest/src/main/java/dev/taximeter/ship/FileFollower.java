package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.ship.RotatedFiles.Found;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows files that grow and rotate, and passes on each of their lines once. Knows no Kafka: what
 * it has read counts once the caller says that it is committed, and is read again if the caller
 * says that it was rolled back. Not thread-safe.
 */
final class FileFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileFollower.class);

  /** File key of the record which says that a pattern is being followed, before its path. */
  private static final String BEGUN = "begun:";

  /** How often files that match a pattern are looked for. */
  private static final long EXPANSION_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Who has not looked for longer may have overlooked files that came and went. */
  static final Duration LONGEST_BLINK = Duration.ofSeconds(5);

  /** How old the record of the last look at a pattern may be. */
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(30);

  private static final Pattern GLOB = Pattern.compile(".*[*?\\[{].*");

  /**
   * @param host the machine's name in positions
   * @param blockBytes most bytes read at once
   * @param graceNanos how long a file that was rotated away may still grow
   * @param formats what a collector put around the lines of a source
   * @param clock that of the files' times
   */
  record Settings(
      String host,
      int blockBytes,
      long graceNanos,
      Function<LineSource, LineFormat> formats,
      InstantSource clock) {}

  /**
   * How far a source has been passed on.
   *
   * @param completeNanos by the clock given to {@link #poll}: everything written before has been
   *     passed on; null if nothing is known
   * @param ended whether the file is gone with its writer, and nothing of it is waited for
   */
  record Completeness(LineSource source, @Nullable Long completeNanos, boolean ended) {}

  private final Settings settings;
  private final List<String> patterns;
  private final Function<String, PathLineSink> sinks;

  /** Of paths that are not followed yet: what others had then says nothing by now. */
  private final List<ShipperPosition> positions;

  private final List<FollowedPath> paths = new ArrayList<>();

  /** Patterns known to have been followed before. */
  private final Set<String> begun = new LinkedHashSet<>();

  private final Set<String> newlyBegun = new LinkedHashSet<>();

  /** Patterns of which all files that there were have been found. */
  private final Set<String> searched = new HashSet<>();

  /** When files that match a pattern were last looked for, by pattern. */
  private final Map<String, Instant> looks = new HashMap<>();

  /** Looks since which some path may not have had its turn: others had too much to read. */
  private final Map<String, Instant> pendingLooks = new HashMap<>();

  private long pendingNanos;

  /** Those since which each path has had its turn. */
  private final Map<String, Instant> finishedLooks = new HashMap<>();

  /** Those that are committed, and those that are being committed. */
  private final Map<String, Instant> committedLooks = new HashMap<>();

  private final Map<String, Instant> changedLooks = new HashMap<>();

  private final KnownDirectories directories = new KnownDirectories();

  private String obstacle = "";

  /** What the last search for files that match patterns met. */
  private String patternObstacle = "";

  private String waitsFor = "";

  private boolean expanded;
  private long nextExpansionNanos;
  private long polledNanos;

  /** Which path is read first: each in turn, so that none waits for ever. */
  private int turn;

  /**
   * @param patterns absolute paths of files; the last element may be a glob
   * @param positions how far files of this host have been read; others are left alone
   * @param sinks gives the taker of lines for a source path
   */
  FileFollower(
      Settings settings,
      List<String> patterns,
      Collection<ShipperPosition> positions,
      Function<String, PathLineSink> sinks) {
    this.settings = settings;
    this.patterns = List.copyOf(patterns);
    this.sinks = sinks;
    this.positions =
        new ArrayList<>(positions.stream().filter(p -> p.host().equals(settings.host())).toList());
    for (ShipperPosition position : this.positions) {
      if (position.fileKey().startsWith(BEGUN)) {
        begun.add(position.path());
        if (position.lookedAt() != null) {
          looks.put(position.path(), position.lookedAt());
          committedLooks.put(position.path(), position.lookedAt());
        }
      }
    }
  }

  /**
   * Reads what is new.
   *
   * @param nowNanos a clock that only goes forward
   * @param full asked after each block: whether to stop
   * @return whether there is more to read at once
   */
  boolean poll(long nowNanos, BooleanSupplier full) {
    waitsFor = "";
    polledNanos = nowNanos;
    if (!expanded || nowNanos - nextExpansionNanos >= 0) {
      expanded = true;
      nextExpansionNanos = nowNanos + EXPANSION_NANOS;
      patternObstacle = "";
      expand(nowNanos);
      if (pendingLooks.isEmpty()) {
        pendingLooks.putAll(looks);
        pendingNanos = nowNanos;
      }
    }
    obstacle = patternObstacle;
    boolean more = false;
    int size = paths.size();
    turn = size == 0 ? 0 : (turn + 1) % size;
    for (int i = 0; i < size && !full.getAsBoolean(); i++) {
      FollowedPath path = paths.get((turn + i) % size);
      try {
        more |= path.poll(nowNanos, full);
        obstacle = obstacle.isEmpty() ? path.obstacle() : obstacle;
        waitsFor = waitsFor.isEmpty() ? path.waitsFor() : waitsFor;
      } catch (IOException e) {
        obstacle = obstacle(path.path().toString(), e);
      }
    }
    return more || full.getAsBoolean();
  }

  private static String obstacle(String what, IOException e) {
    return what + " cannot be read: " + e;
  }

  private void expand(long nowNanos) {
    for (String pattern : patterns) {
      try {
        expand(pattern, nowNanos);
      } catch (IOException e) {
        patternObstacle = obstacle(pattern, e);
      }
    }
  }

  private void expand(String pattern, long nowNanos) throws IOException {
    boolean first = !begun.contains(pattern);
    Instant look = settings.clock().instant();
    Instant lastLook = looks.get(pattern);
    // After a longer while what is there may have begun, and been rotated away in part, unseen.
    boolean watched = searched.contains(pattern) && lastLook != null && !isLongAgo(lastLook);
    String before = patternObstacle;
    patternObstacle = "";
    for (Path path : matching(pattern)) {
      if (path.toString().chars().anyMatch(Character::isISOControl)) {
        // One such file must not keep the others waiting.
        patternObstacle =
            "a file that matches " + pattern + " has a control character in its name; rename it";
        continue;
      }
      if (paths.stream().noneMatch(p -> p.path().equals(path))) {
        List<ShipperPosition> known =
            positions.stream()
                .filter(p -> p.path().equals(path.toString()) && !p.fileKey().startsWith(BEGUN))
                .toList();
        paths.add(
            new FollowedPath(
                path,
                patterns.contains(path.toString()),
                settings,
                known,
                first && known.isEmpty(),
                watched,
                lastLook,
                directories,
                nowNanos,
                found -> isTaken(path, found),
                sinks.apply(path.toString())));
        positions.removeAll(known);
      }
    }
    if (patternObstacle.isEmpty()) {
      searched.add(pattern);
      looks.put(pattern, look);
      patternObstacle = before;
    }
    if (first) {
      begun.add(pattern);
      newlyBegun.add(pattern);
    }
  }

  /** Live files of a pattern: those there are, and those that are followed or were. */
  private Set<Path> matching(String pattern) throws IOException {
    Path path = Path.of(pattern);
    Path name = path.getFileName();
    Path directory = path.getParent();
    if (name == null || directory == null || !GLOB.matcher(name.toString()).matches()) {
      return Set.of(path);
    }
    if (!Files.isDirectory(directory)) {
      // What will be there then may have begun long before.
      searched.remove(pattern);
      patternObstacle =
          "nothing that matches %s can be read: there is no directory %s; mount or create it"
              .formatted(pattern, directory);
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + name);
    Set<Path> candidates = new TreeSet<>(RotatedFiles.list(directory));
    for (ShipperPosition position : positions) {
      if (!position.fileKey().startsWith(BEGUN)) {
        candidates.add(Path.of(position.path()));
      }
    }
    paths.forEach(followed -> candidates.add(followed.path()));
    Set<Path> matching = new TreeSet<>();
    for (Path candidate : candidates) {
      if (directory.equals(candidate.getParent())
          && matcher.matches(candidate.getFileName())
          && mayBeLog(candidate)
          && !RotatedFiles.isCompressed(candidate)) {
        matching.add(candidate);
      }
    }
    Instant look = looks.get(pattern);
    if (look != null && (!searched.contains(pattern) || isLongAgo(look))) {
      matching.addAll(rotatedSince(look, directory, matcher));
    }
    // What rotation makes of another match is followed together with that.
    matching.removeIf(
        candidate ->
            matching.stream()
                .anyMatch(
                    o ->
                        !o.equals(candidate)
                            && RotatedFiles.isRotated(candidate, String.valueOf(o.getFileName()))));
    return matching;
  }

  /**
   * Live files of which nothing but what rotation made of them may be left, by now: they can have
   * begun and ended since the last look. What is not compressed is read, all else is missed.
   */
  private Set<Path> rotatedSince(Instant look, Path directory, PathMatcher names)
      throws IOException {
    Set<Path> live = new TreeSet<>();
    for (Path file : RotatedFiles.list(directory)) {
      Path name = RotatedFiles.liveNameOf(file, names::matches);
      try {
        Found found = name == null ? null : RotatedFiles.find(file, false);
        if (name != null && found != null && found.isSince(look)) {
          live.add(name);
        }
      } catch (IOException e) {
        // One such file must not keep the others waiting.
        patternObstacle = obstacle(file.toString(), e);
      }
    }
    return live;
  }

  private boolean isLongAgo(Instant look) {
    return Duration.between(look, settings.clock().instant()).compareTo(LONGEST_BLINK) > 0;
  }

  /**
   * A pattern may match what nobody could follow; what a position speaks of was a file once, and is
   * missed whatever bears its name now.
   */
  private boolean mayBeLog(Path candidate) {
    return Files.isRegularFile(candidate)
        || paths.stream().anyMatch(p -> p.path().equals(candidate))
        || positions.stream().anyMatch(p -> p.path().equals(candidate.toString()));
  }

  private boolean isTaken(Path asker, Found found) {
    for (FollowedPath path : paths) {
      if (!path.path().equals(asker)
          && (path.stillFollows(found) || path.path().equals(found.path()))) {
        return true;
      }
    }
    return false;
  }

  /**
   * @return what keeps a file from being read; empty if nothing does
   */
  String obstacle() {
    return obstacle;
  }

  /**
   * @return a file that is waited for because it is not there; empty if all are
   */
  String waitsFor() {
    return waitsFor;
  }

  /**
   * @return what must be committed together with the lines passed on, by file key; null for
   *     positions to be deleted
   */
  Map<String, @Nullable ShipperPosition> changes() {
    Map<String, @Nullable ShipperPosition> changes = new LinkedHashMap<>();
    changedLooks.clear();
    // What was found then may have to be missed: whoever starts anew must look at it again.
    if (paths.stream().allMatch(path -> path.isSearchedSince(pendingNanos))) {
      finishedLooks.putAll(pendingLooks);
      pendingLooks.clear();
    }
    for (String pattern : begun) {
      Instant committed = committedLooks.get(pattern);
      Instant look = finishedLooks.getOrDefault(pattern, committed);
      if (newlyBegun.contains(pattern) || isNews(look, committed)) {
        String fileKey = BEGUN + pattern;
        changes.put(
            fileKey,
            look == null
                ? new ShipperPosition(settings.host(), pattern, fileKey, "", 0, "", 0)
                : ShipperPosition.ofPattern(settings.host(), pattern, fileKey, look));
        if (look != null) {
          changedLooks.put(pattern, look);
        }
      }
    }
    Set<String> borne = new HashSet<>();
    paths.forEach(path -> path.fileKeys(borne));
    paths.forEach(path -> path.stepAside(borne));
    paths.forEach(path -> path.deletions(changes));
    paths.forEach(path -> path.changes(changes));
    return changes;
  }

  /** The clock may have been set back. */
  private static boolean isNews(@Nullable Instant look, @Nullable Instant committed) {
    return look != null
        && (committed == null
            || Duration.between(committed, look).abs().compareTo(LOOK_INTERVAL) >= 0);
  }

  /**
   * @return what must be committed together with the lines passed on, beside {@link #changes}
   */
  List<SourceInput> reports(Instant at) {
    List<SourceInput> reports = new ArrayList<>();
    paths.forEach(path -> path.reports(at, reports));
    return reports;
  }

  /**
   * @return how far each source has been passed on
   */
  List<Completeness> completeness() {
    return paths.stream()
        .map(p -> new Completeness(p.source(), p.completeNanos(), p.isEnded()))
        .toList();
  }

  /** What has been read, and {@link #changes}, is committed. */
  void committed() {
    newlyBegun.clear();
    committedLooks.putAll(changedLooks);
    changedLooks.clear();
    paths.forEach(FollowedPath::committed);
    paths.removeIf(path -> path.isHistory(polledNanos));
  }

  /** What has been read since the last commit will be read again. */
  void rolledBack() {
    paths.forEach(FollowedPath::rolledBack);
  }

  @Override
  public void close() {
    for (FollowedPath path : paths) {
      try {
        path.close();
      } catch (IOException e) {
        LOG.debug("closing {}", path.path(), e);
      }
    }
  }
}
