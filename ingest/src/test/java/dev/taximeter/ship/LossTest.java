package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to files while a shipper runs, stands still or is down: each of their lines is
 * shipped once, or is in what is told to be missing.
 */
class LossTest {
  private static final int ROUNDS = 60;
  private static final int STEPS = 40;

  @TempDir Path directory;

  private final Map<String, RotatedLogs.Piece> lines = new LinkedHashMap<>();
  private Random random = new Random();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 2112})
  void eachLineIsShippedOnceOrToldToBeMissing(long seed) throws IOException {
    random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      lines.clear();
      try (RotatedLogs logs = new RotatedLogs(directory, LineFormat.PLAIN, random)) {
        for (int step = 0; step < STEPS; step++) {
          act(logs);
          logs.pass(Duration.ofMillis(700));
        }
        // A file that was named is waited for until it is there.
        for (String name : RotatedLogs.NAMES) {
          write(logs, name, 1);
        }
        logs.settle();
        Map<String, Integer> times = logs.timesShipped();
        lines.forEach(
            (line, piece) ->
                assertThat(times.getOrDefault(line, logs.isMissing(piece) ? 1 : 0))
                    .as("seed %d, %s%n%s", seed, line, logs.trace())
                    .isEqualTo(1));
      }
    }
  }

  private void act(RotatedLogs logs) throws IOException {
    String name = logs.anyName();
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> write(logs, name, 1 + random.nextInt(5));
      case 3 -> logs.rotate(name);
      case 4 -> compress(logs);
      case 5 -> logs.deleteOneOf(logs.plain());
      default -> logs.disturb();
    }
  }

  private void write(RotatedLogs logs, String name, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String line = name + "-" + logs.nextNumber();
      lines.put(line, logs.write(name, line + "\n"));
    }
  }

  private void compress(RotatedLogs logs) throws IOException {
    List<RotatedLogs.Written> rotated = new ArrayList<>();
    RotatedLogs.NAMES.forEach(name -> rotated.addAll(logs.rotated(name)));
    if (!rotated.isEmpty()) {
      logs.compress(rotated.get(random.nextInt(rotated.size())));
    }
  }
}
