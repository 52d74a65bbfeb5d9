package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is believed of a TEXT line that does not match its template. */
class SalvageTest {
  private static final TokenCounts TOKENS = new TokenCounts(21, 0, 0, 69, 0);
  private static final String OWN_KEY = "sk-test-00001";
  private static final String VICTIM = "sk-test-victim";

  /** The default template with the key directly after ai_log, as recommended for TEXT. */
  private static final String KEY_FIRST =
      ParserSettings.DEFAULT_TEMPLATE
          .replace(",\"user_api_key\":\"%REQ(vjsp-api-key)%\"", "")
          .replace(",\"authority\"", ",\"user_api_key\":\"%REQ(vjsp-api-key)%\",\"authority\"");

  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
  private final AccessLogParser keyFirst =
      new AccessLogParser(ParserSettings.defaults().withTemplate(KEY_FIRST));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path",
        "request_id",
        "requested_server_name",
        "trace_id",
        "user_agent",
        "x_forwarded_for",
        "client_version"
      })
  void aForgedOutcomeInAnyClientFieldChangesNothing(String field) {
    String forged =
        "x\",\"ai_log\":\"{}\",\"response_code\":\"500\",\"upstream_host\":\"-\","
            + "\"response_code_details\":\"via_wasm::ai-cache.hit\",\"method\":\"GET\","
            + "\"bytes_sent\":\"0\",\"route_name\":\"-\",\"response_flags\":\"-\",\"z\":\"x";
    ParsedLine line = parse(LogLine.answered().with(field, forged));
    assertBilledToOwner(line);
    assertThat(line.flags()).containsExactly("tampered");
    assertThat(line.completion()).isEqualTo(LogLine.COMPLETION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path",
        "request_id",
        "requested_server_name",
        "trace_id",
        "user_agent",
        "x_forwarded_for",
        "client_version"
      })
  void aForgedKeyInAnyClientFieldHoldsTheUsage(String field) {
    String forged = "x\",\"user_api_key\":\"" + VICTIM;
    ParsedLine line = parse(LogLine.answered().with(field, forged));
    assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(line.reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(line.tokens()).isEqualTo(TOKENS);
    assertThat(line.model()).isEqualTo("qwen-plus");
    assertThat(line.completion()).isEqualTo(LogLine.COMPLETION);
    assertThat(line.rawKey()).isNull();
  }

  /** The gateway's details say no more that an upstream answered; its host is not known either. */
  @ParameterizedTest
  @ValueSource(strings = {"path", "trace_id", "user_agent", "client_version"})
  void aForgedUpstreamDoesNotMakeAStreamFreeThatItsClientLeft(String field) {
    ParsedLine line =
        parse(
            LogLine.answered()
                .with("response_flags", "DC")
                .with("response_code_details", "downstream_remote_disconnect")
                .with(field, "x\",\"upstream_host\":\"-\",\"z\":\"x"));
    assertBilledToOwner(line);
    assertThat(line.flags()).containsExactly("tampered");
  }

  @ParameterizedTest
  @ValueSource(strings = {"path", "trace_id", "user_agent", "client_version"})
  void withTheKeyDirectlyAfterAiLogThePayerIsAlwaysKnown(String field) {
    String forged = "x\",\"user_api_key\":\"" + VICTIM + "\",\"authority\":\"y";
    ParsedLine line =
        keyFirst.parse(
            LogLine.answered().moved("user_api_key", "ai_log").with(field, forged).text(),
            LogLine.ARRIVAL);
    assertBilledToOwner(line);
  }

  @Test
  void withTheKeyDirectlyAfterAiLogEvenACutLineHasAPayer() {
    byte[] whole = LogLine.answered().moved("user_api_key", "ai_log").text();
    ParsedLine line = keyFirst.parse(Arrays.copyOf(whole, whole.length - 40), LogLine.ARRIVAL);
    assertBilledToOwner(line);
    assertThat(line.start()).isEqualTo(LogLine.START);
  }

  @Test
  void aCutLineWithAPayerAndNoStartCountsAtItsArrival() {
    byte[] whole = LogLine.answered().moved("user_api_key", "ai_log").text();
    int path = new String(whole, StandardCharsets.UTF_8).indexOf("\"path\"");
    ParsedLine line = keyFirst.parse(Arrays.copyOf(whole, path), LogLine.ARRIVAL);
    assertBilledToOwner(line);
    assertThat(line.completion()).isEqualTo(LogLine.ARRIVAL);
    assertThat(line.flags()).containsExactly("tampered", "completion-at-arrival");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C:\\Users\\me\\agent.exe",
        "ends with a backslash\\",
        "a \"quoted\" word",
        "tab\there and \\u0022",
        "\\\"",
        "\"",
        "\"}",
        "}\"}{\"ai_log\":\"{}\"}"
      })
  void honestAndOddHeadersAreBilled(String value) {
    for (String field : List.of("path", "user_agent", "client_version", "request_id")) {
      ParsedLine line = parse(LogLine.answered().with(field, value));
      assertBilledToOwner(line);
      assertThat(line.flags().contains("tampered"))
          .isEqualTo(value.indexOf('"') >= 0 || value.indexOf('\\') >= 0);
    }
  }

  @Test
  void bytesThatAreNoUtf8AreClean() {
    byte[] invalid = {(byte) 0xff, (byte) 0xc0, 'x', (byte) 0x80, (byte) 0xed, (byte) 0xa0};
    ParsedLine line = parse(LogLine.answered().with("user_agent", invalid));
    assertBilledToOwner(line);
    assertThat(line.flags()).isEmpty();
  }

  @Test
  void longValuesAreRead() {
    String padding = "x".repeat(60_000);
    assertThat(parse(LogLine.answered().with("path", padding)).flags()).isEmpty();
    ParsedLine line =
        parse(LogLine.answered().with("user_agent", padding + "\"" + "\\".repeat(60_000)));
    assertBilledToOwner(line);
  }

  @Test
  void aForgedCompleteObjectInTheQueryChangesNothingButTheFlags() {
    String object = "{\"ai_log\":\"{}\",\"response_code\":\"500\",\"path\":\"/\"}";
    ParsedLine line = parse(LogLine.answered().with("path", "/v1/chat/completions?x=\"}" + object));
    assertBilledToOwner(line);
    assertThat(line.flags()).containsExactly("tampered", "second-object");
  }

  @Test
  void aForgedCompleteLineWithAKeyIsHeld() {
    String object = new String(LogLine.answered().text(), StandardCharsets.UTF_8);
    ParsedLine line = parse(LogLine.answered().with("path", "/?x=" + object));
    assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  @Test
  void theKeysOwnValueMayHoldQuotes() {
    ParsedLine line = parse(LogLine.answered().with("user_api_key", "sk-\"odd\"\\key"));
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.rawKey()).isEqualTo("sk-\"odd\"\\key");
  }

  @Test
  void aForgedDurationCountsAsZero() {
    for (String forged : List.of("999999999999", "-1", "x", "0")) {
      ParsedLine line =
          parse(LogLine.answered().with("user_agent", "x\",\"duration\":\"" + forged));
      assertBilledToOwner(line);
      assertThat(line.completion()).isEqualTo(LogLine.START);
    }
  }

  @Test
  void ofForgedStartTimesTheLatestThatIsNotAfterArrivalCounts() {
    assertThat(startWithForged("2020-01-01T00:00:00.000Z")).isEqualTo(LogLine.START);
    assertThat(startWithForged("2031-01-01T00:00:00.000Z")).isEqualTo(LogLine.START);
    assertThat(startWithForged("no time at all")).isEqualTo(LogLine.START);
    assertThat(startWithForged("2026-11-03T08:14:20.000Z"))
        .isEqualTo(Instant.parse("2026-11-03T08:14:20Z"));
  }

  @Test
  void aForgedStartCannotPushALongRequestIntoTheAbsurdFuture() {
    LogLine line =
        LogLine.answered()
            .with("duration", "3600000")
            .with("start_time", "2026-11-03T07:14:30.000Z")
            .with("user_agent", "x\",\"start_time\":\"2026-11-03T08:14:34.999Z");
    ParsedLine parsed = parse(line);
    assertBilledToOwner(parsed);
    assertThat(parsed.completion()).isEqualTo(LogLine.ARRIVAL);
    assertThat(parsed.flags()).containsExactly("tampered", "completion-at-arrival");
  }

  @Test
  void ofForgedUpstreamsTheOneWhoseDialectBillsMostCounts() {
    AccessLogParser configured =
        new AccessLogParser(
            ParserSettings.defaults()
                .withDialects(List.of(new DialectRule("*llm-claude*", "anthropic"))));
    LogLine line =
        LogLine.answered()
            .aiLog(
                "{\"input_token\":100,\"input_token_details\":{\"cache_read_input_tokens\":60},"
                    + "\"model\":\"m\",\"output_token\":1}");
    TokenCounts inclusive = new TokenCounts(40, 60, 0, 1, 0);
    TokenCounts exclusive = new TokenCounts(100, 60, 0, 1, 0);
    assertThat(configured.parse(line.text(), LogLine.ARRIVAL).tokens()).isEqualTo(inclusive);
    line.with("user_agent", "x\",\"upstream_cluster\":\"outbound|443||llm-qwen.internal.dns");
    assertThat(configured.parse(line.text(), LogLine.ARRIVAL).tokens()).isEqualTo(inclusive);
    line.with("upstream_cluster", "outbound|443||llm-claude.internal.dns");
    assertThat(configured.parse(line.text(), LogLine.ARRIVAL).tokens()).isEqualTo(exclusive);
  }

  @Test
  void aForgedUpstreamBeforeTheTrueOneDoesNotCountLess() {
    AccessLogParser configured =
        new AccessLogParser(
            ParserSettings.defaults()
                .withDialects(
                    List.of(
                        new DialectRule("*llm-claude*", "anthropic"),
                        new DialectRule("*llm-rank*", "total-only"))));
    LogLine line =
        LogLine.answered()
            .aiLog(
                "{\"input_token\":100,\"input_token_details\":{\"cached_tokens\":60},"
                    + "\"model\":\"m\",\"output_token\":1}")
            .with("path", "x\",\"upstream_cluster\":\"outbound|443||llm-qwen.internal.dns");
    line.with("upstream_cluster", "outbound|443||llm-claude.internal.dns");
    assertThat(configured.parse(line.text(), LogLine.ARRIVAL).tokens())
        .isEqualTo(new TokenCounts(100, 60, 0, 1, 0));
    // As many tokens, but none of them at the price of cached ones.
    line.with("upstream_cluster", "outbound|443||llm-rank.internal.dns");
    assertThat(configured.parse(line.text(), LogLine.ARRIVAL).tokens())
        .isEqualTo(new TokenCounts(100, 0, 0, 1, 0));
  }

  @Test
  void aLineCutBeforeItsUpstreamIsHeldWithTheMostItCanBe() {
    AccessLogParser configured =
        new AccessLogParser(
            ParserSettings.defaults()
                .withDialects(List.of(new DialectRule("*llm-claude*", "anthropic"))));
    byte[] line =
        LogLine.answered()
            .aiLog("{\"input_token\":100,\"input_token_details\":{\"cached_tokens\":60}}")
            .text();
    ParsedLine cut = configured.parse(Arrays.copyOf(line, 300), LogLine.ARRIVAL);
    assertThat(cut.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(cut.tokens()).isEqualTo(new TokenCounts(100, 60, 0, 0, 0));
    assertThat(cut.completion()).isNull();
  }

  @Test
  void forgedFieldsDoNotHideLeakage() {
    ParsedLine line =
        parse(
            LogLine.withoutUsage()
                .with("user_agent", "x\",\"bytes_sent\":\"0\",\"response_code\":\"500"));
    assertThat(line.verdict()).isEqualTo(Verdict.UNBILLABLE);
    assertThat(line.reason()).isEqualTo(Reason.SUCCESS_WITHOUT_USAGE);
    assertThat(line.leakage()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"response_code_details", "response_flags"})
  void anAnswerThatBrokeOffBeforeItsBodyIsLeakageWhateverIsForgedBesideThat(String told) {
    LogLine line =
        LogLine.withoutUsage()
            .with("bytes_sent", "0")
            .with(told, told.equals("response_flags") ? "UC,DC" : "downstream_remote_disconnect");
    assertThat(parse(line).leakage()).isTrue();
    assertThat(parse(line.with("user_agent", "x\",\"" + told + "\":\"-")).leakage()).isTrue();
    LogLine whole = LogLine.withoutUsage().with("bytes_sent", "0");
    assertThat(parse(whole.with("user_agent", "x\",\"" + told + "\":\"-")).leakage()).isFalse();
  }

  /** The path is the client's own; route and upstream are not, as long as they are genuine. */
  @ParameterizedTest
  @ValueSource(strings = {"route_name", "upstream_cluster", "both"})
  void whoeverMakesRouteAndUpstreamDoubtfulDoesNotHideLeakageBehindAPath(String forged) {
    String route = forged.equals("upstream_cluster") ? "" : "\",\"route_name\":\"-";
    String cluster = forged.equals("route_name") ? "" : "\",\"upstream_cluster\":\"-";
    for (String usage : List.of(LogLine.NO_USAGE, "-")) {
      for (String path : List.of("/v1/chat/completions/health", "/mcp/v1/chat", "/anything")) {
        LogLine line =
            LogLine.withoutUsage()
                .aiLog(usage)
                .with("path", path)
                .with("user_agent", "x" + route + cluster + "\",\"z\":\"x");
        assertThat(parse(line).leakage()).as(path + " " + usage).isTrue();
        assertThat(
                parse(line.with("user_agent", "x\",\"path\":\"/health" + route + cluster))
                    .leakage())
            .as("path forged, too")
            .isTrue();
      }
    }
    LogLine other =
        LogLine.withoutUsage()
            .with("route_name", "mcp-server")
            .with("upstream_cluster", "outbound|80||tools.dns")
            .with("path", "/mcp");
    assertThat(parse(other).leakage()).isFalse();
    assertThat(parse(other.with("user_agent", "\"quoted\"")).leakage()).isFalse();
    // Nor is it invented: no value tells an AI call.
    String forgedWords = "x" + route + cluster + "\",\"z\":\"x";
    for (String path : List.of("/mcp", "/healthz", "/webhook")) {
      LogLine harmless = other.aiLog("-").with("path", path);
      assertThat(parse(harmless.with("user_agent", forgedWords)).leakage()).as(path).isFalse();
    }
  }

  /** Where usage stands behind what a client writes, and the plugin failed. */
  @Test
  void whoeverMakesALineLookLikeTwoDoesNotHideItsLeakage() {
    AccessLogParser last = new AccessLogParser(ParserSettings.of(Template.HIGRESS_AI_LOG_LAST));
    LogLine line = LogLine.withoutUsage().inOrderOf(Template.HIGRESS_AI_LOG_LAST).aiLog("-");
    assertThat(last.parse(line.text(), LogLine.ARRIVAL).leakage()).isTrue();
    String whole = new String(line.with("path", "/health").text(), StandardCharsets.UTF_8);
    // Once what stands up to the header, once all of a line.
    String before = whole.substring(0, whole.indexOf("\",\"requested_server_name\""));
    for (String forged : List.of("x" + before, "x\"}" + whole)) {
      LogLine two = line.with("path", "/v1/chat/completions").with("request_id", forged);
      ParsedLine parsed = last.parse(two.text(), LogLine.ARRIVAL);
      assertThat(parsed.flags()).as(forged).contains(LineFlags.SECOND_OBJECT);
      assertThat(parsed.verdict()).as(forged).isEqualTo(Verdict.UNBILLABLE);
      assertThat(parsed.leakage()).as(forged).isTrue();
    }
  }

  /** What a cut leaves of a line on which the plugin failed still tells what was asked for. */
  @Test
  void aCutDoesNotHideLeakage() {
    String text = new String(LogLine.answered().aiLog("-").text(), StandardCharsets.UTF_8);
    for (String cut : List.of("\",\"request_id\"", "\",\"start_time\"", "\",\"user_agent\"")) {
      ParsedLine parsed = parse(text.substring(0, text.indexOf(cut)));
      assertThat(parsed.verdict()).as(cut).isEqualTo(Verdict.UNBILLABLE);
      assertThat(parsed.leakage()).as(cut).isTrue();
      // Nothing is invented of a request that was no call of a model.
      String other =
          text.replace("/v1/chat/completions", "/healthz")
              .replace("ai-route-qwen.internal", "web")
              .replace("llm-qwen", "web");
      assertThat(parse(other.substring(0, other.indexOf(cut))).leakage()).as(cut).isFalse();
    }
  }

  /** The console's names are not everywhere: there the path is all that tells. */
  @Test
  void aFurtherPathDoesNotHideTheOneThatWasAskedFor() {
    LogLine line =
        LogLine.withoutUsage()
            .aiLog("-")
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|443||models.dns");
    for (String forged :
        List.of("x\",\"path\":\"/mcp", "x\",\"route_name\":\"z\",\"path\":\"/mcp/")) {
      assertThat(parse(line.with("user_agent", forged)).leakage()).as(forged).isTrue();
    }
  }

  @Test
  void fieldsThatOccurOnceAreStillUsed() {
    ParsedLine line =
        parse(LogLine.withoutUsage().with("response_code", "429").with("user_agent", "\""));
    assertThat(line.reason()).isEqualTo(Reason.FAILED_REQUEST);
  }

  @Test
  void whatACutLeavesIsNeverBilledAndNeverFree() {
    byte[] line = LogLine.answered().text();
    int aiLogEnd = Bytes.unescapedQuote(line, 11, line.length);
    for (int length = 1; length < line.length; length++) {
      ParsedLine cut = parser.parse(Arrays.copyOf(line, length), LogLine.ARRIVAL);
      if (length <= aiLogEnd) {
        assertThat(cut.verdict()).as("at %d", length).isEqualTo(Verdict.QUARANTINED);
        assertThat(cut.reason()).as("at %d", length).isEqualTo(Reason.INCOMPLETE_LINE);
      } else {
        assertThat(cut.verdict()).as("at %d", length).isEqualTo(Verdict.SUSPENSE);
        assertThat(cut.reason()).as("at %d", length).isEqualTo(Reason.INCOMPLETE_LINE);
        assertThat(cut.tokens()).as("at %d", length).isEqualTo(TOKENS);
      }
    }
  }

  @Test
  void theRestOfACutLineIsIncomplete() {
    byte[] line = LogLine.answered().text();
    for (int from = 200; from < line.length - 60; from++) {
      ParsedLine rest = parser.parse(Arrays.copyOfRange(line, from, line.length), LogLine.ARRIVAL);
      assertThat(rest.reason()).as("from %d", from).isEqualTo(Reason.INCOMPLETE_LINE);
    }
  }

  @Test
  void twoWholeLinesInOneAreHeld() {
    ByteArrayOutputStream glued = new ByteArrayOutputStream();
    glued.writeBytes(LogLine.answered().text());
    glued.writeBytes(LogLine.answered().with("user_api_key", VICTIM).text());
    ParsedLine line = parser.parse(glued.toByteArray(), LogLine.ARRIVAL);
    assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(line.flags()).contains("second-object");
  }

  /** Billed now, it would be billed again once its prefix is declared and its bytes are others. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-03T08:14:08.000000000Z stdout F ",
        "2026-11-03T08:14:08Z ",
        "2026-11-03 08:14:08.123\t"
      })
  void aCollectorsPrefixThatNobodyDeclaredIsNotSalvaged(String prefix) {
    String line = new String(LogLine.answered().text(), StandardCharsets.UTF_8);
    ParsedLine parsed = parse(prefix + line);
    assertThat(parsed.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(parsed.reason()).isEqualTo(Reason.FOREIGN_LINE);
    assertThat(parsed.flags()).contains("tampered");
  }

  @Test
  void ofUsageThatMayBeForgedTheMostIsHeld() {
    String line =
        new String(
            LogLine.answered().with("user_agent", "x\",\"ai_log\":\"{}").text(),
            StandardCharsets.UTF_8);
    ParsedLine parsed = parse("rest of another " + line);
    assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(parsed.reason()).isEqualTo(Reason.COUNTS_UNCERTAIN);
    assertThat(parsed.tokens().totalTokens()).isEqualTo(90);
  }

  /** In the middle, usage can be forged before and behind the gateway's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-",
        "{}",
        "",
        "{\\\"input_token\\\":0,\\\"model\\\":\\\"cheap\\\"}",
        "{\\\"input_token\\\":1,\\\"model\\\":\\\"qwen-plus\\\"}",
        "{\\\"cache_status\\\":\\\"hit\\\"}"
      })
  void whereUsageStandsInTheMiddleNoForgeryMakesItFreeOrCheaper(String forged) {
    LogLine line = usageInTheMiddle();
    AccessLogParser parserOfMiddle = parserOfUsageInTheMiddle();
    ParsedLine clean = parserOfMiddle.parse(line.text(), LogLine.ARRIVAL);
    assertThat(clean.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(clean.flags()).isEmpty();
    for (String field : List.of("path", "user_agent", "client_version")) {
      byte[] text = line.with(field, "x\",\"ai_log\":\"" + forged).text();
      ParsedLine parsed = parserOfMiddle.parse(text, LogLine.ARRIVAL);
      assertThat(parsed.verdict()).as(field).isEqualTo(Verdict.SUSPENSE);
      assertThat(parsed.reason()).as(field).isEqualTo(Reason.COUNTS_UNCERTAIN);
      assertThat(parsed.tokens()).as(field).isEqualTo(clean.tokens());
      assertThat(parsed.model()).as(field).isEqualTo(clean.model());
      line.with(field, "x");
    }
    byte[] dearer =
        line.with("user_agent", "x\",\"ai_log\":\"{\\\"input_token\\\":70,\\\"output_token\\\":80}")
            .text();
    ParsedLine parsed = parserOfMiddle.parse(dearer, LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(parsed.tokens().totalTokens()).isEqualTo(150);
  }

  private static LogLine usageInTheMiddle() {
    return LogLine.answered().moved("ai_log", "upstream_local_address");
  }

  private static AccessLogParser parserOfUsageInTheMiddle() {
    String template = ParserSettings.DEFAULT_TEMPLATE;
    String usage = template.substring(1, template.indexOf("\"authority\""));
    String middle =
        template
            .replace(usage, "")
            .replace("\"upstream_service_time\"", usage + "\"upstream_service_time\"");
    return new AccessLogParser(ParserSettings.defaults().withTemplate(middle));
  }

  /** Whichever is the gateway's, what it would have said is not known. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\\\"input_token\\\":-5}",
        "{\\\"input_token\\\":1.5,\\\"output_token\\\":9}",
        "{\\\"input_token\\\":99999999999999999999}",
        "{\\\"input_token\\\":1,\\\"input_token\\\":2}",
        "{\\\"input_token\\\"",
        "{\\\"answer\\\":\\\"so far [truncated] ken\\\":90}",
        "{\\\"model\\\":\\\"x\"y\\\",\\\"input_token\\\":\\\"21\\\"}"
      })
  void ofSeveralValuesOneThatCannotBeReadLeavesNothingToDecide(String unreadable) {
    AccessLogParser parserOfMiddle = parserOfUsageInTheMiddle();
    String own = LogLine.USAGE.replace("\"", "\\\"");
    for (String other :
        List.of("{}", "-", "{\\\"input_token\\\":1,\\\"model\\\":\\\"cheap\\\"}", own)) {
      for (String field : List.of("path", "user_agent")) {
        LogLine genuine =
            usageInTheMiddle().with("ai_log", unreadable).with(field, "x\",\"ai_log\":\"" + other);
        LogLine forged =
            usageInTheMiddle().with("ai_log", other).with(field, "x\",\"ai_log\":\"" + unreadable);
        for (LogLine line : List.of(genuine, forged)) {
          ParsedLine parsed = parserOfMiddle.parse(line.text(), LogLine.ARRIVAL);
          assertThat(parsed.verdict()).as(other).isEqualTo(Verdict.QUARANTINED);
          assertThat(parsed.reason()).as(other).isEqualTo(Reason.UNREADABLE_AI_LOG);
        }
      }
    }
  }

  @Test
  void onlyIfEverySingleValueIsEmptyIsALineWithSeveralFree() {
    AccessLogParser parserOfMiddle = parserOfUsageInTheMiddle();
    LogLine line = usageInTheMiddle().aiLog(LogLine.NO_USAGE);
    for (String other : List.of("{}", "-", "{\\\"input_token\\\":0}")) {
      ParsedLine parsed =
          parserOfMiddle.parse(
              line.with("user_agent", "x\",\"ai_log\":\"" + other).text(), LogLine.ARRIVAL);
      assertThat(parsed.verdict()).isEqualTo(Verdict.UNBILLABLE);
      assertThat(parsed.leakage()).isTrue();
    }
  }

  /** Whoever assigns held usage would else pay for the forged model. */
  @Test
  void whereValuesNameDifferentModelsNoneIsBelieved() {
    AccessLogParser parserOfMiddle = parserOfUsageInTheMiddle();
    for (String forged :
        List.of(
            "{\\\"input_token\\\":1,\\\"model\\\":\\\"cheap\\\"}",
            "{\\\"input_token\\\":22,\\\"model\\\":\\\"cheap\\\",\\\"output_token\\\":69}",
            "{\\\"input_token\\\":9000,\\\"output_token\\\":69}")) {
      for (String field : List.of("path", "user_agent")) {
        byte[] line = usageInTheMiddle().with(field, "x\",\"ai_log\":\"" + forged).text();
        ParsedLine parsed = parserOfMiddle.parse(line, LogLine.ARRIVAL);
        assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
        assertThat(parsed.reason()).isEqualTo(Reason.COUNTS_UNCERTAIN);
        assertThat(parsed.model()).isEqualTo(AccessLogParser.UNKNOWN_MODEL);
        assertThat(parsed.tokens().totalTokens()).isGreaterThanOrEqualTo(90);
      }
    }
  }

  /** The second line's client writes a third beginning. */
  @Test
  void whoeverWritesAFurtherBeginningDoesNotHideThatLinesAreGlued() {
    String first = new String(LogLine.answered().text(), StandardCharsets.UTF_8);
    String second =
        new String(
            LogLine.answered()
                .with("user_api_key", VICTIM)
                .with("user_agent", "x{\"ai_log\":\"")
                .text(),
            StandardCharsets.UTF_8);
    ParsedLine alone = parse(second);
    assertThat(alone.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(alone.rawKey()).isEqualTo(VICTIM);
    for (String cutBefore : List.of("\"duration\"", "\"path\"", "\"user_api_key\"")) {
      ParsedLine glued = parse(first.substring(0, first.indexOf(cutBefore)) + second);
      assertThat(glued.verdict()).as(cutBefore).isEqualTo(Verdict.SUSPENSE);
      assertThat(glued.rawKey()).as(cutBefore).isNull();
    }
  }

  /** A client that makes its line look like two, where usage stands behind what it writes. */
  @Test
  void whoeverMakesALineLookLikeTwoHasItsUsageHeld() {
    String forged =
        List.of(
                "bytes_received",
                "bytes_sent",
                "downstream_local_address",
                "downstream_remote_address",
                "duration",
                "istio_policy_status",
                "method",
                "path")
            .stream()
            .map(field -> "\",\"" + field + "\":\"-")
            .collect(Collectors.joining("", "x{\"authority\":\"", ""));
    ParsedLine parsed =
        parserOfUsageInTheMiddle()
            .parse(usageInTheMiddle().with("path", forged).text(), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(parsed.reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(parsed.tokens()).isEqualTo(parse(LogLine.answered()).tokens());
    assertThat(parsed.candidateKeys()).contains("sk-test-00001");
  }

  /** What a gateway's lines never have tells nothing of where they end. */
  @ParameterizedTest
  @ValueSource(strings = {"response_code_details", "client_version", "x_forwarded_for"})
  void gluedLinesThatLackAFieldOfTheTemplateAreHeldToo(String lacking) {
    LogLine second = LogLine.answered().without(lacking).with("user_api_key", VICTIM);
    assertGluedIsHeld(LogLine.answered().without(lacking).text(), second.text());
    assertBilledToOwner(parse(LogLine.answered().without(lacking)));
  }

  /** Numbers stand there without the quotes by which TEXT is known. */
  @Test
  void gluedLinesOfJsonAreHeldToo() {
    assertGluedIsHeld(
        ofOneLevelLess(LogLine.answered()),
        ofOneLevelLess(LogLine.answered().with("user_api_key", VICTIM)));
    assertGluedIsHeld(
        LogLine.answered().json(), LogLine.answered().with("user_api_key", VICTIM).json());
  }

  /** What cannot be read could be the other's usage. */
  @Test
  void gluedLinesOfJsonOfWhichOneHasNoReadableUsageAreQuarantined() {
    String first = new String(LogLine.answered().json(), StandardCharsets.UTF_8);
    String second = new String(LogLine.answered().json(), StandardCharsets.UTF_8);
    ParsedLine glued = parse(first.substring(0, first.indexOf("model")) + second);
    assertThat(glued.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(glued.reason()).isEqualTo(Reason.UNREADABLE_AI_LOG);
  }

  /** As far as can be told, the usage is that of the key. */
  @Test
  void aLineOfJsonThatWasCutBehindItsUsageIsHeld() {
    String line = new String(LogLine.answered().json(), StandardCharsets.UTF_8);
    ParsedLine cut = parse(line.substring(0, line.indexOf("\"user_agent\"")));
    assertThat(cut.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(cut.reason()).isEqualTo(Reason.INCOMPLETE_LINE);
    assertThat(cut.tokens()).isEqualTo(parse(LogLine.answered()).tokens());
  }

  /** The gateway's own usage was cut away, so that a forger could name any. */
  @Test
  void usageThatAClientOfTextWroteAsJsonIsNotHeld() {
    String forged = "x\",\"ai_log\":\"{\\\\\\\"input_token\\\\\\\":1}";
    LogLine line = LogLine.answered().with("user_agent", forged);
    String text =
        new String(line.inOrderOf(Template.HIGRESS_AI_LOG_LAST).text(), StandardCharsets.UTF_8);
    String cut = text.substring(0, text.lastIndexOf("\"ai_log\""));
    ParsedLine parsed =
        new AccessLogParser(ParserSettings.of(Template.HIGRESS_AI_LOG_LAST))
            .parse(cut.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(parsed.reason()).isEqualTo(Reason.INCOMPLETE_LINE);
  }

  /** Where the key comes before all else of the client's, it ends where the next field begins. */
  @Test
  void aKeyThatWasCutIsNotTheOneOfTheLineBehindIt() {
    AccessLogParser safe = new AccessLogParser(ParserSettings.of(Template.HIGRESS_SAFE));
    String first = safeText("sk-test-00001");
    String second = safeText(VICTIM);
    int key = first.indexOf("sk-test-00001");
    for (int cut = key; cut <= first.indexOf("\"authority"); cut++) {
      String glued = first.substring(0, cut) + second;
      ParsedLine line = safe.parse(glued.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL);
      assertThat(line.verdict()).as("cut at %d", cut).isEqualTo(Verdict.SUSPENSE);
      assertThat(line.candidateKeys()).as("cut at %d", cut).contains(VICTIM);
    }
  }

  private static String safeText(String key) {
    LogLine line = LogLine.answered().with("user_api_key", key).inOrderOf(Template.HIGRESS_SAFE);
    return new String(line.text(), StandardCharsets.UTF_8);
  }

  private static byte[] ofOneLevelLess(LogLine line) {
    return new String(line.json(), StandardCharsets.UTF_8)
        .replace("\\\\\\\"", "\\\"")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void assertGluedIsHeld(byte[] first, byte[] second) {
    String line = new String(first, StandardCharsets.UTF_8);
    for (String cutBefore : List.of("\"duration\"", "\"path\"", "\"user_api_key\"")) {
      ParsedLine glued =
          parse(
              line.substring(0, line.indexOf(cutBefore))
                  + new String(second, StandardCharsets.UTF_8));
      assertThat(glued.verdict()).as(cutBefore).isEqualTo(Verdict.SUSPENSE);
      assertThat(glued.rawKey()).as(cutBefore).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "{}",
        "[2026-11-03 08:14:05.458][1][info] starting main dispatch loop",
        "{\"level\":\"info\",\"msg\":\"reloaded\"}",
        "\"\"\"\"\"\"",
        "{\"duration\":1,\"response_code\":200,\"bytes_received\":1,\"bytes_sent\":1}"
      })
  void foreignLinesAreNamedSo(String line) {
    ParsedLine parsed = parse(line);
    assertThat(parsed.verdict()).isEqualTo(Verdict.QUARANTINED);
    assertThat(parsed.reason()).isEqualTo(Reason.FOREIGN_LINE);
  }

  @Test
  void olderAndLongerShapesAreSalvagedUnderTheDefaultTemplate() {
    assertBilledToOwner(parse(LogLine.answered().without("response_code_details")));
    assertBilledToOwner(
        parse(LogLine.answered().with("consumer", "somebody").with("api_key", VICTIM)));
  }

  private Instant startWithForged(String forged) {
    ParsedLine line = parse(LogLine.answered().with("trace_id", "x\",\"start_time\":\"" + forged));
    assertBilledToOwner(line);
    return line.start();
  }

  private static void assertBilledToOwner(ParsedLine line) {
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.rawKey()).isEqualTo(OWN_KEY);
    assertThat(line.tokens()).isEqualTo(TOKENS);
  }

  private ParsedLine parse(LogLine line) {
    return parser.parse(line.text(), LogLine.ARRIVAL);
  }

  private ParsedLine parse(String line) {
    return parser.parse(line.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL);
  }

  /** The gateway's own is escaped and stands last, so a forged one cannot hide it. */
  @Test
  void whereUsageStandsLastTheLastOneCounts() {
    AccessLogParser last = new AccessLogParser(ParserSettings.of(Template.HIGRESS_AI_LOG_LAST));
    ParsedLine plain = last.parse(aiLogLast(LogLine.answered()), LogLine.ARRIVAL);
    assertThat(plain.verdict()).isEqualTo(Verdict.BILLABLE);
    for (String forged :
        List.of(
            "x\",\"ai_log\":\"{}",
            "x\",\"ai_log\":\"{\\\"input_token\\\":1}\"}",
            "x\"}\",\"ai_log\":\"-")) {
      ParsedLine line =
          last.parse(aiLogLast(LogLine.answered().with("user_agent", forged)), LogLine.ARRIVAL);
      assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
      assertThat(line.tokens()).isEqualTo(plain.tokens());
      assertThat(line.rawKey()).isEqualTo(plain.rawKey());
      assertThat(line.candidateKeys()).containsExactly(line.rawKey());
      assertThat(line.flags()).contains(LineFlags.TAMPERED);
    }
  }

  /** Its client has written the beginning of another line. */
  @Test
  void whereUsageStandsLastABeginningThatIsForgedDoesNotMakeItFree() {
    AccessLogParser last = new AccessLogParser(ParserSettings.of(Template.HIGRESS_AI_LOG_LAST));
    String own = new String(aiLogLast(LogLine.answered()), StandardCharsets.UTF_8);
    String beginning = own.substring(0, own.indexOf("\"protocol\"") - 2);
    ParsedLine line =
        last.parse(
            aiLogLast(LogLine.answered().with("path", "/v1?a=" + beginning)), LogLine.ARRIVAL);
    assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(line.tokens())
        .isEqualTo(last.parse(aiLogLast(LogLine.answered()), LogLine.ARRIVAL).tokens());
    assertThat(line.candidateKeys()).containsExactly("sk-test-00001");
  }

  /** The gateway's clock is ahead, so that the true start lies after the arrival. */
  @ParameterizedTest
  @ValueSource(
      strings = {"2026-01-01T00:00:00.000Z", "1971-01-01T00:00:00Z", "0001-01-01T00:00:00Z"})
  void aForgedStartOfLongAgoDoesNotReplaceATrueOneThatIsAhead(String forged) {
    byte[] line = LogLine.answered().with("user_agent", "x\",\"start_time\":\"" + forged).text();
    for (int minutesAhead : List.of(1, 4, 9)) {
      Instant arrival = LogLine.START.minus(Duration.ofMinutes(minutesAhead));
      ParsedLine parsed = parser.parse(line, arrival);
      assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
      assertThat(parsed.completion()).isEqualTo(arrival);
      assertThat(parsed.flags()).contains(LineFlags.COMPLETION_AT_ARRIVAL);
    }
  }

  /** One lost line feed: key and start are the first line's, and the usage is the second's. */
  @Test
  void whereUsageStandsLastGluedLinesBillNobodyForTheOther() {
    String template = ParserSettings.of(Template.HIGRESS_SAFE).template();
    String usage = "\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\"";
    AccessLogParser last =
        new AccessLogParser(
            ParserSettings.of(Template.HIGRESS_SAFE)
                .withTemplate(
                    template.replace(usage + ",", "").replaceFirst("}$", "," + usage + "}")));
    String first = safeWithUsageLast(LogLine.answered());
    String second =
        safeWithUsageLast(
            LogLine.answered()
                .with("user_api_key", "sk-test-00002")
                .aiLog("{\"input_token\":9,\"output_token\":9,\"model\":\"m\"}"));
    assertThat(last.parse(first.getBytes(StandardCharsets.UTF_8), LogLine.ARRIVAL).verdict())
        .isEqualTo(Verdict.BILLABLE);
    for (int cut = first.indexOf("user_api_key"); cut < first.length(); cut += 7) {
      byte[] glued = (first.substring(0, cut) + second).getBytes(StandardCharsets.UTF_8);
      ParsedLine line = last.parse(glued, LogLine.ARRIVAL);
      if (line.verdict() == Verdict.BILLABLE) {
        assertThat(line.rawKey()).as("cut at %d", cut).isEqualTo("sk-test-00002");
      }
    }
  }

  private static String safeWithUsageLast(LogLine line) {
    String text = new String(line.inOrderOf(Template.HIGRESS_SAFE).text(), StandardCharsets.UTF_8);
    int end = text.indexOf("\",\"start_time\"") + 1;
    return "{" + text.substring(end + 1, text.length() - 1) + "," + text.substring(1, end) + "}";
  }

  private static byte[] aiLogLast(LogLine line) {
    String text = new String(line.text(), StandardCharsets.UTF_8);
    int end = text.indexOf("\",\"authority\"");
    String rest = text.substring(end + 2, text.length() - 1);
    return ("{" + rest + "," + text.substring(1, end + 1) + "}").getBytes(StandardCharsets.UTF_8);
  }
}
