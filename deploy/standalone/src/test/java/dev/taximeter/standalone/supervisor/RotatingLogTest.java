package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingLogTest {
  @TempDir private Path folder;

  @Test
  void fullFilesAreSetAsideAndOldOnesDropped() throws IOException {
    Path file = folder.resolve("broker.log");
    try (RotatingLog log = RotatingLog.open(file, 10)) {
      for (int number = 0; number < 8; number++) {
        byte[] line = ("line " + number + "\n").getBytes(StandardCharsets.UTF_8);
        log.write(line, line.length);
      }
    }

    assertThat(Files.readString(file)).isEqualTo("line 7\n");
    assertThat(Files.readString(folder.resolve("broker.log.1"))).isEqualTo("line 6\n");
    assertThat(Files.readString(folder.resolve("broker.log.3"))).isEqualTo("line 4\n");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void logOfAnEarlierRunIsContinued() throws IOException {
    Path file = folder.resolve("api.log");
    for (String text : new String[] {"a\n", "b\n"}) {
      try (RotatingLog log = RotatingLog.open(file, 100)) {
        log.write(text.getBytes(StandardCharsets.UTF_8), 2);
      }
    }

    assertThat(RotatingLog.tail(file, 10)).containsExactly("a", "b");
    assertThat(RotatingLog.tail(file, 1)).containsExactly("b");
    assertThat(RotatingLog.tail(folder.resolve("none"), 1)).isEmpty();
  }
}
