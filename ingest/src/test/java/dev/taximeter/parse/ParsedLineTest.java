package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParsedLineTest {
  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());

  @Test
  void itsTextShowsNothingThatAClientWrote() {
    LogLine line =
        LogLine.answered()
            .aiLog("{\"input_token\":7,\"model\":\"secret-model\",\"question\":\"secret-prompt\"}")
            .with("user_api_key", "sk-secret")
            .with("path", "/secret-path?apikey=sk-secret");
    ParsedLine parsed = parser.parse(line.text(), LogLine.ARRIVAL);
    assertThat(parsed.rawKey()).isEqualTo("sk-secret");
    assertThat(parsed.toString()).doesNotContain("secret");
    ParsedLine held =
        parser.parse(
            line.with("user_agent", "\",\"user_api_key\":\"sk-secret").text(), LogLine.ARRIVAL);
    assertThat(held.toString()).doesNotContain("secret");
    assertThat(held.rawKey()).isNull();
  }
}
