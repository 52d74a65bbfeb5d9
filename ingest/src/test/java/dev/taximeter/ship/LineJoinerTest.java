package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.gateway.LineFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LineJoinerTest {
  private static final String AT = "2026-11-03T08:14:05.1Z";

  private final List<byte[]> lines = new ArrayList<>();
  private final List<String> seen = new ArrayList<>();
  private final ReadFile file = (offset, stream) -> false;

  private LineJoiner joiner(LineFormat format) {
    return new LineJoiner(
        format,
        (origin, offset, bytes, from, to, extent) -> {
          byte[] line = Arrays.copyOfRange(bytes, from, to);
          lines.add(line);
          String mark =
              switch (extent) {
                case WHOLE -> ":";
                case PART -> "!";
                case UNCERTAIN_BEGINNING -> "?";
              };
          seen.add(offset + mark + new String(line, StandardCharsets.UTF_8));
        });
  }

  private List<String> join(LineFormat format, String... physical) {
    seen.clear();
    LineJoiner joiner = joiner(format);
    for (int i = 0; i < physical.length; i++) {
      byte[] bytes = physical[i].getBytes(StandardCharsets.UTF_8);
      joiner.line(file, i, bytes, 0, bytes.length, false);
    }
    return List.copyOf(seen);
  }

  @Test
  void takesOffInstants() {
    assertThat(
            join(
                LineFormat.TIMESTAMP,
                AT + " one",
                "2026-11-03T08:14:05+08:00\ttwo",
                "2026-11-03t08:14:05.123456789z  three",
                AT + "four",
                "2026-11-03 08:14:05Z five",
                "six",
                AT + " ",
                "2026-11-03T08:14:05. x"))
        .containsExactly(
            "0:one",
            "1:two",
            "2: three",
            "3:" + AT + "four",
            "4:2026-11-03 08:14:05Z five",
            "5:six",
            "7:2026-11-03T08:14:05. x");
  }

  @Test
  void joinsPiecesOfEachStream() {
    assertThat(
            join(
                LineFormat.CRI,
                AT + " stdout P on",
                AT + " stderr P tw",
                "foreign",
                AT + " stdout P:x,y e",
                AT + " stderr F o",
                AT + " stdout F ",
                AT + " stdout F three",
                AT + " stdout F ",
                AT + " stderr F:tag four\r"))
        .containsExactly("2:foreign", "1:two", "0:one", "6:three", "8:four");
  }

  @Test
  void leavesWhatOnlyLooksLikeContainerOutput() {
    String[] others = {
      AT + " stdin F x",
      AT + " stdout",
      AT + " stdout Fx y",
      AT + " stdout Q x",
      AT + "stdout F x",
      " " + AT + " stdout F x"
    };
    assertThat(join(LineFormat.CRI, others))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.range(0, others.length)
                .mapToObj(i -> i + ":" + others[i])
                .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"t\"}|a",
        "{ \"time\" : \"t\", \"stream\" : \"stderr\" , \"log\" : \"a\\r\\n\" }|a",
        "{\"log\":\"\\u003cb\\u003e\\\"\\\\ \\/ \\t\\u00e9\\ud83d\\ude00\\n"
            + "\",\"stream\":\"stdout\"}|<b>\"\\ / \té😀",
        "{\"log\":\"\\ud83dx\\n\",\"stream\":\"stdout\"}|\ufffdx",
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"attrs\":{\"x\":[1,\"}\",{}],\"y\":null}}|a",
        "{\"log\":\"好\\n\",\"stream\":\"stdout\"}|好",
      })
  void readsWhatDockerWrites(String line, String content) {
    assertThat(join(LineFormat.DOCKER_JSON, line)).containsExactly("0:" + content);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"log\":\"a\\n\",\"stream\":\"stdout\"",
        "{\"log\":\"a\\n\"}",
        "{\"stream\":\"stdout\"}",
        "{\"log\":\"a\\n\",\"stream\":\"stdin\"}",
        "{\"log\":\"a\\n\",\"stream\":\"stdout\"} x",
        "{\"log\":\"a\\n\",\"log\":\"b\\n\",\"stream\":\"stdout\"}",
        "{\"log\":\"\\u00zz\\n\",\"stream\":\"stdout\"}",
        "{\"log\":1,\"stream\":\"stdout\"}",
        "{\"log\":\"a\\q\\n\",\"stream\":\"stdout\"}",
        "plain",
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"x\":}",
      })
  void leavesWhatDockerDoesNotWrite(String line) {
    assertThat(join(LineFormat.DOCKER_JSON, line)).containsExactly("0:" + line);
  }

  @Test
  void deepJsonIsRefusedWithoutExhaustingTheStack() {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThat(join(LineFormat.DOCKER_JSON, deep)).containsExactly("0:" + deep);
  }

  @Test
  void splitsWhatHoldsSeveralLines() {
    assertThat(
            join(
                LineFormat.DOCKER_JSON,
                "{\"log\":\"a\\nb\\n\\nc\",\"stream\":\"stdout\"}",
                "{\"log\":\"d\\n\",\"stream\":\"stdout\"}"))
        .containsExactly("0:a", "0:b", "0:cd");
  }

  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void bytesAreThoseOfThePlainLine(LineFormat format) {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      lines.clear();
      LineJoiner joiner = joiner(format);
      byte[] line = new byte[1 + random.nextInt(60)];
      random.nextBytes(line);
      for (int i = 0; i < line.length; i++) {
        boolean lineEnd = line[i] == '\n' || line[i] == '\r' || line[i] == 0;
        line[i] = lineEnd ? (byte) '"' : line[i];
      }
      long offset = 0;
      for (byte[] piece : WrappedLines.pieces(format, "stdout", line, random)) {
        joiner.line(file, offset, piece, 0, piece.length - 1, false);
        offset += piece.length;
      }
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0)).as("round %d", round).isEqualTo(line);
      assertThat(joiner.isEmpty()).isTrue();
    }
  }

  @Test
  void aLineOfTooManyPiecesIsCutAndMarked() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] piece = (AT + " stdout P " + "x".repeat(16 * 1024)).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < LineSplitter.LONGEST_LINE_BYTES / (16 * 1024) + 10; i++) {
      joiner.line(file, i, piece, 0, piece.length, false);
    }
    byte[] end = (AT + " stdout F y").getBytes(StandardCharsets.US_ASCII);
    joiner.line(file, 9_999, end, 0, end.length, false);
    joiner.line(file, 10_000, end, 0, end.length, false);
    assertThat(lines.get(0)).hasSize(LineSplitter.TRUNCATED_LINE_BYTES).containsOnly('x');
    assertThat(seen.get(0)).startsWith("0!x");
    assertThat(seen.get(1)).isEqualTo("10000:y");
  }

  @Test
  void theLongestLineIsJoinedWhole() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] prefix = (AT + " stdout P ").getBytes(StandardCharsets.US_ASCII);
    byte[] half = Arrays.copyOf(prefix, prefix.length + LineSplitter.LONGEST_LINE_BYTES / 2);
    joiner.line(file, 0, half, 0, half.length, false);
    joiner.line(file, 1, half, 0, half.length, false);
    byte[] end = (AT + " stdout F \r").getBytes(StandardCharsets.US_ASCII);
    joiner.line(file, 2, end, 0, end.length, false);
    assertThat(lines.get(0)).hasSize(LineSplitter.LONGEST_LINE_BYTES);
    assertThat(seen.get(0)).startsWith("0:");
  }

  @Test
  void theEndOfALineThatWasGivenUpIsMarked() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] first = (AT + " stdout P a").getBytes(StandardCharsets.US_ASCII);
    byte[] end = (AT + " stdout F b").getBytes(StandardCharsets.US_ASCII);
    joiner.line(file, 0, first, 0, first.length, false);
    assertThat(joiner.unfinished(file)).isEqualTo(Map.of("stdout", 0L));
    joiner.giveUp(file);
    assertThat(joiner.unfinished(file)).isEmpty();
    joiner.line(file, 1, end, 0, end.length, false);
    joiner.line(file, 2, end, 0, end.length, false);
    assertThat(seen).containsExactly("1!b", "2:b");
  }

  /** Padding could make a clean-looking line of a piece that passes as a whole one. */
  @Test
  void whatLacksItsBeginningIsMarkedAfterARollbackToo() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] first = (AT + " stdout P a").getBytes(StandardCharsets.US_ASCII);
    byte[] end = (AT + " stdout F b").getBytes(StandardCharsets.US_ASCII);
    joiner.line(file, 0, first, 0, first.length, false);
    joiner.giveUp(file);
    joiner.reset();
    // Not given up, as nothing of that was committed.
    joiner.line(file, 0, first, 0, first.length, false);
    joiner.line(file, 1, end, 0, end.length, false);
    joiner.line(file, 2, first, 0, first.length, false);
    joiner.giveUp(file);
    joiner.committed();
    joiner.line(file, 3, end, 0, end.length, false);
    joiner.reset();
    joiner.line(file, 3, end, 0, end.length, false);
    joiner.lostPieces();
    joiner.reset();
    joiner.line(file, 4, end, 0, end.length, false);
    joiner.line(file, 5, end, 0, end.length, false);
    assertThat(seen).containsExactly("0:ab", "3!b", "3!b", "4!b", "5:b");
  }

  /** Somebody took the end of a file, by bytes: what comes first can be what a client wrote. */
  @Test
  void whatIsNoLineOfTheCollectorIsDoubtedWhereAFileBegins() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] end = "forged".getBytes(StandardCharsets.US_ASCII);
    byte[] whole = (AT + " stdout F a").getBytes(StandardCharsets.US_ASCII);
    joiner.doubtBeginning();
    joiner.line(file, 0, end, 0, end.length, false);
    joiner.line(file, 7, whole, 0, whole.length, false);
    joiner.line(file, 50, end, 0, end.length, false);
    assertThat(seen).containsExactly("0?forged", "7?a", "50:forged");
  }

  /** A client can make a piece look like a line of its own, and then only the tags tell. */
  @Test
  void whereNobodyHasNamedTheCollectorTheRestOfALineIsNone() {
    LineJoiner joiner = joiner(LineFormat.PLAIN);
    String[] tags = {"stdout P", "stderr F", "stdout P", "stdout F", "stdout F"};
    for (int i = 0; i < tags.length; i++) {
      byte[] piece = (AT + " " + tags[i] + " a").getBytes(StandardCharsets.US_ASCII);
      joiner.line(file, i, piece, 0, piece.length, false);
    }
    byte[] plain = "{}".getBytes(StandardCharsets.US_ASCII);
    joiner.line(file, 9, plain, 0, plain.length, false);
    assertThat(seen.stream().map(line -> line.substring(0, 2)))
        .containsExactly("0?", "1:", "2!", "3!", "4:", "9:");
  }

  /** That a beginning is missing is worse than that it may be. */
  @Test
  void aDoubtDoesNotHideThatAPieceIsMissing() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    byte[] whole = (AT + " stdout F a").getBytes(StandardCharsets.US_ASCII);
    joiner.lostPieces();
    joiner.doubtBeginning();
    joiner.trustBeginning();
    joiner.line(file, 0, whole, 0, whole.length, false);
    assertThat(seen).containsExactly("0!a");
  }

  @ParameterizedTest
  @EnumSource(LineFormat.class)
  void theFirstLineOfAStreamAfterTheUnknownIsDoubtedOnlyWhereLinesAreCut(LineFormat format) {
    LineJoiner joiner = joiner(format);
    joiner.doubtBeginning();
    for (int i = 0; i < 2; i++) {
      for (String stream : List.of("stdout", "stderr")) {
        byte[] whole =
            WrappedLines.piece(format, stream, stream.getBytes(StandardCharsets.UTF_8), true);
        joiner.line(file, i, whole, 0, whole.length - 1, false);
      }
    }
    if (format == LineFormat.CRI || format == LineFormat.DOCKER_JSON) {
      assertThat(seen).containsExactly("0?stdout", "0?stderr", "1:stdout", "1:stderr");
    } else {
      assertThat(seen).containsExactly("0:stdout", "0:stderr", "1:stdout", "1:stderr");
    }
  }

  /** What comes first may be the middle of a line. */
  @Test
  void piecesAfterTheUnknownAreDoubtedAfterARollbackToo() {
    LineJoiner joiner = joiner(LineFormat.CRI);
    joiner.doubtBeginning();
    byte[] middle = (AT + " stdout P a").getBytes(StandardCharsets.US_ASCII);
    byte[] end = (AT + " stdout F b").getBytes(StandardCharsets.US_ASCII);
    for (int round = 0; round < 2; round++) {
      joiner.line(file, 0, middle, 0, middle.length, false);
      joiner.line(file, 1, end, 0, end.length, false);
      joiner.line(file, 2, end, 0, end.length, false);
      joiner.reset();
    }
    assertThat(seen).containsExactly("0?ab", "2:b", "0?ab", "2:b");
  }
}
