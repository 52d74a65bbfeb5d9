package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
  private final List<String> lines = new ArrayList<>();

  private void take(long offset, byte[] bytes, int from, int to, boolean truncated) {
    String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    lines.add(offset + (truncated ? "!" : ":") + text);
  }

  @Test
  void stripsLineEndsAndSkipsEmptyLines() {
    LineSplitter splitter = new LineSplitter(100, 64, this::take);

    feed(splitter, "a\nbc\r\n\n\r\nd\re\r\r\nf", 64);

    assertThat(lines).containsExactly("100:a", "102:bc", "109:d\re\r");
    assertThat(splitter.consumed()).isEqualTo(115);
    assertThat(splitter.unfinished()).isEqualTo(1);
    splitter.finish();
    assertThat(lines).last().isEqualTo("115:f");
    assertThat(splitter.consumed()).isEqualTo(116);
    splitter.finish();
    assertThat(lines).hasSize(4);
  }

  @Test
  void keepsBytesThatAreNoText() {
    LineSplitter splitter = new LineSplitter(0, 64, this::take);

    feed(splitter, "\u00ff\u0000\u0080\n", 64);

    assertThat(lines).containsExactly("0:\u00ff\u0000\u0080");
  }

  @Test
  void splitsAlikeHoweverTheBytesArrive() {
    Random random = new Random(4711);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(200);
      for (int i = 0; i < length; i++) {
        text.append("ab\r\n\n".charAt(random.nextInt(5)));
      }
      List<String> expected = expected(text.toString());
      lines.clear();
      LineSplitter splitter = new LineSplitter(0, 1 + random.nextInt(40), this::take);
      feed(splitter, text.toString(), 1 + random.nextInt(30));
      splitter.finish();

      assertThat(lines).isEqualTo(expected);
      assertThat(splitter.consumed()).isEqualTo(text.length());
    }
  }

  /** The definition, without any regard to speed. */
  private static List<String> expected(String text) {
    List<String> expected = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      int next = end < 0 ? text.length() : end + 1;
      String line = text.substring(start, end < 0 ? text.length() : end);
      line = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      if (!line.isEmpty()) {
        expected.add(start + ":" + line);
      }
      start = next;
    }
    return expected;
  }

  @Test
  void shipsTheLongestLineWhole() {
    LineSplitter splitter = new LineSplitter(0, 256 * 1024, this::take);
    String longest = "x".repeat(LineSplitter.LONGEST_LINE_BYTES);

    feed(splitter, longest + "\r\nnext\n", 256 * 1024);

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).isEqualTo("0:" + longest);
    assertThat(lines.get(1)).isEqualTo((longest.length() + 2) + ":next");
  }

  @Test
  void splitsTheBeginningOffALineThatIsTooLong() {
    for (int excess : new int[] {1, 2, 1_000_000, LineSplitter.LONGEST_LINE_BYTES * 3}) {
      lines.clear();
      LineSplitter splitter = new LineSplitter(7, 256 * 1024, this::take);
      int length = LineSplitter.LONGEST_LINE_BYTES + excess;

      feed(splitter, "y".repeat(length), 256 * 1024);
      assertThat(lines).isEmpty();
      assertThat(splitter.consumed()).isEqualTo(7);
      assertThat(splitter.unfinished()).isEqualTo(length);
      feed(splitter, "\nz\n", 2);

      assertThat(lines)
          .containsExactly(
              "7!" + "y".repeat(LineSplitter.TRUNCATED_LINE_BYTES), (8 + length) + ":z");
    }
  }

  @Test
  void holdsNoMoreThanTheLongestLineAndABlock() {
    LineSplitter splitter = new LineSplitter(0, 256 * 1024, this::take);
    int largest = 0;
    byte[] block = new byte[256 * 1024];
    Arrays.fill(block, (byte) 'z');
    for (int i = 0; i < 400; i++) {
      ByteBuffer room = splitter.room();
      largest = Math.max(largest, room.array().length);
      int count = Math.min(room.remaining(), block.length);
      room.put(block, 0, count);
      splitter.filled(count);
    }

    assertThat(largest).isLessThanOrEqualTo(16 * 1024 * 1024);
    splitter.finish();
    assertThat(lines).hasSize(1);
  }

  private static void feed(LineSplitter splitter, String text, int most) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at < bytes.length) {
      ByteBuffer room = splitter.room();
      assertThat(room.remaining()).isPositive();
      int count = Math.min(Math.min(most, room.remaining()), bytes.length - at);
      room.put(bytes, at, count);
      splitter.filled(count);
      at += count;
    }
  }
}
