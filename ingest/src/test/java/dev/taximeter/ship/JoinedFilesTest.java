package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Collectors' files, followed: lines in pieces over restarts, crashes and rotations. */
class JoinedFilesTest {
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Instant AT = Instant.parse("2026-11-03T08:14:05Z");

  @TempDir Path directory;

  private final List<String> shipped = new ArrayList<>();
  private final List<String> uncommitted = new ArrayList<>();
  private final List<SourceInput> reports = new ArrayList<>();
  private final Map<String, ShipperPosition> positions = new HashMap<>();
  private LineFormat format = LineFormat.CRI;

  /** Null for the log alone. */
  private @Nullable String pattern;

  private int blockBytes = 64 * 1024;

  /** Most tests are not about what came before the first file. */
  private boolean showDoubts;

  private @Nullable FileFollower follower;
  private long nowNanos;
  private Path log;

  @BeforeEach
  void prepare() {
    log = directory.resolve("0.log");
  }

  @AfterEach
  void close() {
    if (follower != null) {
      follower.close();
    }
  }

  /** Whatever is torn where: pieces, the lines around them, a kill in between. */
  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void aWriteTornAtAnyByteIsShippedOnceAndWhole(LineFormat tried) throws IOException {
    format = tried;
    boolean pieces = tried == LineFormat.CRI || tried == LineFormat.DOCKER_JSON;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(piece("stdout", "one", true));
    if (pieces) {
      out.writeBytes(piece("stdout", "tw", false));
      out.writeBytes(piece("stderr", "thr", false));
      out.writeBytes(piece("stdout", "o", true));
      out.writeBytes(piece("stdout", "fo", false));
      out.writeBytes(piece("stderr", "ee", true));
      out.writeBytes(piece("stdout", "ur", true));
    }
    out.writeBytes("foreign\n".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(piece("stdout", "five", true));
    byte[] content = out.toByteArray();
    List<String> expected =
        pieces
            ? List.of("one", "two", "three", "four", "foreign", "five")
            : List.of("one", "foreign", "five");
    for (int cut = 0; cut <= content.length; cut++) {
      for (boolean crash : new boolean[] {false, true}) {
        reset();
        restart();
        append(java.util.Arrays.copyOf(content, cut));
        poll();
        if (crash) {
          restart();
        }
        append(java.util.Arrays.copyOfRange(content, cut, content.length));
        poll();
        assertThat(lines()).as("cut at %d, crash %s", cut, crash).isEqualTo(expected);
        assertReportsCover(content.length);
      }
    }
  }

  /** The file's ranges follow each other without gap or overlap. */
  private void assertReportsCover(long length) {
    long end = 0;
    for (SourceInput report : reports) {
      SourceInput.Shipped range = (SourceInput.Shipped) report;
      assertThat(range.from()).isEqualTo(end);
      end = range.to();
    }
    assertThat(end).isEqualTo(length);
    assertThat(reports.stream().mapToLong(r -> ((SourceInput.Shipped) r).lines()).sum())
        .isEqualTo(shipped.size());
  }

  @Test
  void theOffsetIsThatOfTheFirstPieceAndPositionsStayBefore() throws IOException {
    restart();
    append(piece("stdout", "x", true));
    long first = Files.size(log);
    append(piece("stdout", "tw", false));
    append(piece("stderr", "err", true));
    poll();
    assertThat(lines()).containsExactly("x", "err");
    ShipperPosition position = only();
    assertThat(position.offset()).isEqualTo(Files.size(log));
    assertThat(position.unfinished()).isEqualTo(Map.of("stdout", first));
    assertThat(position.resumeFrom()).isEqualTo(first);
    assertThat(follower.completeness().get(0).completeNanos()).isNull();
    append(piece("stdout", "o", true));
    poll();
    assertThat(shipped.get(2)).isEqualTo(first + ":two");
    assertThat(only().unfinished()).isEmpty();
    assertThat(follower.completeness().get(0).completeNanos()).isEqualTo(nowNanos);
  }

  private ShipperPosition only() {
    return positions.values().stream()
        .filter(position -> !position.fileKey().startsWith("begun:"))
        .reduce(
            (a, b) -> {
              throw new IllegalStateException("several");
            })
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLineIsJoinedAcrossARotation(boolean crash) throws IOException {
    restart();
    append(piece("stdout", "one", true));
    append(piece("stdout", "tw", false));
    append(piece("stderr", "err", true));
    poll();
    Files.move(log, directory.resolve("0.log.20261103"));
    append(piece("stderr", "other", true));
    poll();
    if (crash) {
      restart();
      poll();
    }
    assertThat(lines()).containsExactly("one", "err", "other");
    append(piece("stdout", "o", true));
    append(piece("stdout", "three", true));
    poll();
    assertThat(lines()).containsExactly("one", "err", "other", "two", "three");
    pass(GRACE.plusSeconds(20));
    restart();
    poll();
    assertThat(lines()).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPieceWithoutItsEndIsNamedAndNeverShipped(boolean crash) throws IOException {
    restart();
    append(piece("stdout", "one", true));
    long first = Files.size(log);
    append(piece("stdout", "tw", false));
    long end = Files.size(log);
    poll();
    Files.move(log, directory.resolve("0.log.20261103"));
    append(piece("stderr", "x", true));
    poll();
    pass(GRACE.plusSeconds(20));
    poll();
    if (crash) {
      restart();
      poll();
    }
    append(piece("stdout", "o", true));
    append(piece("stdout", "three", true));
    poll();
    assertThat(lines()).containsExactly("one", "x", "CUT:o", "three");
    restart();
    append(piece("stdout", "four", true));
    poll();
    assertThat(lines()).endsWith("three", "four");
    assertThat(reports.stream().filter(r -> r instanceof SourceInput.Lost))
        .singleElement()
        .isInstanceOfSatisfying(
            SourceInput.Lost.class,
            lost -> {
              assertThat(lost.from()).isEqualTo(first);
              assertThat(lost.to()).isEqualTo(end);
              assertThat(lost.file()).matches("[0-9a-f]{8}-[0-9a-f]{16}");
            });
  }

  /**
   * What a client put at the end of a line must not pass for a line because nobody saw it begin.
   */
  @ParameterizedTest
  @EnumSource(names = {"CRI", "DOCKER_JSON"})
  void theEndOfALineThatBeganBeforeThePathWasFollowedIsMarked(LineFormat tried) throws IOException {
    format = tried;
    append(piece("stderr", "er", false));
    Files.move(log, directory.resolve("0.log.20261102"));
    append(piece("stderr", "r", true));
    append(piece("stdout", "zero", true));
    append(piece("stdout", "tw", false));
    Files.move(log, directory.resolve("0.log.20261103"));
    append(piece("stderr", "x", true));
    append(piece("stdout", "o", true));
    append(piece("stdout", "three", true));
    restart();
    poll();
    assertThat(lines()).containsExactly("x", "CUT:o", "three");
    restart();
    append(piece("stdout", "four", true));
    poll();
    assertThat(lines()).endsWith("three", "four");
  }

  @Test
  void afterTheLossOfAFileTheEndOfItsLineIsMarked() throws IOException {
    restart();
    append(piece("stdout", "one", true));
    append(piece("stdout", "tw", false));
    poll();
    follower.close();
    Files.delete(log);
    append(piece("stdout", "o", true));
    append(piece("stdout", "three", true));
    restart();
    poll();
    assertThat(lines()).containsExactly("one"); // It may still turn up.
    pass(GRACE.plusSeconds(20));
    poll();
    assertThat(lines()).containsExactly("one", "CUT:o", "three");
    assertThat(reports.stream().filter(r -> r instanceof SourceInput.Lost))
        .singleElement()
        .isInstanceOfSatisfying(SourceInput.Lost.class, lost -> assertThat(lost.to()).isNull());
  }

  /** Two streams, pieces, rotations, polls with little room, rollbacks and crashes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shipsEveryLineOnceWhateverHappens(long seed) throws IOException {
    Random random = new Random(seed);
    format = seed % 2 == 0 ? LineFormat.CRI : LineFormat.DOCKER_JSON;
    for (int round = 0; round < 12; round++) {
      reset();
      blockBytes = 1 + random.nextInt(200);
      Map<String, List<String>> written = new HashMap<>();
      List<List<byte[]>> waiting = List.of(new ArrayList<>(), new ArrayList<>());
      restart();
      poll();
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> {
            for (int i = random.nextInt(4); i >= 0; i--) {
              int stream = random.nextInt(2);
              List<String> texts = written.computeIfAbsent(names(stream), s -> new ArrayList<>());
              String text = names(stream) + texts.size() + "x".repeat(random.nextInt(40));
              texts.add(text);
              waiting
                  .get(stream)
                  .addAll(WrappedLines.pieces(format, names(stream), bytes(text), random));
            }
            for (int i = random.nextInt(8); i > 0; i--) {
              List<byte[]> pieces = waiting.get(random.nextInt(2));
              if (!pieces.isEmpty()) {
                append(pieces.remove(0));
              }
            }
          }
          case 3 -> {
            if (Files.exists(log)) {
              Files.move(log, directory.resolve("0.log." + (1000 - step)));
            }
          }
          case 4 -> restart();
          case 5 -> {
            pollUncommitted(random.nextInt(5));
            follower.rolledBack();
            uncommitted.clear();
          }
          case 6 -> {
            pollUncommitted(random.nextInt(5));
            restart();
          }
          default -> {
            pollUncommitted(random.nextInt(20));
            commit();
          }
        }
      }
      for (List<byte[]> pieces : waiting) {
        for (byte[] piece : pieces) {
          append(piece);
        }
      }
      poll();
      poll();
      for (int stream = 0; stream < 2; stream++) {
        String name = names(stream);
        assertThat(lines().stream().filter(line -> line.startsWith(name)))
            .as("seed %d, round %d", seed, round)
            .isEqualTo(written.getOrDefault(name, List.of()));
      }
      assertThat(lines()).hasSize(written.values().stream().mapToInt(List::size).sum());
      assertThat(reports.stream().filter(r -> r instanceof SourceInput.Lost)).isEmpty();
      Set<String> ranges = new HashSet<>();
      reports.forEach(
          r -> {
            SourceInput.Shipped range = (SourceInput.Shipped) r;
            if (range.to() > range.from()) {
              assertThat(ranges.add(range.file() + range.from())).isTrue();
            }
          });
    }
  }

  @Test
  void theFirstLineIsDoubtedWhileNobodyKnowsWhatCameBeforeIt() throws IOException {
    showDoubts = true;
    append(bytes(""));
    restart();
    poll();
    // The doubt outlives a restart before any line has come.
    restart();
    append(piece("stdout", "one", true));
    append(piece("stdout", "two", true));
    poll();
    assertThat(lines()).containsExactly("MAYBE:one", "two");
    restart();
    append(piece("stdout", "three", true));
    append(piece("stderr", "error", true));
    poll();
    assertThat(lines()).containsExactly("MAYBE:one", "two", "three", "MAYBE:error");
  }

  @Test
  void aFileThatAppearsWhileItsPathIsFollowedBeginsWithALine() throws IOException {
    showDoubts = true;
    restart();
    poll();
    append(piece("stdout", "one", true));
    poll();
    assertThat(lines()).containsExactly("one");
  }

  /** Started again before the gateway has written anything. */
  @Test
  void aFileThatAppearsAfterARestartBeginsWithALine() throws IOException {
    showDoubts = true;
    for (int i = 0; i < 2; i++) {
      restart();
      poll();
    }
    append(piece("stdout", "one", true));
    poll();
    assertThat(lines()).containsExactly("one");
  }

  /** A container that is started has a log of its own. */
  @Test
  void aFileThatAppearsWhileItsPatternIsFollowedBeginsWithALine() throws IOException {
    showDoubts = true;
    append(piece("stdout", "one", true));
    pattern = directory.resolve("*.log").toString();
    restart();
    poll();
    log = directory.resolve("1.log");
    append(piece("stdout", "two", true));
    pass(Duration.ofSeconds(2));
    assertThat(lines()).containsExactly("MAYBE:one", "two");
    log = directory.resolve("2.log");
    append(piece("stdout", "three", true));
    restart();
    poll();
    assertThat(lines()).containsExactly("MAYBE:one", "two", "MAYBE:three");
  }

  /** What was read ended with a line, but more may have been written before the file went. */
  @Test
  void theFirstLineIsDoubtedIfTheFileBeforeItIsGone() throws IOException {
    showDoubts = true;
    restart();
    poll();
    append(piece("stdout", "one", true));
    poll();
    close();
    Files.delete(log);
    append(piece("stdout", "two", true));
    append(piece("stdout", "three", true));
    restart();
    poll();
    assertThat(lines()).containsExactly("one", "MAYBE:two", "three");
    Files.write(log, piece("stdout", "4", true));
    poll();
    assertThat(lines()).endsWith("three", "MAYBE:4");
    close();
    Files.move(log, log.resolveSibling("0.log.1"));
    append(piece("stdout", "five", true));
    restart();
    poll();
    assertThat(lines()).endsWith("MAYBE:4", "five");
  }

  @Test
  void theFileBeforeSettlesTheDoubt() throws IOException {
    showDoubts = true;
    for (boolean whole : new boolean[] {true, false}) {
      reset();
      append(piece("stdout", "before", whole));
      Files.move(log, log.resolveSibling("0.log.1"));
      append(piece("stdout", "one", true));
      append(piece("stdout", "two", true));
      restart();
      poll();
      assertThat(lines()).containsExactly(whole ? "one" : "CUT:one", "two");
    }
  }

  private static String names(int stream) {
    return stream == 0 ? "stdout" : "stderr";
  }

  private byte[] piece(String stream, String content, boolean last) {
    return WrappedLines.piece(format, stream, bytes(content), last);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> lines() {
    return shipped.stream().map(e -> e.substring(e.indexOf(':') + 1)).toList();
  }

  private void reset() throws IOException {
    close();
    for (Path file : RotatedFiles.list(directory)) {
      Files.delete(file);
    }
    positions.clear();
    shipped.clear();
    reports.clear();
  }

  private void restart() {
    close();
    uncommitted.clear();
    follower =
        new FileFollower(
            new FileFollower.Settings(
                "gw", blockBytes, GRACE.toNanos(), source -> format, InstantSource.system()),
            List.of(pattern == null ? log.toString() : pattern),
            positions.values(),
            path ->
                (file, offset, bytes, from, to, extent) ->
                    uncommitted.add(
                        offset
                            + ":"
                            + marked(extent)
                            + new String(bytes, from, to - from, StandardCharsets.UTF_8)));
  }

  private String marked(LineExtent extent) {
    return switch (extent) {
      case WHOLE -> "";
      case PART -> "CUT:";
      case UNCERTAIN_BEGINNING -> showDoubts ? "MAYBE:" : "";
    };
  }

  private void poll() {
    boolean more = true;
    while (more) {
      nowNanos += Duration.ofMillis(100).toNanos();
      more = follower.poll(nowNanos, () -> false);
      commit();
    }
  }

  private void pollUncommitted(int blocks) {
    nowNanos += Duration.ofMillis(100).toNanos();
    int[] left = {blocks};
    follower.poll(nowNanos, () -> left[0]-- <= 0);
  }

  private void commit() {
    reports.addAll(follower.reports(AT));
    for (Map.Entry<String, @Nullable ShipperPosition> change : follower.changes().entrySet()) {
      if (change.getValue() == null) {
        positions.remove(change.getKey());
      } else {
        positions.put(change.getKey(), change.getValue());
      }
    }
    follower.committed();
    shipped.addAll(uncommitted);
    uncommitted.clear();
  }

  private void pass(Duration duration) {
    nowNanos += duration.toNanos();
    poll();
  }

  private void append(byte[] bytes) throws IOException {
    Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
