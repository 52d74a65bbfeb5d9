package dev.taximeter.standalone.inspect;

import static dev.taximeter.standalone.inspect.LogLines.bytes;
import static dev.taximeter.standalone.inspect.LogLines.line;
import static dev.taximeter.standalone.inspect.LogLines.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.parse.ParserSettings;
import dev.taximeter.standalone.demo.AccessLogField;
import dev.taximeter.standalone.inspect.TemplateMismatches.Kind;
import dev.taximeter.standalone.inspect.TemplateMismatches.Mismatch;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemplateMismatchesTest {
  private final TemplateMismatches mismatches =
      new TemplateMismatches(ParserSettings.DEFAULT_TEMPLATE);
  private final String whole = line(0).aiLog(usage("m", 1, 2)).text();

  private Mismatch only(String line) {
    mismatches.add(bytes(line), "a.log", 7);
    assertThat(mismatches.all()).hasSize(1);
    return mismatches.all().get(0);
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
    assertThat(only("2026-11-03T08:14:05Z stdout F " + whole).kind())
        .isEqualTo(Kind.OTHER_BEGINNING);
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
