package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be configured, and what happens to settings that cannot work. */
class ParserSettingsTest {
  private static final String SMALL =
      "{\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\",\"key\":\"%REQ(X-KEY)%\","
          + "\"start_time\":\"%START_TIME%\"}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ai_log=%X%|needs a { at character 1",
        "{\"a\":%DURATION%}|needs a \" at character 6",
        "{\"a\":\"%DURATION%\"|needs a } at character 18",
        "{\"a\":\"%DURATION%\"} more|goes on after its closing brace",
        "{\"a\":\"constant\"}|field 'a' must hold an operator such as %DURATION%, not constant",
        "{\"a\":\"%DURATION%\",\"a\":\"%DURATION%\"}|field 'a' is empty or repeated",
        "{\"\":\"%DURATION%\"}|field '' is empty or repeated",
        "{\"key\":\"%REQ(K)%\"}|has no field 'start_time'",
        "{\"start_time\":\"%START_TIME%\"}|the payer 'key' must be a field of the template"
      })
  void aTemplateThatCannotWorkIsRefusedWithTheReason(String template, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ParserSettings(template, List.of("key"), List.of()))
        .withMessageContaining(reason);
  }

  @Test
  void aTemplateOnSeveralLinesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ParserSettings(SMALL.replace(",", ",\n"), List.of("key"), List.of()))
        .withMessageContaining("one line");
  }

  @Test
  void thePayerIsNoFieldWithAnotherMeaning() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParserSettings.defaults().withPayer("ai_log"));
  }

  @Test
  void anUnknownDialectIsRefusedWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ParserSettings.defaults().withDialects(List.of(new DialectRule("*", "anthropc"))))
        .withMessageContaining("anthropic");
  }

  @Test
  void spacesInATemplateAreSpacesInItsLines() {
    AccessLogParser parser =
        new AccessLogParser(
            new ParserSettings(SMALL.replace("\":\"", "\": \""), List.of("key"), List.of()));
    String line =
        "{\"ai_log\": \"{\\\"input_token\\\":7}\",\"key\": \"k\",\"start_time\": \"2026-11-03T08:14:05Z\"}";
    ParsedLine parsed = parser.parse(Bytes.ascii(line), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.flags()).isEmpty();
    assertThat(parser.parse(Bytes.ascii(line.replace(": ", ":")), LogLine.ARRIVAL).verdict())
        .isEqualTo(Verdict.QUARANTINED);
  }

  @Test
  void anotherFieldCanNameThePayer() {
    AccessLogParser parser =
        new AccessLogParser(ParserSettings.defaults().withPayer("client_version"));
    assertThat(parser.parse(LogLine.answered().text(), LogLine.ARRIVAL).rawKey())
        .isEqualTo("3.2.0");
  }

  @Test
  void aTemplateWithoutAiLogHasNothingToBillAndNothingToQuarantine() {
    String template =
        ParserSettings.DEFAULT_TEMPLATE.replace(
            "\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\",", "");
    AccessLogParser parser = new AccessLogParser(ParserSettings.defaults().withTemplate(template));
    LogLine line = LogLine.answered().without("ai_log").with("response_code", "500");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).reason())
        .isEqualTo(Reason.FAILED_REQUEST);
    assertThat(parser.parse(line.with("user_agent", "\"").text(), LogLine.ARRIVAL).reason())
        .isEqualTo(Reason.FAILED_REQUEST);
  }

  @Test
  void anAiLogAtTheEndIsReadAndNoForgedOneHidesIt() {
    String template =
        ParserSettings.DEFAULT_TEMPLATE
            .replace("{\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\",", "{")
            .replace(
                "VERSION)%\"}", "VERSION)%\",\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\"}");
    AccessLogParser parser = new AccessLogParser(ParserSettings.defaults().withTemplate(template));
    LogLine line = LogLine.answered().moved("ai_log", "client_version");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).flags()).isEmpty();
    line.with("path", "\"");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).verdict()).isEqualTo(Verdict.BILLABLE);
    line.with("path", "\",\"ai_log\":\"{}");
    ParsedLine forged = parser.parse(line.text(), LogLine.ARRIVAL);
    assertThat(forged.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(forged.tokens().totalTokens()).isEqualTo(90);
  }

  @Test
  void anUnknownOperatorCountsAsTheClients() {
    // Were the mystery believed to be the gateway's, the forged key behind it would be as well.
    String template = SMALL.replace("\"key\"", "\"mystery\":\"%MYSTERY%\",\"key\"");
    AccessLogParser parser =
        new AccessLogParser(new ParserSettings(template, List.of("key"), List.of()));
    String line =
        "{\"ai_log\":\"{\\\"input_token\\\":7}\",\"mystery\":\"x\",\"key\":\"victim\",\"z\":\"\","
            + "\"key\":\"own\",\"start_time\":\"2026-11-03T08:14:05Z\"}";
    assertThat(parser.parse(Bytes.ascii(line), LogLine.ARRIVAL).verdict())
        .isEqualTo(Verdict.SUSPENSE);
  }

  @Test
  void theFirstRuleThatMatchesAnUpstreamDecides() {
    AccessLogParser parser =
        new AccessLogParser(
            ParserSettings.defaults()
                .withDialects(
                    List.of(
                        new DialectRule("outbound|443||llm-qwen.internal.dns", "openai"),
                        new DialectRule("*llm-*", "anthropic"))));
    LogLine line =
        LogLine.answered()
            .aiLog("{\"input_token\":10,\"input_token_details\":{\"cache_read_input_tokens\":4}}");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).tokens())
        .isEqualTo(new TokenCounts(6, 4, 0, 0, 0));
    line.with("upstream_cluster", "outbound|443||llm-claude.internal.dns");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).tokens())
        .isEqualTo(new TokenCounts(10, 4, 0, 0, 0));
    line.with("upstream_cluster", "outbound|443||other.dns");
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).tokens())
        .isEqualTo(new TokenCounts(6, 4, 0, 0, 0));
  }
}
