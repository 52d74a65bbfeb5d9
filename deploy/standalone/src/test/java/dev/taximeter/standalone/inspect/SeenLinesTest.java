package dev.taximeter.standalone.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.inspect.SeenLines.Seen;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeenLinesTest {
  private static byte[] identity(long number) {
    Random random = new Random(number);
    return ByteBuffer.allocate(16).putLong(random.nextLong()).putLong(random.nextLong()).array();
  }

  @Test
  void tellsCopiesInAFileFromCopiesAcrossFiles() {
    SeenLines seen = new SeenLines();

    assertThat(seen.add(identity(1), 1)).isEqualTo(Seen.FIRST);
    assertThat(seen.add(identity(1), 1)).isEqualTo(Seen.IN_THIS_FILE);
    assertThat(seen.add(identity(1), 2)).isEqualTo(Seen.IN_EARLIER_FILE);
    assertThat(seen.add(new byte[16], 2)).isEqualTo(Seen.FIRST);
    assertThat(seen.add(new byte[16], 2)).isEqualTo(Seen.IN_THIS_FILE);
  }

  @Test
  void remembersWhileItGrows() {
    SeenLines seen = new SeenLines();
    int lines = 200_000;
    for (int i = 0; i < lines; i++) {
      assertThat(seen.add(identity(i), 1)).isEqualTo(Seen.FIRST);
    }
    for (int i = 0; i < lines; i++) {
      assertThat(seen.add(identity(i), 2)).isEqualTo(Seen.IN_EARLIER_FILE);
    }
    assertThat(seen.isFull()).isFalse();
  }

  @Test
  void saysWhenItCouldNotRememberMore() {
    SeenLines seen = new SeenLines(2);
    seen.add(identity(1), 1);
    seen.add(identity(2), 1);
    assertThat(seen.isFull()).isFalse();
    assertThat(seen.add(identity(3), 1)).isEqualTo(Seen.FIRST);
    assertThat(seen.isFull()).isTrue();
    assertThat(seen.add(identity(3), 1)).isEqualTo(Seen.FIRST);
    assertThat(seen.add(identity(2), 1)).isEqualTo(Seen.IN_THIS_FILE);
  }
}
