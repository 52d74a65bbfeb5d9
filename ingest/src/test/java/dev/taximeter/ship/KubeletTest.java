package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kubelet cuts lines anywhere, so that the rest of one may lie in the next file, compresses
 * what it rotated away at the next rotation, under another name until that is done, and deletes it
 * some day: each line is shipped once, or one of its pieces is in what is told to be missing, and
 * no part passes for a line.
 */
class KubeletTest {
  private static final int ROUNDS = 20;
  private static final int STEPS = 40;

  @TempDir Path directory;

  /** A line that a container wrote. */
  private record Line(StringBuilder text, List<RotatedLogs.Piece> pieces) {}

  private final List<Line> lines = new ArrayList<>();

  /** Those of which the end has not come, by name of their log. */
  private final Map<String, Line> begun = new HashMap<>();

  private Random random = new Random();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 158, 5175})
  void eachLineIsShippedOnceOrToldToBeMissing(long seed) throws IOException {
    random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      lines.clear();
      begun.clear();
      try (RotatedLogs logs = new RotatedLogs(directory, LineFormat.CRI, random)) {
        for (int step = 0; step < STEPS; step++) {
          act(logs);
          logs.pass(Duration.ofMillis(700));
        }
        // A file that was named is waited for until it is there.
        for (String name : RotatedLogs.NAMES) {
          do {
            write(logs, name, 1);
          } while (begun.containsKey(name));
        }
        logs.settle();
        check(logs, "seed %d%n%s".formatted(seed, logs.trace()));
      }
    }
  }

  private void check(RotatedLogs logs, String trace) {
    Map<String, Integer> times = logs.timesShipped();
    List<String> texts = new ArrayList<>();
    for (Line line : lines) {
      String text = line.text.toString();
      texts.add(text);
      boolean missing = line.pieces.stream().anyMatch(logs::isMissing);
      assertThat(times.getOrDefault(text, missing ? 1 : 0)).as("%s, %s", text, trace).isEqualTo(1);
    }
    assertThat(texts).as(trace).containsAll(logs.shippedWhole());
  }

  private void act(RotatedLogs logs) throws IOException {
    String name = logs.anyName();
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> write(logs, name, 1 + random.nextInt(5));
      case 4 -> rotate(logs, name);
      case 5 -> logs.deleteOneOf(logs.rotated(name));
      default -> logs.disturb();
    }
  }

  /** Pieces of lines; the next one of a line may come in the next file. */
  private void write(RotatedLogs logs, String name, int pieces) throws IOException {
    for (int i = 0; i < pieces; i++) {
      Line line = begun.remove(name);
      if (line == null) {
        line = new Line(new StringBuilder(), new ArrayList<>());
        lines.add(line);
      }
      String piece = "<" + name + "-" + logs.nextNumber() + ">";
      boolean last = random.nextBoolean();
      line.text.append(piece);
      line.pieces.add(
          logs.write(
              name,
              "2026-11-03T08:15:00.000000001Z stdout " + (last ? "F " : "P ") + piece + "\n"));
      if (!last) {
        begun.put(name, line);
      }
    }
  }

  private void rotate(RotatedLogs logs, String name) throws IOException {
    for (RotatedLogs.Written file : logs.rotated(name)) {
      logs.compressAsKubelet(file);
    }
    logs.rotate(name);
  }
}
