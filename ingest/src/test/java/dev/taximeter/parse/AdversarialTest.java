package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.io.ByteArrayOutputStream;
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
