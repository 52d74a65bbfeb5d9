package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plugin's own object may look like, in both encodings. */
class AiLogTest {
  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7",
        "'\"7\"'",
        "7.0",
        "0.7e1",
        "'\"7.0\"'",
        "70E-1",
      })
  void countsAreNumbersOrTextOfNumbers(String count) {
    assertThat(tokens("{\"input_token\":" + count + ",\"output_token\":2}"))
        .isEqualTo(new TokenCounts(7, 0, 0, 2, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\"-\"", "\"null\"", "\"\\u003cnil\\u003e\""})
  void aCountMayBeMissingInManyWays(String count) {
    assertThat(tokens("{\"input_token\":" + count + ",\"output_token\":2}"))
        .isEqualTo(new TokenCounts(0, 0, 0, 2, 0));
    assertThat(tokens("{\"output_token\":2}")).isEqualTo(new TokenCounts(0, 0, 0, 2, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "1.5",
        "1000000001",
        "1e10",
        "1e999999999",
        "1e-999999999",
        "99999999999999999999999999",
        "true",
        "{}",
        "[7]",
        "\"seven\"",
        "\"-7\"",
        "\" 7\"",
        "NaN"
      })
  void countsThatCannotBeTrueAreQuarantined(String count) {
    for (String json :
        new String[] {
          "{\"input_token\":" + count + ",\"model\":\"m\",\"output_token\":2}",
          "{\"input_token\":3,\"model\":\"m\",\"output_token\":" + count + "}",
          "{\"input_token\":3,\"model\":\"m\",\"total_token\":" + count + "}",
          "{\"input_token\":3,\"input_token_details\":{\"cached_tokens\":"
              + count
              + "},\"model\":\"m\"}",
          "{\"input_token\":3,\"model\":\"m\",\"output_token_details\":{\"reasoning_tokens\":"
              + count
              + "}}"
        }) {
      ParsedLine line = both(json);
      assertThat(line.verdict()).as(json).isEqualTo(Verdict.QUARANTINED);
      assertThat(line.reason()).isEqualTo(Reason.IMPOSSIBLE_COUNTS);
      assertThat(line.model()).isEqualTo("m");
      assertThat(line.completion()).isEqualTo(LogLine.COMPLETION);
    }
  }

  @Test
  void theLargestCountIsBilled() {
    assertThat(tokens("{\"input_token\":1000000000,\"output_token\":0}").input())
        .isEqualTo(Numbers.MAX_COUNT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"cached_tokens\":5}",
        "{\"cached_tokens\":\"5\"}",
        "{ \"audio_tokens\" : null , \"cached_tokens\" : 5 }",
        "\"{\\\"cached_tokens\\\":5}\"",
        "\"{\\\"nested\\\":{\\\"a\\\":[1,2]},\\\"cached_tokens\\\":\\\"5\\\"}\"",
        "{\"cached_tokens\":5,\"cache_read_input_tokens\":5}"
      })
  void detailsAreAnObjectOrTextOfOne(String details) {
    assertThat(tokens("{\"input_token\":7,\"input_token_details\":" + details + "}"))
        .isEqualTo(new TokenCounts(2, 5, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "\"\"", "\"-\"", "\"{}\"", "\"\\u003cnil\\u003e\""})
  void detailsMayBeMissing(String details) {
    ParsedLine line = both("{\"input_token\":7,\"input_token_details\":" + details + "}");
    assertThat(line.tokens()).isEqualTo(new TokenCounts(7, 0, 0, 0, 0));
    assertThat(line.flags()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "[]", "true", "\"{\\\"cached_to [truncated] 5}\"", "\"map[a:1]\""})
  void detailsThatCannotBeReadCostADiscountAndAreFlagged(String details) {
    ParsedLine line = both("{\"input_token\":7,\"input_token_details\":" + details + "}");
    assertThat(line.tokens()).isEqualTo(new TokenCounts(7, 0, 0, 0, 0));
    assertThat(line.flags()).containsExactly("details-unreadable");
  }

  @Test
  void detailsWinOverTheSameCountBesideThem() {
    assertThat(
            tokens(
                "{\"cached_tokens\":3,\"input_token\":7,"
                    + "\"input_token_details\":{\"cached_tokens\":5}}"))
        .isEqualTo(new TokenCounts(2, 5, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"a \\\"quoted\\\" \\\\ and \\\\\\\" text\"",
        "\"ends with a backslash \\\\\"",
        "\"\\\\\"",
        "\"\\u003cb\\u003e \\u0022 \\ud83d\\ude00 \\n\"",
        "\"cut here [truncated] and on\"",
        "\"\\\",\\\"input_token\\\":0,\\\"x\\\":\\\"\"",
        "[{\"text\":\"Summarise R\\u0026D.\",\"type\":\"text\"}]",
        "{\"input_token\":0,\"model\":\"nested\"}",
        "[[],{},[{}],\"]\",\"}\",null,true,-1.5e3]",
        "null"
      })
  void promptsAndAnswersDoNotMatter(String value) {
    String json =
        "{\"answer\":%s,\"input_token\":7,\"model\":\"m\",\"output_token\":2,\"question\":%s}"
            .formatted(value, value);
    ParsedLine line = both(json);
    assertThat(line.tokens()).isEqualTo(new TokenCounts(7, 0, 0, 2, 0));
    assertThat(line.model()).isEqualTo("m");
  }

  @Test
  void aPromptMayNestAsDeepAsItLikes() {
    String deep = "[".repeat(200_000) + "]".repeat(200_000);
    ParsedLine line = text("{\"input_token\":7,\"messages\":" + deep + ",\"output_token\":2}");
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
  }

  @Test
  void bytesThatWereCutInsideACharacterAreSkipped() {
    byte[] json =
        "{\\\"answer\\\":\\\"??\\\",\\\"input_token\\\":7}".getBytes(StandardCharsets.UTF_8);
    int at = new String(json, StandardCharsets.UTF_8).indexOf('?');
    json[at] = (byte) 0xe6;
    json[at + 1] = (byte) 0xff;
    ParsedLine line = parser.parse(LogLine.answered().with("ai_log", json).text(), LogLine.ARRIVAL);
    assertThat(line.tokens().input()).isEqualTo(7);
    assertThat(line.flags()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input_token\":7,\"input_token\":0}",
        "{\"input_token\":7,\"input_t\\u006fken\":0}",
        "{\"model\":\"a\",\"input_token\":1,\"model\":\"b\"}",
        "{\"input_token\":7,\"input_token_details\":{\"cached_tokens\":1,\"cached_tokens\":2}}"
      })
  void aKeyThatCountsAndRepeatsIsUnreadable(String json) {
    assertUnreadable(both(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "}",
        "{}x",
        "{\"input_token\"}",
        "{\"input_token\":}",
        "{\"input_token\":7,}",
        "{\"input_token\":7 \"x\":1}",
        "{\"input_token\":7",
        "{\"a\":[}",
        "[]",
        "null",
        "7",
        "{input_token:7}",
        "{\"a\":\"unfinished}"
      })
  void whatIsNoObjectIsUnreadable(String json) {
    assertUnreadable(both(json));
  }

  @Test
  void anInnerValueThatWasNotEscapedIsUnreadable() {
    String raw = "{\\\"input_token\\\":7,\\\"question\\\":\\\"say \"hi\"\\\"}";
    ParsedLine line = parser.parse(LogLine.answered().with("ai_log", raw).text(), LogLine.ARRIVAL);
    assertUnreadable(line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", ""})
  void withoutAPluginThereIsNoUsage(String value) {
    ParsedLine line =
        parser.parse(
            LogLine.answered().with("ai_log", value).with("response_code", "500").text(),
            LogLine.ARRIVAL);
    assertThat(line.reason()).isEqualTo(Reason.FAILED_REQUEST);
    assertThat(line.flags()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"input_token\":7}'|unknown",
        "'{\"input_token\":7,\"model\":null}'|unknown",
        "'{\"input_token\":7,\"model\":\"\"}'|unknown",
        "'{\"input_token\":7,\"model\":\"-\"}'|unknown",
        "'{\"input_token\":7,\"model\":7}'|unknown",
        "'{\"input_token\":7,\"model\":\" \\t\\u0000 \"}'|unknown",
        "'{\"input_token\":7,\"model\":\"通义千问\"}'|通义千问",
        "'{\"input_token\":7,\"model\":\"a\\u003cb\\u003e\\\"c\\\\\"}'|a<b>\"c\\",
        "'{\"input_token\":7,\"model\":\"x\\u001b[31m\\u202ey\\n\"}'|x[31my",
        "'{\"input_token\":7,\"model\":\"\\ud83d\\ude00\"}'|😀",
        "'{\"input_token\":7,\"model\":\"a\\ud83db\"}'|a\ufffdb"
      })
  void modelNamesAreCleaned(String json, String model) {
    assertThat(both(json).model()).isEqualTo(model);
  }

  @Test
  void modelNamesAreCutBetweenCharacters() {
    ParsedLine line = both("{\"input_token\":7,\"model\":\"" + "千".repeat(100) + "\"}");
    assertThat(line.model()).isEqualTo("千".repeat(66));
    assertThat(line.flags()).containsExactly("model-truncated");
    assertThat(both("{\"input_token\":7,\"model\":\"" + "m".repeat(200) + "\"}").flags()).isEmpty();
    assertThat(both("{\"input_token\":7,\"model\":\"" + "m".repeat(60_000) + "\"}").model())
        .hasSize(AiLog.MAX_MODEL_BYTES);
  }

  private TokenCounts tokens(String json) {
    ParsedLine line = both(json);
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    return line.tokens();
  }

  /** Reads the object from both encodings, which must agree. */
  private ParsedLine both(String json) {
    ParsedLine line = text(json);
    byte[] inJson = LogLine.answered().aiLog(json).json();
    assertThat(parser.parse(inJson, LogLine.ARRIVAL)).isEqualTo(line);
    return line;
  }

  private ParsedLine text(String json) {
    return parser.parse(LogLine.answered().aiLog(json).text(), LogLine.ARRIVAL);
  }

  private static void assertUnreadable(ParsedLine line) {
    assertThat(line.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(line.reason()).isEqualTo(Reason.UNREADABLE_AI_LOG);
    assertThat(line.tokens()).isEqualTo(TokenCounts.ZERO);
  }
}
