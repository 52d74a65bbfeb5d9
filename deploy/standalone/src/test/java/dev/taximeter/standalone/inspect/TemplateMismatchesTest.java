package dev.taximeter.standalone.inspect;

import static dev.taximeter.standalone.inspect.LogLines.bytes;
import static dev.taximeter.standalone.inspect.LogLines.line;
import static dev.taximeter.standalone.inspect.LogLines.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.parse.ParserSettings;
import dev.taximeter.standalone.demo.AccessLogField;
import dev.taximeter.standalone.inspect.TemplateMismatches.Kind;
import dev.taximeter.standalone.inspect.TemplateMismatches.Mismatch;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemplateMismatchesTest {
  private final TemplateMismatches mismatches =
      new TemplateMismatches(ParserSettings.DEFAULT_TEMPLATE);
  private final String whole = line(0).aiLog(usage("m", 1, 2)).text();

  private static Mismatch only(String line) {
    TemplateMismatches alone = new TemplateMismatches(ParserSettings.DEFAULT_TEMPLATE);
    alone.add(bytes(line), "a.log", 7);
    assertThat(alone.all()).hasSize(1);
    return alone.all().get(0);
  }

  @Test
  void aLineOfTheTemplateHasNone() {
    mismatches.add(bytes(whole), "a.log", 1);
    assertThat(mismatches.all()).isEmpty();
  }

  @Test
  void anotherFieldIsNamedWithItsPlace() {
    String other = whole.replace("\",\"bytes_received", "\",\"consumer\":\"x\",\"bytes_receive");
    Mismatch mismatch = only(other);
    assertThat(mismatch.kind()).isEqualTo(Kind.OTHER_FIELD);
    assertThat(mismatch.field()).isEqualTo("bytes_received");
    assertThat(mismatch.found()).isEqualTo("consumer");
    assertThat(mismatch.firstLine()).isEqualTo(7);
    assertThat(mismatch.firstByte()).isEqualTo(other.indexOf("\",\"consumer") + 1);
  }

  @Test
  void aNameThatIsNotKnownIsOnlyItsShape() {
    assertThat(only(whole.replace("\"bytes_received\"", "\"sk-Planted-01\"")).found())
        .isEqualTo("xx-xxxxxxx-00");
  }

  @Test
  void aValueThatBreaksOut() {
    Mismatch mismatch =
        only(line(0).set(AccessLogField.USER_AGENT, "x\",\"response_code\":\"500").text());
    assertThat(mismatch.kind()).isEqualTo(Kind.VALUE_BREAKS_OUT);
    assertThat(mismatch.field()).isEqualTo("x_forwarded_for");
    assertThat(mismatch.found()).isEmpty();
  }

  @Test
  void otherEndsAndBeginnings() {
    assertThat(only(whole.substring(0, 400)).kind()).isEqualTo(Kind.LINE_ENDS);
  }

  @Test
  void aPrefix() {
    assertWrapped("2026-11-03T08:14:05Z stdout F " + whole, "cri");
    assertWrapped("2026-11-03T08:14:05.123456789Z stderr P " + whole.substring(0, 99), "cri");
    assertWrapped("2026-11-03T08:14:05Z " + whole, "timestamp");
    assertWrapped("2026-11-03 08:14:05.123\t" + whole, "timestamp");
    assertWrapped("{\"log\":\"{\\\"ai_log", "docker-json");
  }

  private static void assertWrapped(String line, String format) {
    Mismatch mismatch = only(line);
    assertThat(mismatch.kind()).isEqualTo(Kind.WRAPPED);
    assertThat(mismatch.found()).isEqualTo(format);
  }

  @Test
  void aLineOfAnotherProgram() {
    for (String line : List.of("[2026-11-03 08:14:05.458][1][info] starting", "2026-11-03 x", "")) {
      assertThat(only(line).kind()).isEqualTo(Kind.OTHER_BEGINNING);
    }
  }

  @Test
  void anotherFirstField() {
    Mismatch mismatch = only("{\"authority\":\"x\",\"ai_log\":\"-\"}");
    assertThat(mismatch.kind()).isEqualTo(Kind.OTHER_FIELD);
    assertThat(mismatch.found()).isEqualTo("authority");
    assertThat(only("{\"sk-secret-1\":1}").found()).isEqualTo("xx-xxxxxx-0");
  }

  @Test
  void moreAfterTheLastField() {
    Mismatch mismatch = only(whole.substring(0, whole.length() - 1) + ",\"z\":\"1\"}");
    assertThat(mismatch.kind()).isEqualTo(Kind.LINE_GOES_ON);
  }

  @Test
  void equalOnesAreCountedAndKindsAreBounded() {
    mismatches.add(bytes("{}"), "a.log", 1);
    mismatches.add(bytes("[]"), "a.log", 2);
    assertThat(mismatches.all())
        .singleElement()
        .satisfies(
            mismatch -> {
              assertThat(mismatch.lines()).isEqualTo(2);
              assertThat(mismatch.firstLine()).isEqualTo(1);
            });
    for (int i = 0; i < 2_000; i++) {
      String name = "x".repeat(i % 39 + 1) + "0".repeat(i / 39 % 39 + 1);
      mismatches.add(bytes(whole.replace("\"bytes_received\"", '"' + name + '"')), "a.log", i);
    }
    assertThat(mismatches.all()).hasSize(TemplateMismatches.MOST_KINDS);
  }

  @Test
  void noBytesMakeItFail() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] line = bytes(whole.substring(0, random.nextInt(whole.length() + 1)));
      for (int i = 0; i < 4 && line.length > 0; i++) {
        line[random.nextInt(line.length)] = bytes("{}\"\\:,-x")[random.nextInt(8)];
      }
      mismatches.add(line, "a.log", round);
    }
    assertThat(mismatches.all()).isNotEmpty();
  }
}
