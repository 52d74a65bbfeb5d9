package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of the table of what is billable, in both encodings; the first that matches decides. */
class BillableTableTest {
  private static final String NO_AI_LOG = "-";

  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());

  @ParameterizedTest
  @ValueSource(strings = {"via_wasm::ai-cache::ai-cache.hit", "via_wasm::guard::denied", "-"})
  void countsOfTheGatewaysOwnAnswerAreNotBilled(String details) {
    assertUnbillable(
        LogLine.answered().with("upstream_host", "-").with("response_code_details", details),
        Reason.ANSWERED_BY_GATEWAY,
        false);
  }

  @Test
  void aCacheHitWithoutCountsIsNoLeakage() {
    assertUnbillable(
        LogLine.withoutUsage()
            .aiLog("{\"cache_status\":\"hit\",\"model\":\"from-cache\"}")
            .with("upstream_host", "-")
            .with("response_code_details", "via_wasm::custom"),
        Reason.ANSWERED_BY_GATEWAY,
        false);
  }

  @Test
  void aGuardsDenialIsAnsweredByTheGatewayWhateverItsStatus() {
    assertUnbillable(
        LogLine.withoutUsage()
            .with("upstream_host", "-")
            .with("response_code", "403")
            .with("response_code_details", "via_wasm::ai-security-guard::denied"),
        Reason.ANSWERED_BY_GATEWAY,
        false);
  }

  @Test
  void anyOtherAnswerWithoutAnUpstreamIsNoLeakage() {
    assertUnbillable(
        LogLine.withoutUsage()
            .with("upstream_host", "-")
            .with("response_code_details", "direct_response"),
        Reason.ANSWERED_BY_GATEWAY,
        false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"from-cache", "from-security-guard"})
  void theModelsNameNeverMakesALineFree(String model) {
    LogLine line =
        LogLine.answered()
            .aiLog("{\"input_token\":5,\"model\":\"" + model + "\",\"output_token\":1}");
    assertThat(parse(line.text()).verdict()).isEqualTo(Verdict.BILLABLE);
  }

  @Test
  void anUpstreamsAnswerIsNotTheGatewaysOwnWhateverItsDetails() {
    assertBilled(LogLine.answered().with("response_code_details", "via_wasm::ai-cache.hit"));
    assertBilled(LogLine.answered().with("upstream_host", "-"));
  }

  @ParameterizedTest
  @CsvSource({
    "200,-,via_upstream",
    "200,DC,downstream_remote_disconnect",
    "500,-,via_upstream",
    "429,-,via_upstream",
    "401,-,via_upstream",
    "0,DC,downstream_remote_disconnect",
    "503,'UF,URX',upstream_reset_before_response_started{connection_termination}",
    "200,-,internal_redirect:fallback"
  })
  void countsAreBilledWhateverStatusFlagOrDetails(String status, String flags, String details) {
    assertBilled(
        LogLine.answered()
            .with("response_code", status)
            .with("response_flags", flags)
            .with("response_code_details", details));
  }

  @Test
  void usageWithoutAKeyIsBillableToNobody() {
    ParsedLine line = parse(LogLine.answered().with("user_api_key", "-").text());
    assertThat(line.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(line.rawKey()).isNull();
  }

  @Test
  void aFailedAttemptBeforeAFallbackIsUnbillable() {
    assertUnbillable(
        LogLine.withoutUsage()
            .with("response_code", "503")
            .with("response_code_details", "internal_redirect:ai-proxy-fallback"),
        Reason.FALLBACK_ATTEMPT,
        false);
  }

  /** One call, four lines of one request id: each is worth what it says itself. */
  @Test
  void eachAttemptOfACallIsJudgedByItself() {
    LogLine failed =
        LogLine.withoutUsage()
            .with("response_code", "503")
            .with("response_code_details", "internal_redirect:ai-proxy-fallback");
    LogLine failedAfterItsUsage =
        LogLine.answered().with("response_code_details", "internal_redirect:ai-proxy-fallback");
    LogLine brokeOff =
        LogLine.withoutUsage()
            .with("route_name", "ai-route-qwen.fallback.internal")
            .with("response_code_details", "upstream_reset_after_response_started{reset}");
    LogLine silent = LogLine.withoutUsage().with("route_name", "ai-route-qwen.fallback.internal");
    assertUnbillable(failed, Reason.FALLBACK_ATTEMPT, false);
    assertBilled(failedAfterItsUsage);
    assertUnbillable(brokeOff, Reason.CLIENT_LEFT, true);
    assertUnbillable(silent, Reason.SUCCESS_WITHOUT_USAGE, true);
    assertThat(
            List.of(failed, failedAfterItsUsage, brokeOff, silent).stream()
                .map(line -> parse(line.text()).requestId()))
        .containsOnly("5b0e6c1e-6f0f-4d31-9a52-0c4d1b1e7a01");
  }

  @ParameterizedTest
  @ValueSource(strings = {"400", "404", "429", "500", "503", "0"})
  void anErrorWithoutCountsIsUnbillable(String status) {
    assertUnbillable(
        LogLine.withoutUsage().with("response_code", status).with("response_flags", "DC"),
        Reason.FAILED_REQUEST,
        false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"401", "403"})
  void aRejectedKeyIsNotHandedOn(String status) {
    LogLine line =
        LogLine.withoutUsage()
            .with("ai_log", NO_AI_LOG)
            .with("response_code", status)
            .with("upstream_host", "-")
            .with("upstream_cluster", "-")
            .with("route_name", "-")
            .with("response_code_details", "via_wasm::key-auth::unauthorized");
    assertUnbillable(line, Reason.REJECTED_KEY, false);
    assertThat(parse(line.text()).rawKey()).isNull();
  }

  @Test
  void aKeyThatTheProviderRejectedIsNotTheClients() {
    assertUnbillable(
        LogLine.withoutUsage().with("response_code", "401"), Reason.FAILED_REQUEST, false);
  }

  @ParameterizedTest
  @CsvSource({
    "DC,via_upstream",
    "'UT,DC',via_upstream",
    "-,http2.remote_reset",
    "-,downstream_remote_disconnect",
    "-,upstream_reset_after_response_started{connection_termination}"
  })
  void anAnswerThatBrokeOffBeforeItsUsageIsLeakage(String flags, String details) {
    assertUnbillable(
        LogLine.withoutUsage().with("response_flags", flags).with("response_code_details", details),
        Reason.CLIENT_LEFT,
        true);
  }

  @Test
  void aFlagThatOnlyContainsTheLettersIsAnother() {
    assertUnbillable(
        LogLine.withoutUsage().with("response_flags", "XDC,DCX"),
        Reason.SUCCESS_WITHOUT_USAGE,
        true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        LogLine.NO_USAGE,
        "{\"input_token\":0,\"model\":\"m\",\"output_token\":0,\"total_token\":0}",
        "{\"input_token\":null,\"model\":\"m\",\"output_token\":\"\"}"
      })
  void aGoodAnswerWithoutCountsIsLeakage(String aiLog) {
    LogLine line = LogLine.answered().aiLog(aiLog);
    assertUnbillable(line, Reason.SUCCESS_WITHOUT_USAGE, true);
    assertThat(parse(line.text()).rawKey()).isEqualTo("sk-test-00001");
  }

  @Test
  void aPluginThatFailedOnAnAiPathIsLeakage() {
    assertUnbillable(
        LogLine.answered().with("ai_log", NO_AI_LOG), Reason.SUCCESS_WITHOUT_USAGE, true);
  }

  @Test
  void anAnswerWithoutABodyIsNoLeakage() {
    assertUnbillable(LogLine.withoutUsage().with("bytes_sent", "0"), Reason.NOT_AI, false);
  }

  @Test
  void listingModelsIsNoLeakage() {
    assertUnbillable(
        LogLine.withoutUsage().with("method", "GET").with("path", "/v1/models"),
        Reason.NOT_AI,
        false);
  }

  @ParameterizedTest
  @CsvSource({"/mcp,-", "/mcp/messages?session=1,x", "/health,-", "/index.html,-"})
  void whatIsNotAiIsNoLeakage(String path, String aiLog) {
    LogLine line =
        LogLine.withoutUsage()
            .with("path", path)
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|80||web.default.svc.cluster.local");
    assertUnbillable(
        aiLog.equals("-") ? line.with("ai_log", NO_AI_LOG) : line, Reason.NOT_AI, false);
  }

  @Test
  void anAiPathWithoutTheConsolesNamesIsStillOne() {
    LogLine line =
        LogLine.withoutUsage()
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|443||models.dns");
    assertUnbillable(line, Reason.SUCCESS_WITHOUT_USAGE, true);
    assertUnbillable(line.with("ai_log", NO_AI_LOG), Reason.SUCCESS_WITHOUT_USAGE, true);
  }

  /** Any client can append a query, and the gateway routes as before. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions?x=/mcp/",
        "/v1/chat/completions?/health",
        "/v1/chat/completions?x=/mcp/y?z=/v1/messages"
      })
  void whatAQuerySaysIsNoPath(String path) {
    LogLine line =
        LogLine.withoutUsage()
            .with("path", path)
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|443||models.dns");
    assertUnbillable(line, Reason.SUCCESS_WITHOUT_USAGE, true);
    assertUnbillable(line.with("ai_log", NO_AI_LOG), Reason.SUCCESS_WITHOUT_USAGE, true);
    line.with("path", "/index.html?next=/v1/chat/completions");
    assertUnbillable(line, Reason.NOT_AI, false);
  }

  /** A provider charges for each of them; without the plugin only the path tells. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/messages?beta=true",
        "/v1/responses",
        "/v1/rerank",
        "/v1/images/generations",
        "/v1/images/edits",
        "/v1/audio/speech",
        "/v1/audio/transcriptions",
        "/v1/audio/translations",
        "/v1beta/models/gemini-2.5-pro:generateContent",
        "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
        "/api/v1/services/aigc/text-generation/generation"
      })
  void onEveryPathThatGeneratesAPluginThatFailedIsLeakage(String path) {
    LogLine line =
        LogLine.answered()
            .with("ai_log", NO_AI_LOG)
            .with("path", path)
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|443||models.dns");
    assertUnbillable(line, Reason.SUCCESS_WITHOUT_USAGE, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/mcp",
        "/mcp/x",
        "/sse",
        "/health",
        "/healthz",
        "/livez",
        "/readyz",
        "/ready",
        "/metrics?x"
      })
  void whatIsNoCallOfAModelIsNoLeakageWhateverPluginWroteOfIt(String path) {
    LogLine line =
        LogLine.withoutUsage()
            .with("path", path)
            .with("route_name", "web")
            .with("upstream_cluster", "outbound|443||models.dns");
    assertUnbillable(line, Reason.NOT_AI, false);
  }

  /** A realtime session is one line, and a GET. */
  @Test
  void aWebSocketIsWorthWhatItsLineSays() {
    LogLine session = LogLine.answered().with("method", "GET").with("response_code", "101");
    assertBilled(session.with("path", "/v1/realtime"));
    session.aiLog(LogLine.NO_USAGE);
    assertUnbillable(session, Reason.SUCCESS_WITHOUT_USAGE, true);
    assertUnbillable(session.with("response_flags", "DC"), Reason.CLIENT_LEFT, true);
  }

  /** Retries of the router are within one line. */
  @ParameterizedTest
  @ValueSource(strings = {"UR", "URX", "UF,URX"})
  void aRetryThatHelpedIsBilledOnce(String flags) {
    assertBilled(LogLine.answered().with("response_flags", flags));
  }

  /** An older gateway does not say why there was no upstream: only a cache's own word counts. */
  @Test
  void withoutDetailsOnlyACacheHitIsTheGatewaysOwnAnswer() {
    String template =
        ParserSettings.DEFAULT_TEMPLATE.replace(
            "\"response_code_details\":\"%RESPONSE_CODE_DETAILS%\",", "");
    assertThat(template).isNotEqualTo(ParserSettings.DEFAULT_TEMPLATE);
    AccessLogParser older =
        new AccessLogParser(
            new ParserSettings(template, ParserSettings.defaults().payer(), List.of()));
    LogLine line = LogLine.answered().without("response_code_details").with("upstream_host", "-");
    for (byte[] bytes : new byte[][] {line.text(), line.json()}) {
      assertThat(older.parse(bytes, LogLine.ARRIVAL).verdict()).isEqualTo(Verdict.BILLABLE);
    }
    line.aiLog(LogLine.USAGE.replace("{\"api\"", "{\"cache_status\":\"hit\",\"api\""));
    for (byte[] bytes : new byte[][] {line.text(), line.json()}) {
      ParsedLine parsed = older.parse(bytes, LogLine.ARRIVAL);
      assertThat(parsed.verdict()).isEqualTo(Verdict.UNBILLABLE);
      assertThat(parsed.reason()).isEqualTo(Reason.ANSWERED_BY_GATEWAY);
    }
    line.with("upstream_host", "192.0.2.18:443");
    assertThat(older.parse(line.text(), LogLine.ARRIVAL).verdict()).isEqualTo(Verdict.BILLABLE);
  }

  private void assertBilled(LogLine line) {
    for (byte[] bytes : new byte[][] {line.text(), line.json()}) {
      ParsedLine parsed = parse(bytes);
      assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
      assertThat(parsed.tokens()).isEqualTo(new TokenCounts(21, 0, 0, 69, 0));
      assertThat(parsed.flags()).isEmpty();
    }
  }

  private void assertUnbillable(LogLine line, Reason reason, boolean leakage) {
    for (byte[] bytes : new byte[][] {line.text(), line.json()}) {
      ParsedLine parsed = parse(bytes);
      assertThat(parsed.verdict()).isEqualTo(Verdict.UNBILLABLE);
      assertThat(parsed.reason()).isEqualTo(reason);
      assertThat(parsed.leakage()).isEqualTo(leakage);
      assertThat(parsed.tokens()).isEqualTo(TokenCounts.ZERO);
      assertThat(parsed.completion()).isEqualTo(LogLine.COMPLETION);
    }
  }

  private ParsedLine parse(byte[] line) {
    return parser.parse(line, LogLine.ARRIVAL);
  }
}
