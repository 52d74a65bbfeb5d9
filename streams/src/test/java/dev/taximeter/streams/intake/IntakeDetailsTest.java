package dev.taximeter.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntakeDetailsTest {
  @Test
  void anExcerptShowsTheShapeOnly() {
    byte[] line = "{\"key\":\"sk-Ab12\",\u597d\ud83d\ude00\t}".getBytes(StandardCharsets.UTF_8);
    assertThat(Excerpt.of(line)).isEqualTo("{\"xxx\":\"xx-xx00\",x??}");
  }

  @Test
  void anExcerptIsShortWhateverTheBytes() {
    byte[] invalid = new byte[10_000_000];
    java.util.Arrays.fill(invalid, (byte) 0xff);
    assertThat(Excerpt.of(invalid)).hasSize(200).containsOnlyOnce("?".repeat(200));
    assertThat(Excerpt.of(new byte[0])).isEmpty();
  }

  /** A letter's reason tells whoever sends its line again that the beginning is uncertain. */
  @Test
  void aDecisionThatCannotBeWrittenKeepsItsDoubtAndNoOtherReason() {
    Arrival arrival =
        new Arrival("id", Instant.EPOCH, new LineSource("host", "/path"), 7, "shipment");
    List<Reason> kept = List.of(Reason.UNCERTAIN_BEGINNING, Reason.LINE_TOO_LONG);
    for (Reason reason :
        List.of(Reason.UNCERTAIN_BEGINNING, Reason.LINE_TOO_LONG, Reason.FOREIGN_LINE)) {
      Decision decision = LineJudge.unread(Fate.QUARANTINED, reason, arrival);
      assertThat(Settler.unwritable(decision, arrival))
          .isEqualTo(
              LineJudge.unread(
                  Fate.QUARANTINED,
                  kept.contains(reason) ? reason : Reason.INTERNAL_ERROR,
                  arrival));
    }
  }

  @Test
  void modelNamesCanBeWritten() {
    assertThat(ModelName.clean("qwen-max")).isEqualTo("qwen-max");
    assertThat(ModelName.clean("\u6a21\u578b \ud83d\ude00")).isEqualTo("\u6a21\u578b \ud83d\ude00");
    assertThat(ModelName.clean(null)).isEqualTo("unknown");
    assertThat(ModelName.clean(" ")).isEqualTo("unknown");
    assertThat(ModelName.clean("a\0b\nc")).isEqualTo("a\ufffdb\ufffdc");
    assertThat(ModelName.clean("half \ud83d character")).isEqualTo("half \ufffd character");
    assertThat(ModelName.clean("m".repeat(1_000))).hasSize(200);
  }
}
