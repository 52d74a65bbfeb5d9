package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which lines are in JSON encoding, and what is read from them. */
class EncodingTest {
  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());

  @Test
  void inJsonNothingAClientSendsIsTampering() {
    LogLine line =
        LogLine.answered()
            .with("user_agent", "x\",\"ai_log\":\"{}\",\"user_api_key\":\"sk-test-victim")
            .with("path", "C:\\path\\?x={\"response_code\":500}")
            .with("client_version", "\\");
    ParsedLine parsed = parser.parse(line.json(), LogLine.ARRIVAL);
    assertThat(parsed).isEqualTo(parser.parse(LogLine.answered().text(), LogLine.ARRIVAL));
    assertThat(parsed.flags()).isEmpty();
  }

  @Test
  void keysMayComeInAnyOrderAndWithSpaces() {
    String rest = json().replace(",\"user_api_key\":\"sk-test-00001\"", "").substring(1);
    String line =
        "{ \"user_api_key\" : \"sk\\u002dtest-00001\" ,\t" + rest.replace("\",\"", "\" , \"");
    ParsedLine parsed = parse(line);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.rawKey()).isEqualTo("sk-test-00001");
    assertThat(parsed.flags()).isEmpty();
  }

  @Test
  void nullIsAbsent() {
    ParsedLine parsed =
        parser.parse(LogLine.answered().with("user_api_key", "-").json(), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.rawKey()).isNull();
  }

  @Test
  void anAiLogOfOneLevelLessIsReadTheSame() {
    String escapedOnce = "\\\\\\\"";
    String json = json().replace(escapedOnce, "\\\"");
    assertThat(json).isNotEqualTo(json());
    assertThat(parse(json).tokens()).isEqualTo(new TokenCounts(21, 0, 0, 69, 0));
    String bare =
        json().replaceFirst("\"ai_log\":\"[^}]*?\\{\\}.*?\\}\"", "\"ai_log\":" + LogLine.USAGE);
    assertThat(bare).contains("\"ai_log\":{\"api\"");
    assertThat(parse(bare).tokens()).isEqualTo(new TokenCounts(21, 0, 0, 69, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes_received", "bytes_sent", "duration", "response_code"})
  void aNumberInQuotesMakesItText(String field) {
    String line = json().replaceFirst("\"" + field + "\":(\\d+)", "\"" + field + "\":\"$1\"");
    assertThat(line).isNotEqualTo(json());
    assertNotJson(line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes_received", "bytes_sent", "duration", "response_code"})
  void aNumberThatIsMissingMakesItText(String field) {
    assertNotJson(json().replaceFirst("\"" + field + "\":\\d+,", ""));
    assertNotJson(json().replaceFirst("\"" + field + "\":\\d+", "\"" + field + "\":null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"duration\":5}",
        ",\"dur\\u0061tion\":5}",
        ",\"user_api_key\":\"sk-test-victim\"}",
        ",\"other\":1,\"other\":2}",
        ",\"x\":1}}",
        ",\"x\":1} {}",
        ",\"x\":01}",
        ",\"x\":1.}",
        ",\"x\":tru}",
        ",\"x\":\"\\x\"}",
        ",\"x\":[1,]}",
        ",}"
      })
  void aKeyThatRepeatsAndAnythingInvalidMakesItText(String end) {
    assertNotJson(json().substring(0, json().length() - 1) + end);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"x\":1}",
        ",\"x\":-1.5e+3}",
        ",\"x\":[1,{\"y\":[true,false,null,\"\\u00e4\"]}]}",
        ",\"x\":{}}",
        ",\"x\":\"a\tb\"}",
        ",\"x\":[]}",
      })
  void otherFieldsAreIgnored(String end) {
    ParsedLine parsed = parse(json().substring(0, json().length() - 1) + end);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.flags()).isEmpty();
  }

  /** Two of a client's fields can make TEXT one valid object in which no key repeats. */
  @ParameterizedTest
  @EnumSource(
      value = Template.class,
      names = {"ENVOY_AI_GATEWAY", "HIGRESS_WITHOUT_AI_LOG"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatAnObjectHidesIsText(Template template) {
    byte[] text =
        LogLine.answered()
            .with("authority", ClientText.opening(Map.of("user_api_key", ClientText.VICTIM)))
            .with("client_version", ClientText.CLOSING)
            .inOrderOf(template)
            .text();
    ParsedLine line = new AccessLogParser(ParserSettings.of(template)).parse(text, LogLine.ARRIVAL);
    assertThat(line.flags()).contains(LineFlags.TAMPERED);
    if (line.verdict() == Verdict.BILLABLE) {
      assertThat(line.rawKey()).isEqualTo("sk-test-00001");
    } else {
      assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    }
  }

  /** Metadata and what an attribute takes from a body can have fields with these names. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"labels\":{\"a\":\"b\",\"duration\":\"12ms\"}}",
        ",\"labels\":{\"response_code\":\"x\",\"bytes_sent\":\"y\"}}",
        ",\"body\":{\"bytes_received\":\"1\",\"q\":{\"duration\":\"5\"}}}"
      })
  void numbersInQuotesWithinObjectsOfJsonChangeNothing(String end) {
    String json = new String(LogLine.answered().json(), StandardCharsets.UTF_8);
    String line = json.substring(0, json.length() - 1) + end;
    ParsedLine parsed = parser.parse(line.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.flags()).isEmpty();
  }

  /** Its client has written the brace, and blanks for wherever the line is cut. */
  @Test
  void blanksAfterTheBraceMakeItText() {
    byte[] json = LogLine.answered().json();
    assertThat(parser.parse(json, LogLine.ARRIVAL).verdict()).isEqualTo(Verdict.BILLABLE);
    byte[] padded = Arrays.copyOf(json, json.length + 100);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    assertThat(parser.parse(padded, LogLine.ARRIVAL).verdict()).isNotEqualTo(Verdict.BILLABLE);
  }

  @Test
  void depthAndNumberOfFieldsAreBounded() {
    String start = json().substring(0, json().length() - 1);
    assertNotJson(start + ",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    StringBuilder many = new StringBuilder(start);
    for (int i = 0; i < 1_000; i++) {
      many.append(",\"x").append(i).append("\":1");
    }
    assertNotJson(many.append('}').toString());
  }

  @Test
  void missingFieldsAreFlagged() {
    ParsedLine parsed =
        parser.parse(LogLine.answered().without("user_api_key").json(), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.rawKey()).isNull();
    assertThat(parsed.flags()).containsExactly("fields-missing");
  }

  @Test
  void aPayerOutsideTheTemplateIsNeverRead() {
    LogLine line = LogLine.answered().without("user_api_key").with("consumer", "sk-test-00002");
    assertThat(parser.parse(line.json(), LogLine.ARRIVAL).rawKey()).isNull();
    ParsedLine text = parser.parse(line.text(), LogLine.ARRIVAL);
    assertThat(text.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(text.rawKey()).isNull();
  }

  @Test
  void aJsonLineWithoutStartIsQuarantinedAndNotDatedByGuess() {
    ParsedLine parsed =
        parser.parse(LogLine.answered().with("start_time", "-").json(), LogLine.ARRIVAL);
    assertThat(parsed.reason()).isEqualTo(Reason.UNREADABLE_TIME);
    assertThat(parsed.tokens().input()).isEqualTo(21);
  }

  /** Text that is no JSON encoding and does not match the template is salvaged, and flagged. */
  private void assertNotJson(String line) {
    assertThat(parse(line).flags()).contains("tampered");
  }

  private static String json() {
    return new String(LogLine.answered().json(), StandardCharsets.UTF_8);
  }

  private ParsedLine parse(String line) {
    return parser.parse(line.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL);
  }

  /** What looks like a line may be the end of one, made by the client whose value was cut. */
  @Test
  void whatMayBeTheEndOfALineIsNotBilled() {
    assertDoubted(LogLine.answered().text());
    assertDoubted(LogLine.answered().json());
  }

  /**
   * In a TEXT log a client's value can hold a line in JSON, of which the log's own end is a part.
   */
  @Test
  void theEndOfATextLineIsNotBilledAsTheJsonThatItsClientMadeOfIt() {
    String forged = json().substring(0, json().length() - "\"}".length());
    byte[] line = LogLine.answered().with("client_version", "x" + forged).text();
    byte[] end = Arrays.copyOfRange(line, line.length - forged.length() - 2, line.length);
    assertThat(parser.parse(end, LogLine.ARRIVAL).verdict()).isEqualTo(Verdict.BILLABLE);
    assertDoubted(end);
  }

  private void assertDoubted(byte[] line) {
    ParsedLine parsed = parser.parse(line, LogLine.ARRIVAL, true);
    assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(parsed.reason()).isEqualTo(Reason.UNCERTAIN_BEGINNING);
    assertThat(parsed.tokens()).isEqualTo(new TokenCounts(21, 0, 0, 69, 0));
    assertThat(parsed.rawKey()).isNull();
    assertThat(parsed.candidateKeys()).containsExactly("sk-test-00001");
    assertThat(parsed.completionCertain()).isFalse();
  }

  /** Its beginning may name usage, and the client would have written the error. */
  @Test
  void whatMayBeTheEndOfALineIsNotFreeEither() {
    ParsedLine free =
        parser.parse(
            LogLine.answered()
                .with("response_code_details", "internal_redirect:x")
                .with("ai_log", "-")
                .text(),
            LogLine.ARRIVAL,
            true);
    assertThat(free.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(free.reason()).isEqualTo(Reason.UNCERTAIN_BEGINNING);
    ParsedLine contested =
        parser.parse(
            LogLine.answered().with("path", "/\",\"user_api_key\":\"sk-test-victim").text(),
            LogLine.ARRIVAL,
            true);
    assertThat(contested.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(contested.reason()).isEqualTo(Reason.UNCERTAIN_BEGINNING);
  }

  /** A template that is added later would make it a line. */
  @Test
  void whatMayBeTheEndOfALineStaysSoWhenItCannotBeReadYet() {
    byte[] end = "…\",\"client_version\":\"3.2.0\"}".getBytes(StandardCharsets.UTF_8);
    ParsedLine parsed = parser.parse(end, LogLine.ARRIVAL, true);
    assertThat(parsed.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(parsed.reason()).isEqualTo(Reason.UNCERTAIN_BEGINNING);
  }
}
