package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to files while a shipper runs, stands still or is down: each of their lines is
 * shipped once, or is in what is told to be missing.
 */
class LossTest {
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final int ROUNDS = 60;
  private static final int STEPS = 40;
  private static final List<String> NAMES = List.of("a.log", "b.log");

  @TempDir Path directory;

  /** A file as its writer knows it, wherever it lies by now. */
  private static final class Written {
    private final List<String> lines = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private long size;
    private boolean seen;
    private @Nullable Path path;

    boolean isPlain() {
      return path != null && !path.toString().endsWith(".gz");
    }
  }

  private final List<Written> files = new ArrayList<>();
  private final Map<String, Integer> shipped = new HashMap<>();
  private final List<String> uncommitted = new ArrayList<>();
  private final List<SourceInput.Lost> lost = new ArrayList<>();
  private final Map<String, ShipperPosition> positions = new HashMap<>();
  private final StringBuilder trace = new StringBuilder();
  private List<String> patterns = List.of();
  private Random random = new Random();
  private @Nullable FileFollower follower;
  private Instant clock = Instant.now();
  private long nowNanos;
  private int number;

  @AfterEach
  void stop() {
    if (follower != null) {
      follower.close();
    }
    follower = null;
    uncommitted.clear();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void eachLineIsShippedOnceOrToldToBeMissing(long seed) throws IOException {
    random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      begin();
      for (int step = 0; step < STEPS; step++) {
        act();
        pass(Duration.ofMillis(700));
      }
      // A file that was named is waited for until it is there.
      for (String name : NAMES) {
        write(name, 1);
      }
      settle();
      settle();
      for (Written file : files) {
        for (int i = 0; i < file.lines.size(); i++) {
          assertThat(shipped.getOrDefault(file.lines.get(i), isMissing(file, i) ? 1 : 0))
              .as("seed %d, round %d, %s%n%s", seed, round, file.lines.get(i), trace)
              .isEqualTo(1);
        }
      }
    }
  }

  private void begin() throws IOException {
    stop();
    for (Path file : RotatedFiles.list(directory)) {
      Files.delete(file);
    }
    files.clear();
    shipped.clear();
    lost.clear();
    positions.clear();
    trace.setLength(0);
    number = 0;
    patterns =
        (random.nextBoolean() ? List.of("*.log") : NAMES)
            .stream().map(name -> directory.resolve(name).toString()).toList();
    start();
    poll();
  }

  private void act() throws IOException {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    FileFollower running = follower;
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> write(name, 1 + random.nextInt(5));
      case 3 -> rotate(name);
      case 4 -> compress();
      case 5 -> stop();
      case 6 -> {
        if (running == null) {
          start();
          poll();
        }
      }
      case 7 -> poll();
      case 8, 9 -> {
        if (running != null) {
          int[] blocks = {random.nextInt(6)};
          running.poll(nowNanos, () -> blocks[0]-- <= 0);
          if (random.nextBoolean()) {
            commit(running);
          } else {
            running.rolledBack();
            uncommitted.clear();
          }
        }
      }
      case 10 -> pass(Duration.ofSeconds(random.nextInt(100)));
      default -> delete();
    }
  }

  private void write(String name, int lines) throws IOException {
    Path path = directory.resolve(name);
    Written file = at(path);
    if (file == null) {
      file = new Written();
      file.path = path;
      files.add(file);
    }
    for (int i = 0; i < lines; i++) {
      String line = name + "-" + number++;
      file.lines.add(line);
      file.offsets.add(file.size);
      file.size += line.length() + 1;
      Files.writeString(path, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    Files.setLastModifiedTime(path, FileTime.from(clock));
    trace.append("write ").append(name).append(" before ").append(number).append('\n');
  }

  private @Nullable Written at(Path path) {
    return files.stream().filter(file -> path.equals(file.path)).findFirst().orElse(null);
  }

  private void rotate(String name) throws IOException {
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
  private void compress() throws IOException {
    List<Written> rotated =
        files.stream()
            .filter(file -> file.isPlain() && !String.valueOf(file.path).endsWith(".log"))
            .toList();
    if (rotated.isEmpty()) {
      return;
    }
    Written file = rotated.get(random.nextInt(rotated.size()));
    Path plain = file.path;
    Path compressed = Path.of(plain + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(plain, out);
    }
    FileTime changed =
        random.nextBoolean() ? Files.getLastModifiedTime(plain) : FileTime.from(clock);
    Files.setLastModifiedTime(compressed, changed);
    Files.delete(plain);
    file.path = compressed;
    trace.append("compress ").append(plain.getFileName()).append('\n');
  }

  private void delete() throws IOException {
    List<Written> known = files.stream().filter(file -> file.isPlain() && file.seen).toList();
    if (known.isEmpty()) {
      return;
    }
    Written file = known.get(random.nextInt(known.size()));
    Files.delete(file.path);
    trace.append("delete ").append(file.path.getFileName()).append('\n');
    file.path = null;
  }

  private boolean isMissing(Written file, int line) {
    long offset = file.offsets.get(line);
    byte[] first = (file.lines.get(0) + "\n").getBytes(StandardCharsets.UTF_8);
    String content = FileContent.checksum(first).substring(0, 16);
    return lost.stream()
        .filter(one -> one.file().endsWith(content) && one.from() <= offset)
        .anyMatch(one -> one.to() == null || offset < one.to());
  }

  private void settle() throws IOException {
    stop();
    start();
    for (int i = 0; i < 15; i++) {
      poll();
      pass(Duration.ofSeconds(11));
    }
  }

  private void start() {
    trace.append("start\n");
    follower =
        new FileFollower(
            new FileFollower.Settings(
                "gw", 64, GRACE.toNanos(), source -> LineFormat.PLAIN, () -> clock),
            patterns,
            positions.values(),
            path ->
                (file, offset, bytes, from, to, extent) ->
                    uncommitted.add(new String(bytes, from, to - from, StandardCharsets.UTF_8)));
  }

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
    uncommitted.forEach(line -> shipped.merge(line, 1, Integer::sum));
    uncommitted.clear();
  }

  private void pass(Duration duration) {
    nowNanos += duration.toNanos();
    clock = clock.plus(duration);
  }
}
