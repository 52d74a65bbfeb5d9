package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Logs that are written, rotated and deleted at random while a follower reads them, is stopped,
 * started and rolled back; and what came of their lines.
 */
final class RotatedLogs implements AutoCloseable {
  static final List<String> NAMES = List.of("a.log", "b.log");
  private static final Duration GRACE = Duration.ofSeconds(60);

  /** A file as its writer knows it, wherever it lies by now. */
  static final class Written {
    private String first = "";
    private long size;
    private boolean seen;
    private @Nullable Path path;

    boolean isPlain() {
      return path != null && !path.toString().endsWith(".gz");
    }

    boolean isRotated(String name) {
      return isPlain() && String.valueOf(path).contains(name + ".");
    }
  }

  /** What was written at once. */
  record Piece(Written file, long offset) {}

  /** A line that was shipped. */
  private record Shipped(String text, LineExtent extent) {}

  private final Path directory;
  private final LineFormat format;
  private final List<Written> files = new ArrayList<>();
  private final List<Shipped> shipped = new ArrayList<>();
  private final List<Shipped> uncommitted = new ArrayList<>();
  private final List<SourceInput.Lost> lost = new ArrayList<>();
  private final Map<String, ShipperPosition> positions = new HashMap<>();
  private final StringBuilder trace = new StringBuilder();
  private final Random random;
  private final List<String> patterns;
  private @Nullable FileFollower follower;
  private Instant clock = Instant.now();
  private long nowNanos;
  private int number;

  /**
   * @param directory emptied first
   */
  RotatedLogs(Path directory, LineFormat format, Random random) throws IOException {
    this.directory = directory;
    this.format = format;
    this.random = random;
    for (Path file : RotatedFiles.list(directory)) {
      Files.delete(file);
    }
    List<String> names = random.nextBoolean() ? List.of("*.log") : NAMES;
    patterns = names.stream().map(name -> directory.resolve(name).toString()).toList();
    start();
  }

  String anyName() {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  /** Unique among all that was asked for. */
  int nextNumber() {
    return number++;
  }

  Piece write(String name, String text) throws IOException {
    Path path = directory.resolve(name);
    Written file = at(path);
    if (file == null) {
      file = new Written();
      file.path = path;
      file.first = text;
      files.add(file);
    }
    Piece piece = new Piece(file, file.size);
    file.size += text.length();
    Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    Files.setLastModifiedTime(path, FileTime.from(clock));
    trace.append("write ").append(text);
    return piece;
  }

  private @Nullable Written at(Path path) {
    return files.stream().filter(file -> path.equals(file.path)).findFirst().orElse(null);
  }

  /**
   * @return those that are there and not compressed
   */
  List<Written> plain() {
    return files.stream().filter(Written::isPlain).toList();
  }

  /**
   * @return what rotation has made of a file of that name, and nobody has compressed
   */
  List<Written> rotated(String name) {
    return files.stream().filter(file -> file.isRotated(name)).toList();
  }

  void rotate(String name) throws IOException {
    Written live = at(directory.resolve(name));
    if (live == null) {
      return;
    }
    if (follower != null && !live.seen) {
      poll(); // Nobody can see what comes and goes between two looks.
    }
    live.path = directory.resolve(name + "." + (20_260_000_000_000L + number++));
    Files.move(directory.resolve(name), live.path);
    trace.append("rotate ").append(name).append('\n');
  }

  /** Keeps the time of the last change, as gzip does, or does not. */
  void compress(Written file) throws IOException {
    Path plain = file.path;
    Path compressed = Path.of(plain + ".gz");
    copyCompressed(plain, compressed);
    FileTime changed =
        random.nextBoolean() ? Files.getLastModifiedTime(plain) : FileTime.from(clock);
    Files.setLastModifiedTime(compressed, changed);
    Files.delete(plain);
    file.path = compressed;
    trace.append("compress ").append(plain.getFileName()).append('\n');
  }

  /** Under another name until it is whole; meanwhile somebody may look, or not. */
  void compressAsKubelet(Written file) throws IOException {
    Path plain = file.path;
    Path compressed = Path.of(plain + ".gz");
    Path temporary = Path.of(plain + ".tmp");
    copyCompressed(plain, temporary);
    Files.setLastModifiedTime(temporary, FileTime.from(clock));
    trace.append("being compressed: ").append(plain.getFileName()).append('\n');
    pass(Duration.ofSeconds(random.nextInt(12)));
    maybePoll();
    Files.move(temporary, compressed);
    maybePoll();
    Files.delete(plain);
    file.path = compressed;
    trace.append("compress ").append(plain.getFileName()).append('\n');
    maybePoll();
  }

  private static void copyCompressed(Path plain, Path compressed) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(plain, out);
    }
  }

  private void maybePoll() {
    if (random.nextInt(3) == 0) {
      poll();
    }
  }

  /** Deletes one that was seen: of all others nobody can know. */
  void deleteOneOf(List<Written> candidates) throws IOException {
    List<Written> known = candidates.stream().filter(file -> file.seen).toList();
    if (known.isEmpty()) {
      return;
    }
    Written file = known.get(random.nextInt(known.size()));
    Files.delete(file.path);
    trace.append("delete ").append(file.path.getFileName()).append('\n');
    file.path = null;
  }

  /** Does something to the follower; may be nothing. */
  void disturb() {
    switch (random.nextInt(6)) {
      case 0 -> stop();
      case 1 -> start();
      case 2 -> poll();
      case 3 -> pass(Duration.ofSeconds(random.nextInt(100)));
      default -> pollSome();
    }
  }

  private void start() {
    if (follower != null) {
      return;
    }
    trace.append("start\n");
    follower =
        new FileFollower(
            new FileFollower.Settings("gw", 64, GRACE.toNanos(), source -> format, () -> clock),
            patterns,
            positions.values(),
            path ->
                (file, offset, bytes, from, to, extent) -> {
                  String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
                  uncommitted.add(new Shipped(text, extent));
                });
    poll();
  }

  private void stop() {
    if (follower != null) {
      follower.close();
      trace.append("stop\n");
    }
    follower = null;
    uncommitted.clear();
  }

  /** Reads some blocks, which may be committed or not. */
  private void pollSome() {
    FileFollower running = follower;
    if (running == null) {
      return;
    }
    int[] blocks = {random.nextInt(6)};
    trace.append("poll ").append(blocks[0]).append('\n');
    running.poll(nowNanos, () -> blocks[0]-- <= 0);
    if (random.nextBoolean()) {
      commit(running);
    } else {
      running.rolledBack();
      uncommitted.clear();
      trace.append("roll back\n");
    }
  }

  /** Reads and commits all there is, if the follower runs. */
  private void poll() {
    FileFollower running = follower;
    if (running == null) {
      return;
    }
    trace.append("poll\n");
    pass(Duration.ofMillis(1_100));
    boolean more = true;
    while (more) {
      pass(Duration.ofMillis(100));
      more = running.poll(nowNanos, () -> false);
      commit(running);
    }
    files.stream().filter(Written::isPlain).forEach(file -> file.seen = true);
  }

  private void commit(FileFollower running) {
    for (SourceInput report : running.reports(Instant.EPOCH)) {
      if (report instanceof SourceInput.Lost one) {
        lost.add(one);
        trace.append("lost ").append(one).append('\n');
      }
    }
    running
        .changes()
        .forEach(
            (fileKey, position) -> {
              if (position == null) {
                positions.remove(fileKey);
              } else {
                positions.put(fileKey, position);
              }
            });
    running.committed();
    uncommitted.forEach(line -> trace.append("shipped ").append(line).append('\n'));
    shipped.addAll(uncommitted);
    uncommitted.clear();
  }

  /** Reads all that can be read, and tells what cannot, over two restarts. */
  void settle() {
    for (int starts = 0; starts < 2; starts++) {
      stop();
      start();
      for (int i = 0; i < 15; i++) {
        poll();
        pass(Duration.ofSeconds(11));
      }
    }
  }

  void pass(Duration duration) {
    nowNanos += duration.toNanos();
    clock = clock.plus(duration);
  }

  /**
   * @return how often each line was shipped
   */
  Map<String, Integer> timesShipped() {
    Map<String, Integer> times = new HashMap<>();
    shipped.forEach(line -> times.merge(line.text, 1, Integer::sum));
    return times;
  }

  /**
   * @return lines that were shipped as whole ones
   */
  List<String> shippedWhole() {
    return shipped.stream()
        .filter(line -> line.extent == LineExtent.WHOLE)
        .map(Shipped::text)
        .toList();
  }

  /** Whether it is in what was told to be missing. */
  boolean isMissing(Piece piece) {
    byte[] first = piece.file.first.getBytes(StandardCharsets.UTF_8);
    String content = FileContent.checksum(first).substring(0, 16);
    return lost.stream()
        .filter(one -> one.file().endsWith(content) && one.from() <= piece.offset)
        .anyMatch(one -> one.to() == null || piece.offset < one.to());
  }

  /**
   * @return what happened
   */
  String trace() {
    return trace.toString();
  }

  @Override
  public void close() {
    stop();
  }
}
