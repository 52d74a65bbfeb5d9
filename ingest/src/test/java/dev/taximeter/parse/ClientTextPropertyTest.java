package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever a client writes into the fields it controls, the key's own value aside, neither changes
 * tokens or payer of a billed line nor makes a billable line free.
 */
class ClientTextPropertyTest {
  private static final String OWN_KEY = "sk-test-00001";
  private static final TokenCounts TOKENS = new TokenCounts(40, 60, 0, 69, 0);
  private static final String USAGE =
      "{\"input_token\":100,\"input_token_details\":{\"cached_tokens\":60},"
          + "\"model\":\"qwen-plus\",\"output_token\":69,\"total_token\":169}";
  private static final List<String> BARE_NUMBERS =
      List.of("duration", "response_code", "bytes_received", "bytes_sent");
  private static final List<String> CLIENT_FIELDS =
      List.of(
          "authority",
          "path",
          "request_id",
          "requested_server_name",
          "trace_id",
          "user_agent",
          "x_forwarded_for",
          "client_version");
  private static final List<String> FORGEABLE_FIELDS =
      List.of(
          "ai_log",
          "authority",
          "bytes_received",
          "bytes_sent",
          "duration",
          "method",
          "path",
          "response_code",
          "response_code_details",
          "response_flags",
          "route_name",
          "start_time",
          "upstream_cluster",
          "upstream_host",
          "user_api_key",
          "client_version");
  private static final List<String> FORGED_VALUES =
      List.of(
          "",
          "-",
          "0",
          "500",
          "GET",
          "{}",
          "{\\\"input_token\\\":0,\\\"model\\\":\\\"m\\\"}",
          "999999999999999999",
          "2026-11-03T08:14:34.999Z",
          "2031-01-01T00:00:00.000Z",
          "internal_redirect:x",
          "via_wasm::ai-cache.hit",
          "outbound|443||llm-other.internal.dns",
          "sk-test-victim");

  private static final String KEY_FIRST_TEMPLATE =
      ParserSettings.DEFAULT_TEMPLATE
          .replace(",\"user_api_key\":\"%REQ(vjsp-api-key)%\"", "")
          .replace(",\"authority\"", ",\"user_api_key\":\"%REQ(vjsp-api-key)%\",\"authority\"");

  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
  private final AccessLogParser keyFirst =
      new AccessLogParser(ParserSettings.defaults().withTemplate(KEY_FIRST_TEMPLATE));
  private final AccessLogParser withDialects =
      new AccessLogParser(
          ParserSettings.defaults()
              .withDialects(List.of(new DialectRule("*llm-other*", "anthropic"))));

  @Property(tries = 800)
  void neitherFreeNorOnAnotherKey(@ForAll("clientTexts") Map<String, byte[]> texts) {
    ParsedLine line = parser.parse(line(texts).text(), LogLine.ARRIVAL);
    assertHeldOrBilledToOwner(line);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  /** Two fields together can make the line one valid JSON object with other values. */
  @Property(tries = 800)
  void nothingHidesInAnObject(
      @ForAll("forgedFields") Map<String, String> forged,
      @ForAll("twoFields") List<String> places,
      @ForAll("templates") Template template) {
    LogLine line =
        LogLine.answered()
            .aiLog(USAGE)
            .with(places.get(0), ClientText.opening(forged))
            .with(places.get(1), ClientText.CLOSING)
            .inOrderOf(template);
    AccessLogParser parsing = new AccessLogParser(ParserSettings.of(template));
    ParsedLine parsed = parsing.parse(line.text(), LogLine.ARRIVAL);
    assertHeldOrBilledToOwner(parsed);
    assertThat(parsed.tokens()).isEqualTo(TOKENS);
  }

  @Property(tries = 400)
  void alwaysBilledToTheOwnerWithTheKeyDirectlyAfterAiLog(
      @ForAll("clientTexts") Map<String, byte[]> texts) {
    byte[] bytes = line(texts).moved("user_api_key", "ai_log").text();
    ParsedLine line = keyFirst.parse(bytes, LogLine.ARRIVAL);
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.rawKey()).isEqualTo(OWN_KEY);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  @Property(tries = 400)
  void aForgedUpstreamCanOnlyAddTokens(@ForAll("clientTexts") Map<String, byte[]> texts) {
    ParsedLine line = withDialects.parse(line(texts).text(), LogLine.ARRIVAL);
    assertHeldOrBilledToOwner(line);
    assertThat(line.tokens().inputTokens()).isBetween(100L, 160L);
    assertThat(line.tokens().outputTokens()).isEqualTo(69);
  }

  @Property(tries = 400)
  void theKeysOwnValueNeverMakesALineFree(
      @ForAll("clientTexts") Map<String, byte[]> texts, @ForAll("clientText") byte[] key) {
    ParsedLine line = parser.parse(line(texts).with("user_api_key", key).text(), LogLine.ARRIVAL);
    assertThat(line.verdict()).isIn(Verdict.BILLABLE, Verdict.SUSPENSE);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  @Property(tries = 300)
  void leakageCannotBeHidden(@ForAll("clientTexts") Map<String, byte[]> texts) {
    LogLine logLine = line(texts).aiLog(LogLine.NO_USAGE);
    ParsedLine line = parser.parse(logLine.text(), LogLine.ARRIVAL);
    assertThat(line.verdict()).isEqualTo(Verdict.UNBILLABLE);
    assertThat(line.leakage()).isTrue();
  }

  @Property(tries = 400)
  void inJsonTheyDoNotMatterAtAll(@ForAll("clientTexts") Map<String, byte[]> texts) {
    ParsedLine line = parser.parse(line(texts).json(), LogLine.ARRIVAL);
    // All but the request id, which is the client's to choose.
    assertThat(line)
        .usingRecursiveComparison()
        .ignoringFields("requestId")
        .isEqualTo(parser.parse(line(Map.of()).json(), LogLine.ARRIVAL));
  }

  @Property(tries = 400)
  void cutsOfTamperedLinesAreNeverFree(
      @ForAll("clientTexts") Map<String, byte[]> texts, @ForAll("share") double share) {
    byte[] bytes = line(texts).text();
    int length = 1 + (int) (share * (bytes.length - 1));
    ParsedLine line = parser.parse(Arrays.copyOf(bytes, length), LogLine.ARRIVAL);
    assertThat(line.verdict()).isNotEqualTo(Verdict.UNBILLABLE);
    assertThat(line.reason()).isNotEqualTo(Reason.INTERNAL_ERROR);
  }

  @Property(tries = 800)
  void noBytesAtAllMakeItFail(@ForAll("clientText") byte[] bytes) {
    ParsedLine line = parser.parse(bytes, LogLine.ARRIVAL);
    assertThat(line.reason()).isNotEqualTo(Reason.INTERNAL_ERROR);
    assertThat(line.verdict()).isNotEqualTo(Verdict.BILLABLE);
  }

  @Property(tries = 800)
  void noChangedByteMakesItFail(
      @ForAll("share") double place, @ForAll byte value, @ForAll boolean json) {
    byte[] bytes = json ? line(Map.of()).json() : line(Map.of()).text();
    bytes[(int) (place * (bytes.length - 1))] = value;
    assertThat(parser.parse(bytes, LogLine.ARRIVAL).reason()).isNotEqualTo(Reason.INTERNAL_ERROR);
  }

  @Property(tries = 400)
  void noAiLogAtAllMakesItFail(@ForAll("clientText") byte[] aiLog) {
    LogLine line = LogLine.answered().with("ai_log", aiLog);
    assertThat(parser.parse(line.text(), LogLine.ARRIVAL).reason())
        .isNotEqualTo(Reason.INTERNAL_ERROR);
    assertThat(parser.parse(line.json(), LogLine.ARRIVAL).reason())
        .isNotEqualTo(Reason.INTERNAL_ERROR);
  }

  private static void assertHeldOrBilledToOwner(ParsedLine line) {
    if (line.verdict() == Verdict.BILLABLE) {
      assertThat(line.rawKey()).isEqualTo(OWN_KEY);
    } else {
      assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    }
    assertThat(line.model()).isEqualTo("qwen-plus");
    assertThat(line.completion())
        .isBetween(LogLine.START, LogLine.ARRIVAL.plus(AccessLogParser.MAX_FUTURE));
  }

  private static LogLine line(Map<String, byte[]> texts) {
    LogLine line = LogLine.answered().aiLog(USAGE);
    texts.forEach(line::with);
    return line;
  }

  @Provide
  Arbitrary<Double> share() {
    return Arbitraries.doubles().between(0, 1);
  }

  @Provide
  Arbitrary<Map<String, String>> forgedFields() {
    return Arbitraries.maps(
            Arbitraries.of(FORGEABLE_FIELDS).filter(name -> !BARE_NUMBERS.contains(name)),
            Arbitraries.of(FORGED_VALUES))
        .ofMaxSize(6);
  }

  /** Two of a client's fields, in the order of most templates. */
  @Provide
  Arbitrary<List<String>> twoFields() {
    return Arbitraries.of(
            "authority",
            "path",
            "request_id",
            "requested_server_name",
            "trace_id",
            "user_agent",
            "x_forwarded_for",
            "client_version")
        .set()
        .ofSize(2)
        .map(List::copyOf)
        .flatMap(pair -> Arbitraries.of(pair, List.of(pair.get(1), pair.get(0))));
  }

  @Provide
  Arbitrary<Template> templates() {
    return Arbitraries.of(
        Template.HIGRESS,
        Template.HIGRESS_AI_LOG_LAST,
        Template.HIGRESS_WITHOUT_DETAILS,
        Template.HIGRESS_CONSUMER,
        Template.HIGRESS_SAFE);
  }

  @Provide
  Arbitrary<Map<String, byte[]>> clientTexts() {
    return Arbitraries.maps(Arbitraries.of(CLIENT_FIELDS), clientText()).ofMaxSize(4);
  }

  /** Text made of what closes, opens and breaks fields, and of any bytes a header can hold. */
  @Provide
  Arbitrary<byte[]> clientText() {
    Arbitrary<byte[]> forgedField =
        Arbitraries.of(FORGEABLE_FIELDS)
            .flatMap(
                name ->
                    Arbitraries.of(FORGED_VALUES)
                        .map(value -> utf8("\",\"" + name + "\":\"" + value)));
    Arbitrary<byte[]> bareNumber =
        Arbitraries.of(BARE_NUMBERS).map(name -> utf8("\",\"" + name + "\":1,\"z\":\""));
    Arbitrary<byte[]> fragment =
        Arbitraries.of(
                "\"",
                "\\",
                "\"}",
                "{\"",
                "{\"ai_log\":\"",
                "{}",
                ",",
                ":",
                "\t",
                "-",
                "x",
                "好",
                "\\\"",
                "\\\\",
                "\\u0022",
                "\",\"z\":\"",
                "{\"ai_log\":\"{}\"}",
                "\"} {\"ai_log\":\"-\",\"response_code\":\"500\"}")
            .map(ClientTextPropertyTest::utf8);
    Arbitrary<byte[]> anyBytes =
        Arbitraries.bytes()
            .filter(b -> b != '\r' && b != '\n' && b != 0)
            .array(byte[].class)
            .ofMaxSize(8);
    Arbitrary<byte[]> padding =
        Arbitraries.integers().between(0, 2_000).map(n -> utf8("x".repeat(n)));
    Arbitrary<byte[]> hiding = forgedFields().map(ClientText::opening);
    Arbitrary<byte[]> closing = Arbitraries.just(utf8(ClientText.CLOSING));
    return Arbitraries.frequencyOf(
            Tuple.of(1, hiding),
            Tuple.of(1, closing),
            Tuple.of(4, forgedField),
            Tuple.of(1, bareNumber),
            Tuple.of(4, fragment),
            Tuple.of(2, anyBytes),
            Tuple.of(1, padding))
        .list()
        .ofMaxSize(8)
        .map(ClientTextPropertyTest::join);
  }

  private static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
