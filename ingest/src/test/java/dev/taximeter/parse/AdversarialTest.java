package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every attack in every field that a client has a hand in: nothing crashes or hangs, and nothing
 * but the key's own value changes tokens or payer of a billed line, or makes a billable line free.
 */
class AdversarialTest {
  private static final String OWN = "sk-test-00001";
  private static final Duration HANG = Duration.ofSeconds(2);
  private static final int PIECE = 16 * 1024;

  private static final AccessLogParser DEFAULT = new AccessLogParser(ParserSettings.defaults());
  private static final AccessLogParser SAFE =
      new AccessLogParser(ParserSettings.of(Template.HIGRESS_SAFE));
  private static final AccessLogParser DIALECTS =
      new AccessLogParser(
          ParserSettings.defaults()
              .withDialects(
                  List.of(
                      new DialectRule("*llm-rank*", "total-only"),
                      new DialectRule("*llm-claude*", "anthropic"))));

  /** The default template with its usage behind most of what a client writes. */
  private static final AccessLogParser MIDDLE =
      new AccessLogParser(ParserSettings.defaults().withTemplate(usageInTheMiddle()));

  private static final ParsedLine CLEAN = DEFAULT.parse(LogLine.answered().text(), LogLine.ARRIVAL);

  static List<String> fields() {
    return ClientText.FIELDS;
  }

  @ParameterizedTest
  @MethodSource("fields")
  void neitherFreeNorOnAnotherKey(String field) {
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              ParsedLine line = parse(DEFAULT, LogLine.answered().with(field, value));
              assertHarmless(line, field + " " + attack, field);
              if (line.verdict() == Verdict.SUSPENSE && !attack.contains("60 kB of keys")) {
                assertThat(line.candidateKeys()).as(attack).hasSizeBetween(1, 4);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("fields")
  void inTheSafeOrderThePayerIsAlwaysKnown(String field) {
    if (field.equals("method")) {
      return; // A method is a token: no quote or backslash gets past the gateway.
    }
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              ParsedLine line =
                  parse(
                      SAFE, LogLine.answered().with(field, value).inOrderOf(Template.HIGRESS_SAFE));
              if (field.equals("user_api_key") && attack.matches("forged (JSON )?line")) {
                // A key that holds another line: so does one that was cut and glued to that.
                assertThat(line.verdict()).isEqualTo(Verdict.SUSPENSE);
                return;
              }
              assertThat(line.verdict()).as(field + " " + attack).isEqualTo(Verdict.BILLABLE);
              assertThat(line.completionCertain()).as(field + " " + attack).isTrue();
              assertThat(line.completion()).isEqualTo(LogLine.COMPLETION);
              assertHarmless(line, field + " " + attack, field);
            });
  }

  @ParameterizedTest
  @MethodSource("fields")
  void inJsonEncodingNothingIsEvenUncertain(String field) {
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              ParsedLine line =
                  DEFAULT.parse(LogLine.answered().with(field, value).json(), LogLine.ARRIVAL);
              assertThat(line.verdict()).as(field + " " + attack).isEqualTo(Verdict.BILLABLE);
              assertHarmless(line, field + " " + attack, field);
            });
  }

  @ParameterizedTest
  @MethodSource("fields")
  void withDialectsAForgedUpstreamNeverBillsLess(String field) {
    String usage =
        "{\"input_token\":100,\"input_token_details\":{\"cached_tokens\":60},\"model\":\"qwen-plus\","
            + "\"output_token\":9}";
    ParsedLine clean = parse(DIALECTS, LogLine.answered().aiLog(usage));
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              ParsedLine line = parse(DIALECTS, LogLine.answered().aiLog(usage).with(field, value));
              assertThat(line.verdict()).as(attack).isIn(Verdict.BILLABLE, Verdict.SUSPENSE);
              assertThat(line.tokens().totalTokens())
                  .as(field + " " + attack)
                  .isGreaterThanOrEqualTo(clean.tokens().totalTokens());
              assertThat(line.tokens().cachedInput()).isLessThanOrEqualTo(60);
            });
  }

  @ParameterizedTest
  @MethodSource("fields")
  void leakageIsNeverHidden(String field) {
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              if (field.equals("path") && attack.startsWith("method")) {
                return;
              }
              ParsedLine line = parse(DEFAULT, LogLine.withoutUsage().with(field, value));
              assertThat(line.verdict()).as(field + " " + attack).isEqualTo(Verdict.UNBILLABLE);
              assertThat(line.leakage()).as(field + " " + attack).isTrue();
              assertThat(line.rawKey()).isNotEqualTo(ClientText.VICTIM);
            });
  }

  @ParameterizedTest
  @MethodSource("fields")
  void piecesOfALongLineNeverCrashAndTheirRestIsNeverBilled(String field) {
    for (Map.Entry<String, byte[]> attack : ClientText.attacks().entrySet()) {
      ByteArrayOutputStream padded = new ByteArrayOutputStream();
      padded.writeBytes("p".repeat(PIECE - 700).getBytes());
      padded.writeBytes(attack.getValue());
      padded.writeBytes("p".repeat(PIECE).getBytes());
      byte[] line = LogLine.answered().with(field, padded.toByteArray()).text();
      for (byte[] piece : pieces(line)) {
        ParsedLine parsed = parse(DEFAULT, piece);
        assertThat(parsed.reason()).as(attack.getKey()).isNotEqualTo(Reason.INTERNAL_ERROR);
      }
      // Joined again it is a line like any other.
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      pieces(line).forEach(joined::writeBytes);
      assertHarmless(parse(DEFAULT, joined.toByteArray()), field + " " + attack.getKey(), field);
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void gluedLinesAreNeverBilledToTheOtherOne(String field) {
    byte[] victim = LogLine.answered().with("user_api_key", ClientText.VICTIM).text();
    ClientText.attacks()
        .forEach(
            (attack, value) -> {
              byte[] line = LogLine.answered().with(field, value).text();
              for (byte[] glued : List.of(join(line, victim), join(victim, line))) {
                ParsedLine parsed = parse(DEFAULT, glued);
                assertThat(parsed.verdict()).as(field + " " + attack).isEqualTo(Verdict.SUSPENSE);
                assertThat(parsed.flags()).contains(LineFlags.SECOND_OBJECT);
              }
            });
  }

  /**
   * What a client can write as a usage of its own, those that cannot be read or be true included.
   */
  static List<String> forgedUsage() {
    return List.of(
        "-",
        "",
        "{}",
        "{\\\"input_token\\\":0,\\\"output_token\\\":0}",
        "{\\\"input_token\\\":1,\\\"model\\\":\\\"cheap\\\"}",
        "{\\\"cache_status\\\":\\\"hit\\\"}",
        "{\\\"input_token\\\":-1}",
        "{\\\"input_token\\\":1,\\\"input_token\\\":2}",
        "{\\\"input_token\\\"",
        "no object");
  }

  /**
   * Where usage stands behind what a client writes, a client can have its own line held or
   * quarantined, which is named and counted. It can do no more.
   */
  @ParameterizedTest
  @MethodSource("fields")
  void whereUsageStandsInTheMiddleAClientHarmsOnlyItself(String field) {
    if (field.equals("user_api_key")) {
      return; // Its own value is the client's to choose.
    }
    Map<String, byte[]> attacks = ClientText.attacks();
    for (String usage : forgedUsage()) {
      String text = "x\",\"ai_log\":\"" + usage;
      attacks.put(usage, text.getBytes(StandardCharsets.UTF_8));
      attacks.put(usage + " and a key", forgedKey(text));
    }
    attacks.forEach(
        (attack, value) -> {
          LogLine line = LogLine.answered().moved("ai_log", "upstream_local_address");
          ParsedLine parsed = parse(MIDDLE, line.with(field, value));
          String what = field + " " + attack;
          switch (parsed.verdict()) {
            case BILLABLE -> {
              assertThat(parsed.rawKey()).as(what).isEqualTo(OWN);
              assertThat(parsed.tokens()).as(what).isEqualTo(CLEAN.tokens());
            }
            case SUSPENSE -> {
              assertThat(parsed.rawKey()).as(what).isNull();
              assertThat(parsed.tokens().totalTokens())
                  .as(what)
                  .isGreaterThanOrEqualTo(CLEAN.tokens().totalTokens());
            }
            case QUARANTINED -> {
              assertThat(parsed.rawKey()).as(what).isNull();
              assertThat(parsed.reason()).as(what).isEqualTo(Reason.UNREADABLE_AI_LOG);
            }
            case UNBILLABLE -> throw new AssertionError(what + " made it free");
          }
        });
  }

  private static byte[] forgedKey(String text) {
    String forged = text + "\",\"user_api_key\":\"" + ClientText.VICTIM;
    return forged.getBytes(StandardCharsets.UTF_8);
  }

  /** Cut before its usage begins, the first line leaves nothing that could be passed on. */
  static Stream<Integer> cuts() {
    int usage = "{\"ai_log\":\"".length();
    return Stream.iterate(usage, at -> at < LogLine.answered().text().length, at -> at + 1);
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void theRestOfALineBeforeAWholeOneNeverPassesItsUsageOn(int cut) {
    byte[] first = Arrays.copyOf(LogLine.answered().text(), cut);
    byte[] second = LogLine.answered().with("user_api_key", ClientText.VICTIM).text();
    ParsedLine parsed = parse(DEFAULT, join(first, second));
    assertThat(parsed.verdict()).isIn(Verdict.SUSPENSE, Verdict.QUARANTINED);
    assertThat(parsed.rawKey()).isNull();
  }

  private static String usageInTheMiddle() {
    String template = ParserSettings.DEFAULT_TEMPLATE;
    String usage = template.substring(1, template.indexOf("\"authority\""));
    return template
        .replace(usage, "")
        .replace("\"upstream_service_time\"", usage + "\"upstream_service_time\"");
  }

  private static void assertHarmless(ParsedLine line, String attack, String field) {
    assertThat(line.verdict()).as(attack).isIn(Verdict.BILLABLE, Verdict.SUSPENSE);
    assertThat(line.tokens()).as(attack).isEqualTo(parse(DEFAULT, LogLine.answered()).tokens());
    assertThat(line.model()).as(attack).isEqualTo("qwen-plus");
    if (line.verdict() == Verdict.BILLABLE && !field.equals("user_api_key")) {
      assertThat(line.rawKey()).as(attack).isEqualTo(OWN);
    }
    assertThat(line.completion()).isNotNull();
  }

  private static ParsedLine parse(AccessLogParser parser, LogLine line) {
    return parse(parser, line.text());
  }

  private static ParsedLine parse(AccessLogParser parser, byte[] line) {
    return assertTimeout(HANG, () -> parser.parse(line, LogLine.ARRIVAL));
  }

  private static List<byte[]> pieces(byte[] line) {
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < line.length; from += PIECE) {
      pieces.add(Arrays.copyOfRange(line, from, Math.min(line.length, from + PIECE)));
    }
    return pieces;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
