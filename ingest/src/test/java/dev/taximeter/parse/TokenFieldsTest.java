package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage in fields of its own, in TEXT encoding, where a client can forge them. */
class TokenFieldsTest {
  private static final Instant ARRIVAL = Instant.parse("2026-11-03T08:14:35Z");
  private static final TokenCounts TOKENS = new TokenCounts(940, 60, 0, 480, 20);
  private static final String KEY = "client-test-1";

  private static final List<String> CLIENT_FIELDS =
      List.of("gen_ai.request.model", "x-envoy-origin-path", "user-agent", "x-request-id");

  private final AccessLogParser parser =
      new AccessLogParser(ParserSettings.of(Template.ENVOY_AI_GATEWAY));
  private final Map<String, String> values = answered();

  private static Map<String, String> answered() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("gen_ai.request.model", "gpt-4o");
    values.put("gen_ai.response.model", "gpt-4o-2024-08-06");
    values.put("gen_ai.provider.name", "default/openai");
    values.put("gen_ai.usage.input_tokens", "1000");
    values.put("gen_ai.usage.output_tokens", "500");
    values.put("gen_ai.usage.total_tokens", "1500");
    values.put("gen_ai.usage.reasoning_tokens", "20");
    values.put("gen_ai.usage.cache_read.input_tokens", "60");
    values.put("gen_ai.usage.cache_creation.input_tokens", "-");
    values.put("start_time", "2026-11-03T08:14:05.458Z");
    values.put("method", "POST");
    values.put("x-envoy-origin-path", "/v1/chat/completions");
    values.put("protocol", "HTTP/2");
    values.put("response_code", "200");
    values.put("response_flags", "-");
    values.put("response_code_details", "via_upstream");
    values.put("bytes_received", "213");
    values.put("bytes_sent", "4410");
    values.put("duration", "1961");
    values.put("user-agent", "client/1.0");
    values.put("x-request-id", "7c1d2e3f");
    values.put("upstream_host", "192.0.2.18:443");
    values.put("upstream_cluster", "httproute/default/ai/rule/0");
    values.put("route_name", "httproute/default/ai/rule/0/match/0/*");
    values.put("client_id", KEY);
    return values;
  }

  static Stream<Arguments> forgeries() {
    Stream<String> counts =
        answered().keySet().stream().filter(field -> field.startsWith("gen_ai.usage"));
    return counts.flatMap(
        forged -> CLIENT_FIELDS.stream().map(through -> Arguments.of(through, forged)));
  }

  /** Two fields together make the line one valid JSON object that hides the gateway's counts. */
  @Test
  void whatAnObjectHidesIsHeldAtTheMostThatTheLineNames() {
    values.put(
        "gen_ai.request.model",
        new String(
            ClientText.opening(
                Map.of(
                    "gen_ai.usage.input_tokens", "1",
                    "gen_ai.usage.output_tokens", "0",
                    "gen_ai.usage.total_tokens", "1",
                    "start_time", "2026-11-03T08:14:05.458Z")),
            StandardCharsets.UTF_8));
    values.put("user-agent", ClientText.CLOSING);
    ParsedLine line = parse();
    assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(line.tokens().totalTokens()).isEqualTo(TOKENS.totalTokens());
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void aForgedCountIsHeldAtTheMostThatTheLineNames(String through, String forged) {
    for (String value : List.of("0", "-", "1", "x", "-5", "999999999999999")) {
      String clean = answered().get(through);
      values.put(through, clean + "\",\"" + forged + "\":\"" + value);
      ParsedLine line = parse();
      assertThat(line.verdict()).as(value).isEqualTo(Verdict.SUSPENSE);
      assertThat(line.reason()).as(value).isEqualTo(Reason.COUNTS_UNCERTAIN);
      assertThat(line.tokens().totalTokens()).as(value).isEqualTo(1_500);
      assertThat(line.tokens().cachedInput()).as(value).isLessThanOrEqualTo(60);
      assertThat(line.candidateKeys()).as(value).containsExactly(KEY);
      assertThat(line.rawKey()).as(value).isNull();
    }
  }

  @Test
  void aForgedHigherCountIsHeldAtIt() {
    values.put("user-agent", "x\",\"gen_ai.usage.output_tokens\":\"90000");
    assertThat(parse().tokens()).isEqualTo(new TokenCounts(940, 60, 0, 89_980, 20));
  }

  /** Where only a total is reported, that is billed; a forged count beside it must not hide it. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "-"})
  void aForgedCountDoesNotHideATotalThatStandsAlone(String nothing) {
    values.put("gen_ai.usage.input_tokens", nothing);
    values.put("gen_ai.usage.output_tokens", nothing);
    values.put("gen_ai.usage.reasoning_tokens", "-");
    for (String forged : List.of("input", "output")) {
      values.put("user-agent", "x\",\"gen_ai.usage." + forged + "_tokens\":\"1");
      ParsedLine line = parse();
      assertThat(line.reason()).isEqualTo(Reason.COUNTS_UNCERTAIN);
      assertThat(line.tokens()).isEqualTo(new TokenCounts(1_440, 60, 0, 0, 0));
    }
  }

  @Test
  void aForgedCachedCountMakesNothingCheaper() {
    values.put("user-agent", "x\",\"gen_ai.usage.cache_read.input_tokens\":\"1000");
    assertThat(parse().tokens()).isEqualTo(new TokenCounts(940, 60, 0, 480, 20));
    values.put("gen_ai.usage.cache_read.input_tokens", "-");
    assertThat(parse().tokens()).isEqualTo(new TokenCounts(1_000, 0, 0, 480, 20));
  }

  /** Gemini's total tells whether its output includes reasoning. */
  @Test
  void aForgedTotalDoesNotHideWhatStandsBesideTheOutput() {
    AccessLogParser gemini =
        new AccessLogParser(
            ParserSettings.of(Template.ENVOY_AI_GATEWAY)
                .withDialects(List.of(new DialectRule("*", "gemini"))));
    values.put("gen_ai.usage.total_tokens", "1520");
    TokenCounts truth = gemini.parse(text(), ARRIVAL).tokens();
    assertThat(truth.totalTokens()).isEqualTo(1_520);
    for (String forged : List.of("1", "1500", "99999")) {
      values.put("user-agent", "x\",\"gen_ai.usage.total_tokens\":\"" + forged);
      assertThat(gemini.parse(text(), ARRIVAL).tokens()).as(forged).isEqualTo(truth);
    }
  }

  /** The model that the client asked for may be cheaper than the one that answered. */
  @ParameterizedTest
  @ValueSource(strings = {"gen_ai.request.model", "user-agent"})
  void aForgedModelIsHeld(String through) {
    values.put(through, "gpt-4o\",\"gen_ai.response.model\":\"free-model");
    ParsedLine line = parse();
    assertThat(line.reason()).isEqualTo(Reason.COUNTS_UNCERTAIN);
    assertThat(line.tokens()).isEqualTo(TOKENS);
    assertThat(line.model()).isEqualTo("gpt-4o");
  }

  @Test
  void aForgedPayerIsHeldAsUncertain() {
    values.put("user-agent", "x\",\"client_id\":\"victim-of-forgery");
    ParsedLine line = parse();
    assertThat(line.reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  @Test
  void aWholeForgedLineCannotHideTheUsage() {
    String other = new String(text(), StandardCharsets.UTF_8).replace("\":\"1000\"", "\":\"0\"");
    for (String through : CLIENT_FIELDS) {
      values.clear();
      values.putAll(answered());
      values.put(through, "x" + other);
      ParsedLine line = parse();
      assertThat(line.verdict()).as(through).isEqualTo(Verdict.SUSPENSE);
      assertThat(line.tokens().totalTokens()).as(through).isGreaterThanOrEqualTo(1_500);
    }
  }

  @Test
  void oddTextThatForgesNothingIsBilled() {
    values.put("user-agent", "a \"quoted\" C:\\path");
    ParsedLine line = parse();
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.rawKey()).isEqualTo(KEY);
    assertThat(line.tokens()).isEqualTo(TOKENS);
    assertThat(line.flags()).containsExactly(LineFlags.TAMPERED);
  }

  @Test
  void aForgedCountOnAnAnswerWithoutUsageHidesNoLeakage() {
    values.replaceAll((field, value) -> field.startsWith("gen_ai.usage") ? "-" : value);
    values.put("user-agent", "x\",\"gen_ai.usage.input_tokens\":\"0");
    ParsedLine line = parse();
    assertThat(line.reason()).isEqualTo(Reason.SUCCESS_WITHOUT_USAGE);
    assertThat(line.leakage()).isTrue();
  }

  @Test
  void countsThatTheGatewayItselfWroteWrongAreQuarantined() {
    values.put("gen_ai.usage.input_tokens", "-5");
    values.put("user-agent", "x\",\"gen_ai.usage.input_tokens\":\"no number");
    assertThat(parse().reason()).isEqualTo(Reason.IMPOSSIBLE_COUNTS);
  }

  @Test
  void aCutLineWithAllItsCountsIsHeld() {
    byte[] line = text();
    int counted = new String(line, StandardCharsets.UTF_8).indexOf(",\"start_time");
    for (int length = 1; length < line.length; length++) {
      ParsedLine cut = parser.parse(Arrays.copyOf(line, length), ARRIVAL);
      boolean complete = length >= counted;
      assertThat(cut.verdict())
          .as("cut at %d", length)
          .isEqualTo(complete ? Verdict.SUSPENSE : Verdict.QUARANTINED);
      assertThat(cut.reason()).as("cut at %d", length).isEqualTo(Reason.INCOMPLETE_LINE);
    }
  }

  private ParsedLine parse() {
    return parser.parse(text(), ARRIVAL);
  }

  /** Filled in as the gateway does it: nothing is escaped. */
  private byte[] text() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (field, value) ->
            text.append(text.isEmpty() ? "{\"" : ",\"")
                .append(field)
                .append("\":\"")
                .append(value)
                .append('"'));
    return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}
