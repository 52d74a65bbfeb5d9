package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When usage counts: start plus duration, in both encodings. */
class TimeTest {
  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());

  @ParameterizedTest
  @CsvSource({
    "2026-11-03T08:14:05.458Z,1961,2026-11-03T08:14:07.419Z",
    "2026-11-03T08:14:05Z,0,2026-11-03T08:14:05Z",
    "2026-11-03T08:14:05.123456789Z,1,2026-11-03T08:14:05.124456789Z",
    "2024-02-29T23:59:59.999Z,1,2024-03-01T00:00:00Z",
    "2026-11-01T00:00:00.000Z,7200000,2026-11-01T02:00:00Z"
  })
  void completionIsStartPlusDuration(String start, String duration, Instant completion) {
    ParsedLine line =
        parse(LogLine.answered().with("start_time", start).with("duration", duration));
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.start()).isEqualTo(Instant.parse(start));
    assertThat(line.completion()).isEqualTo(completion);
  }

  @Test
  void withoutADurationTheRequestCompletedWhenItBegan() {
    byte[] line = LogLine.answered().with("duration", "-").text();
    assertThat(parser.parse(line, LogLine.ARRIVAL).completion()).isEqualTo(LogLine.START);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-",
        "",
        "2026-11-03",
        "2026-11-03T08:14:05",
        "2026-11-03T08:14:05.Z0",
        "2026-11-03T08:14:05.Z",
        "2026-11-03T08:14:05,458Z",
        "2026-11-03 08:14:05.458Z",
        "2026-02-29T08:14:05.458Z",
        "2026-13-03T08:14:05.458Z",
        "2026-11-00T08:14:05.458Z",
        "2026-11-03T24:14:05.458Z",
        "2026-11-03T08:60:05.458Z",
        "2026-11-03T08:14:60.458Z",
        "2026-11-03T08:14:05.1234567890Z",
        "+026-11-03T08:14:05.458Z",
        "1762157645.458"
      })
  void usageWhoseStartCannotBeReadIsQuarantined(String start) {
    ParsedLine line = parse(LogLine.answered().with("start_time", start));
    assertThat(line.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(line.reason()).isEqualTo(Reason.UNREADABLE_TIME);
    assertThat(line.model()).isEqualTo("qwen-plus");
    assertThat(line.tokens().output()).isEqualTo(69);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-5", "1.5", "9999999999999999999"})
  void usageWhoseDurationCannotBeReadIsQuarantined(String duration) {
    byte[] line = LogLine.answered().with("duration", duration).text();
    assertThat(parser.parse(line, LogLine.ARRIVAL).reason()).isEqualTo(Reason.UNREADABLE_TIME);
  }

  @Test
  void withoutUsageTheTimeDoesNotMatter() {
    ParsedLine line =
        parse(LogLine.withoutUsage().with("response_code", "500").with("start_time", "x"));
    assertThat(line.reason()).isEqualTo(Reason.FAILED_REQUEST);
    assertThat(line.completion()).isNull();
  }

  @Test
  void tenMinutesAfterArrivalIsTheLatestCompletion() {
    Instant latest = LogLine.COMPLETION.minus(AccessLogParser.MAX_FUTURE);
    byte[] line = LogLine.answered().text();
    assertThat(parser.parse(line, latest).verdict()).isEqualTo(Verdict.BILLABLE);
    ParsedLine absurd = parser.parse(line, latest.minusMillis(1));
    assertThat(absurd.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(absurd.reason()).isEqualTo(Reason.ABSURD_FUTURE);
    assertThat(absurd.completion()).isEqualTo(LogLine.COMPLETION);
    assertThat(absurd.tokens().input()).isEqualTo(21);
  }

  @Test
  void theFarthestFutureIsAbsurdToo() {
    byte[] line = LogLine.answered().with("duration", "999999999999999999").text();
    assertThat(parser.parse(line, LogLine.ARRIVAL).reason()).isEqualTo(Reason.ABSURD_FUTURE);
  }

  @Test
  void howLongAgoDoesNotMatterHere() {
    ParsedLine line = parse(LogLine.answered().with("start_time", "1999-12-31T23:59:59.999Z"));
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
  }

  private ParsedLine parse(LogLine line) {
    ParsedLine text = parser.parse(line.text(), LogLine.ARRIVAL);
    assertThat(parser.parse(line.json(), LogLine.ARRIVAL)).isEqualTo(text);
    return text;
  }
}
