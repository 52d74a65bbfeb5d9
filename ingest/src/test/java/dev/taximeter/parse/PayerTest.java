package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who pays: one field or a list in order, and never somebody whom a client has named. */
class PayerTest {
  private static final String OWN = "sk-test-00001";

  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
  private final AccessLogParser listed =
      new AccessLogParser(
          ParserSettings.of(Template.HIGRESS_CONSUMER)
              .withPayer("user_api_key", "api_key", "consumer"));

  private static LogLine line(String key, String consumer, String apiKey) {
    return LogLine.answered()
        .with("user_api_key", key)
        .with("consumer", consumer)
        .with("api_key", apiKey);
  }

  @Test
  void theFirstFieldThatNamesSomebodyDecidesInBothEncodings() {
    for (String nobody : List.of("-", "", "<nil>")) {
      assertPayer(line(OWN, "shop", "other"), OWN);
      assertPayer(line(nobody, "shop", "other"), "other");
      assertPayer(line(nobody, "shop", nobody), "shop");
      assertPayer(line(nobody, nobody, nobody), null);
    }
  }

  private void assertPayer(LogLine line, String payer) {
    for (byte[] bytes : new byte[][] {line.text(), line.json()}) {
      ParsedLine parsed = listed.parse(bytes, LogLine.ARRIVAL);
      assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
      assertThat(parsed.flags()).isEmpty();
      assertThat(parsed.rawKey()).isEqualTo(payer);
    }
  }

  @Test
  void aForgedFieldBehindTheOneThatDecidesDoesNotMatter() {
    LogLine line = line(OWN, "shop", "-").with("user_agent", "x\",\"consumer\":\"victim");
    ParsedLine parsed = listed.parse(line.text(), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(parsed.rawKey()).isEqualTo(OWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"user_api_key", "api_key", "consumer"})
  void aForgedFieldUpToTheOneThatDecidesHoldsTheUsage(String field) {
    LogLine line = line("-", "shop", "-").with("user_agent", "x\",\"" + field + "\":\"victim");
    ParsedLine parsed = listed.parse(line.text(), LogLine.ARRIVAL);
    assertThat(parsed.verdict()).isEqualTo(Verdict.SUSPENSE);
    assertThat(parsed.reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(parsed.rawKey()).isNull();
    assertThat(parsed.tokens().output()).isEqualTo(69);
    assertThat(parsed.candidateKeys()).contains("victim", "shop");
  }

  @Test
  void aFieldOutsideTheTemplateIsNeverRead() {
    ParsedLine json = parser.parse(line("-", "shop", "victim").json(), LogLine.ARRIVAL);
    assertThat(json.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(json.rawKey()).isNull();
    ParsedLine text =
        parser.parse(
            LogLine.answered()
                .with("user_api_key", "-")
                .with("user_agent", "x\",\"api_key\":\"victim\",\"consumer\":\"victim")
                .text(),
            LogLine.ARRIVAL);
    assertThat(text.verdict()).isEqualTo(Verdict.BILLABLE);
    assertThat(text.rawKey()).isNull();
  }

  @Test
  void aConsumerThatAPluginWritesIsFreedFromItsEscapes() {
    String template =
        ParserSettings.DEFAULT_TEMPLATE.replace(
            "\"authority\"", "\"consumer\":\"%FILTER_STATE(wasm.consumer:PLAIN)%\",\"authority\"");
    AccessLogParser separate =
        new AccessLogParser(
            ParserSettings.defaults().withTemplate(template).withPayer("consumer", "user_api_key"));
    LogLine line = LogLine.answered().with("consumer", "a\\\"b\\\\c").moved("consumer", "ai_log");
    assertThat(separate.parse(line.text(), LogLine.ARRIVAL).rawKey()).isEqualTo("a\"b\\c");
    assertThat(separate.parse(line.json(), LogLine.ARRIVAL).rawKey()).isEqualTo("a\"b\\c");
    line.with("consumer", "\\u003cnil\\u003e");
    assertThat(separate.parse(line.text(), LogLine.ARRIVAL).rawKey()).isEqualTo(OWN);
    assertThat(separate.parse(line.json(), LogLine.ARRIVAL).rawKey()).isEqualTo(OWN);
  }

  @Test
  void candidatesAreTheDistinctKeysThatTheLineNames() {
    String forged =
        "x\",\"user_api_key\":\"-\",\"user_api_key\":\"victim\",\"user_api_key\":\"victim";
    ParsedLine held = held("user_agent", forged);
    assertThat(held.candidateKeys()).containsExactly("victim", OWN);
    assertThat(held.toString()).doesNotContain("victim").doesNotContain(OWN);
  }

  @Test
  void howeverManyAreForgedTheGatewaysIsAmongTheFew() {
    StringBuilder many = new StringBuilder("x");
    for (int i = 0; i < 1_000; i++) {
      many.append("\",\"user_api_key\":\"victim-").append(i);
    }
    assertThat(held("user_agent", many.toString()).candidateKeys()).hasSize(4).endsWith(OWN);
    assertThat(held("client_version", many.toString()).candidateKeys()).hasSize(4).startsWith(OWN);
  }

  @Test
  void aCandidateThatIsTooLongIsLeftOut() {
    String forged = "x\",\"user_api_key\":\"" + "k".repeat(4_097);
    assertThat(held("user_agent", forged).candidateKeys()).containsExactly(OWN);
    assertThat(held("user_agent", forged.substring(0, forged.length() - 1)).candidateKeys())
        .hasSize(2);
  }

  private ParsedLine held(String field, String value) {
    ParsedLine held = parser.parse(LogLine.answered().with(field, value).text(), LogLine.ARRIVAL);
    assertThat(held.verdict()).isEqualTo(Verdict.SUSPENSE);
    return held;
  }

  @Test
  void onlyWhatIsHeldHasCandidates() {
    assertThat(parser.parse(LogLine.answered().text(), LogLine.ARRIVAL).candidateKeys()).isEmpty();
    assertThat(parser.parse(LogLine.withoutUsage().text(), LogLine.ARRIVAL).candidateKeys())
        .isEmpty();
  }

  @Test
  void keysThatAreNoUtf8AreNotTheSame() {
    byte[] first = "schl\u00fcssel-0001-abcdefgh".getBytes(StandardCharsets.ISO_8859_1);
    byte[] second = "schl\u00f6ssel-0001-abcdefgh".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(parse(LogLine.answered().with("user_api_key", first)).rawKey())
        .isNotEqualTo(parse(LogLine.answered().with("user_api_key", second)).rawKey());
    assertThat(
            parse(
                    LogLine.answered()
                        .with("user_api_key", first)
                        .with("user_agent", "\",\"user_api_key\":\"victim"))
                .candidateKeys())
        .containsExactlyInAnyOrder("victim", "schl\u00fcssel-0001-abcdefgh");
    // Correct UTF-8 stays what it is, the sign of replacement included.
    assertThat(parse(LogLine.answered().with("user_api_key", "k\ufffd\u00fc")).rawKey())
        .isEqualTo("k\ufffd\u00fc");
    // Nor does a key show that stands elsewhere in the line.
    assertThat(
            parse(LogLine.answered().with("user_api_key", first).with("request_id", first))
                .requestId())
        .isNull();
  }

  @Test
  void theRequestIdIsCleanedAndBounded() {
    assertThat(requestId("5b0e6c1e-6f0f")).isEqualTo("5b0e6c1e-6f0f");
    assertThat(requestId("-")).isNull();
    assertThat(requestId("")).isNull();
    assertThat(requestId(" a\tb\u0007c\u202e ")).isEqualTo("abc");
    assertThat(requestId("x".repeat(60_000))).isEqualTo("x".repeat(128));
    assertThat(requestId("好".repeat(100))).isEqualTo("好".repeat(42));
    assertThat(requestId("x\",\"request_id\":\"y")).isNull();
    byte[] json = LogLine.answered().with("request_id", "job-\"42\"").json();
    assertThat(parser.parse(json, LogLine.ARRIVAL).requestId()).isEqualTo("job-\"42\"");
    assertThat(
            parser
                .parse(LogLine.withoutUsage().with("request_id", "job").text(), LogLine.ARRIVAL)
                .requestId())
        .isEqualTo("job");
  }

  @Test
  void aKeyThatStandsElsewhereInTheLineIsNotKept() {
    LogLine line = LogLine.answered().with("user_api_key", "sk-secret-0001-abcdefgh");
    assertThat(parse(line.with("request_id", "for-sk-secret-0001-abcdefgh")).requestId()).isNull();
    assertThat(parse(line.with("request_id", "my-secret-0002-abcdefgh")).requestId())
        .isEqualTo("my-secret-0002-abcdefgh");
    LogLine forged =
        line.with("request_id", "my-secret-0002-abcdefgh")
            .with("user_agent", "\",\"user_api_key\":\"my-secret-0002-abcdefgh");
    assertThat(parse(forged).requestId()).isNull();
  }

  @Test
  void aKeyInTheModelIsMaskedAndTheRestStillNamesIt() {
    String key = "sk-secret-0001-abcdefgh";
    LogLine line = LogLine.answered().with("user_api_key", key);
    ParsedLine plain = parse(line);
    ParsedLine echoed =
        parser.parse(
            new String(line.text(), StandardCharsets.UTF_8)
                .replace("qwen-plus", "qwen-plus-" + key)
                .getBytes(StandardCharsets.UTF_8),
            LogLine.ARRIVAL);
    assertThat(echoed.model()).isEqualTo(plain.model() + "-***");
    assertThat(parse(line.with("user_api_key", "qwen")).model()).isEqualTo(plain.model());
  }

  /** Else a forged key would hide the model, and with it the price. */
  @Test
  void aForgedKeyThatEqualsTheModelDoesNotHideIt() {
    LogLine line = LogLine.answered().with("user_agent", "\",\"user_api_key\":\"qwen-plus");
    assertThat(parse(line).model()).isEqualTo(parse(LogLine.answered()).model());
    String longer = "qwen2.5-72b-instruct";
    line.with("user_agent", "\",\"user_api_key\":\"" + longer);
    line.aiLog("{\"model\":\"" + longer + "\",\"input_token\":1}");
    assertThat(parse(line).model()).isEqualTo(longer);
  }

  /** Only what was cut can hold a piece of a key by that. */
  @Test
  void whatBeginsLikeAKeyAndIsNotCutIsKept() {
    String key = "sk-secret-0003-abcdefghijklmnopqrstuvwxyz";
    String beginning = "x-" + key.substring(0, 20);
    LogLine line = LogLine.answered().with("user_api_key", key).with("request_id", beginning);
    line.aiLog("{\"model\":\"" + beginning + "\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isEqualTo(beginning);
    assertThat(parse(line).model()).isEqualTo(beginning);
  }

  private ParsedLine parse(LogLine line) {
    return parser.parse(line.text(), LogLine.ARRIVAL);
  }

  /** Both are cut to a length, and a cut key is still most of a key. */
  @Test
  void aKeyThatACutLeavesAPieceOfIsNotKept() {
    String key = "sk-secret-0003-abcdefghijklmnopqrstuvwxyz";
    LogLine line = LogLine.answered().with("user_api_key", key);
    for (int kept : List.of(16, 20, key.length() - 1)) {
      assertThat(parse(line.with("request_id", "x".repeat(128 - kept) + key)).requestId()).isNull();
      String model = "m".repeat(AiLog.MAX_MODEL_BYTES - kept);
      line.aiLog("{\"model\":\"" + model + key + "\",\"input_token\":1}");
      assertThat(parse(line).model()).isEqualTo(model + "***");
    }
    assertThat(parse(line.with("request_id", "x".repeat(128 - 7) + key)).requestId()).hasSize(128);
    String longer = key.repeat(10);
    line.with("user_api_key", longer).with("request_id", longer);
    line.aiLog("{\"model\":\"" + longer + "\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isNull();
    assertThat(parse(line).model()).isEqualTo("***");
  }

  @Test
  void aKeyBehindItsSchemeIsTheSameSecret() {
    String key = "sk-secret-0004-abcdefgh";
    LogLine line =
        LogLine.answered().with("user_api_key", "Bearer " + key).with("request_id", "for-" + key);
    line.aiLog("{\"model\":\"m-" + key + "\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isNull();
    assertThat(parse(line).model()).isEqualTo("m-***");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER  ", "Token ", "ApiKey ", "Basic "})
  void aKeyBehindAnySchemeIsTheSameSecret(String scheme) {
    String key = "0123456789abcdef0123456789abcdef";
    LogLine line =
        LogLine.answered().with("user_api_key", scheme + key).with("request_id", "for-" + key);
    line.aiLog("{\"model\":\"m-" + key + "\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isNull();
    assertThat(parse(line).model()).isEqualTo("m-***");
    assertThat(parse(line).rawKey()).isEqualTo(scheme + key);
  }

  @Test
  void aPasswordIsNoLessSecretDecoded() {
    byte[] user = "me:a-long-password-9".getBytes(StandardCharsets.UTF_8);
    String header = "Basic " + Base64.getEncoder().encodeToString(user);
    LogLine line =
        LogLine.answered().with("user_api_key", header).with("request_id", "a-long-password-9");
    line.aiLog("{\"model\":\"a-long-password-9\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isNull();
    assertThat(parse(line).model()).isEqualTo("***");
  }

  /** Nothing else in the line tells that it is a key. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sk-0123456789abcdef0123",
        "sk-proj-a_b-0123456789abcdefghij-x",
        "xai-0123456789abcdefghijklmnopqrstuvwxyz",
        "AKIA0123456789ABCDEF",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "bearer 0123456789abcdef",
        "Basic bWU6cGFzc3dvcmQ=",
        "AIzaSyA0123456789abcdef"
      })
  void whatLooksLikeAKeyOfAWellKnownKindIsNotKept(String key) {
    LogLine line = LogLine.answered().with("user_api_key", "-").with("request_id", "for-" + key);
    line.aiLog("{\"model\":\"gpt-" + key + "\",\"input_token\":1}");
    assertThat(parse(line).requestId()).isNull();
    assertThat(parse(line).model()).isEqualTo("gpt-***");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-4o-2024-08-06",
        "task-manager-model-1",
        "ft:gpt-4o-mini:acme::BxYz12Ab",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "token",
        "qwen2.5-72b-instruct@0123456789abcdef0123456789abcdef",
        "xai-org/grok-2",
        "deepinfra/xai-org/grok-1",
        "xai-grok-4-fast",
        "hf_llama-3.1-8b",
        "azure/sk-team-gpt-4o",
        "gsk_llama3-70b",
        "meta/xai-org/grok-2:free",
        "sk-hynix-llm-7b",
        "eyJ-model-large",
        "xai-org/0123456789abcdef0123456789abcdef"
      })
  void modelsKeepTheirNames(String model) {
    LogLine line = LogLine.answered();
    line.aiLog("{\"model\":\"" + model + "\",\"input_token\":1}");
    assertThat(parse(line).model()).isEqualTo(model);
    // Held usage finds its price by the model, too.
    assertThat(parse(line.with("user_agent", "x\",\"user_api_key\":\"other")).model())
        .isEqualTo(model);
  }

  /** In suspense the payer is not known, but what the line names may be a key. */
  @Test
  void aClientsKeyInTheModelOfHeldUsageIsMasked() {
    String key = "0123456789abcdef0123456789abcdef";
    LogLine line =
        LogLine.answered()
            .with("user_api_key", key)
            .with("user_agent", "x\",\"user_api_key\":\"other");
    line.aiLog("{\"model\":\"m-" + key + "\",\"input_token\":1}");
    assertThat(parse(line).verdict()).isEqualTo(ParsedLine.Verdict.SUSPENSE);
    assertThat(parse(line).model()).isEqualTo("m-***");
  }

  private String requestId(String value) {
    byte[] line = LogLine.answered().with("request_id", value).text();
    return parser.parse(line, LogLine.ARRIVAL).requestId();
  }

  @Test
  void completionIsCertainUnlessItWasChosen() {
    assertThat(certain(LogLine.answered())).isTrue();
    assertThat(certain(LogLine.withoutUsage())).isTrue();
    assertThat(certain(LogLine.answered().with("user_agent", "\\"))).isTrue();
    assertThat(
            certain(
                LogLine.answered()
                    .with("user_agent", "x\",\"start_time\":\"2026-11-03T08:14:20.000Z")))
        .isFalse();
    assertThat(certain(LogLine.answered().with("user_agent", "x\",\"duration\":\"1"))).isFalse();
    byte[] line = LogLine.answered().text();
    int cut = new String(line, StandardCharsets.UTF_8).indexOf("\"start_time\"");
    assertThat(
            parser.parse(java.util.Arrays.copyOf(line, cut), LogLine.ARRIVAL).completionCertain())
        .isFalse();
  }

  private boolean certain(LogLine line) {
    return parser.parse(line.text(), LogLine.ARRIVAL).completionCertain();
  }
}
