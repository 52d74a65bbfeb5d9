package dev.taximeter.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class NativeTextTest {
  private static final int BUDGET_KIBIBYTES = 64 << 10;

  private static NativeText text() throws EngineException {
    return new NativeText(16 << 20, new Semaphore(BUDGET_KIBIBYTES));
  }

  @Test
  void theLastEmptyLineIsFoundHoweverTheTextCame() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      StringBuilder all = new StringBuilder();
      try (NativeText text = text()) {
        for (int part = random.nextInt(5); part >= 0; part--) {
          String piece = piece(random);
          append(text, piece, random.nextBoolean());
          all.append(piece);
        }
        assertThat(text.lastIndexOfEmptyLine())
            .as(all.toString())
            .isEqualTo(all.lastIndexOf("\n\n"));
        assertThat(text.length()).isEqualTo(all.length());
      }
    }
  }

  @Test
  void anEmptyLineIsFoundWhereOnePartOfALargeBodyMeetsTheNext() throws Exception {
    for (int before = 65_530; before < 65_540; before++) {
      String large = "x".repeat(before) + "\n\n" + "y".repeat(70_000);
      try (NativeText text = text()) {
        append(text, large, true);
        assertThat(text.lastIndexOfEmptyLine()).isEqualTo(before);
      }
    }
  }

  private static void append(NativeText text, String piece, boolean asStream)
      throws IOException, EngineException {
    if (asStream) {
      text.append(new ByteArrayInputStream(piece.getBytes(StandardCharsets.US_ASCII)));
    } else {
      text.append(piece);
    }
  }

  private static String piece(Random random) {
    StringBuilder piece = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      piece.append(random.nextInt(3) == 0 ? 'x' : '\n');
    }
    return piece.toString();
  }
}
