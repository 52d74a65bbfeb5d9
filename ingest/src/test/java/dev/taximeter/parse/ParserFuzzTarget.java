package dev.taximeter.parse;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.parse.ParsedLine.Verdict;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the fuzzer calls. The first byte of its input says what the rest is: a line, or the texts of
 * a client, one for each field it controls, which must not change what the line is worth.
 */
public final class ParserFuzzTarget {
  static final byte WHOLE_LINE = 'L';
  static final byte CLIENT_TEXTS = 'C';
  static final byte END_OF_TEXT = '\n';

  /** Fields whose text must not matter; the key's own value is a client's to choose. */
  static final List<String> FIELDS =
      ClientText.FIELDS.stream().filter(field -> !field.equals("user_api_key")).toList();

  private static final String OWN = "sk-test-00001";
  private static final AccessLogParser DEFAULT = new AccessLogParser(ParserSettings.defaults());
  private static final AccessLogParser SAFE =
      new AccessLogParser(ParserSettings.of(Template.HIGRESS_SAFE));

  /** Orders in which the payer can be uncertain; tokens, model and worth never are. */
  private static final Map<Template, AccessLogParser> OTHERS =
      Stream.of(
              Template.HIGRESS_AI_LOG_LAST,
              Template.HIGRESS_WITHOUT_DETAILS,
              Template.HIGRESS_CONSUMER)
          .collect(
              Collectors.toMap(
                  template -> template,
                  template -> new AccessLogParser(ParserSettings.of(template))));

  private static final AccessLogParser AI_GATEWAY =
      new AccessLogParser(ParserSettings.of(Template.ENVOY_AI_GATEWAY));
  private static final AccessLogParser DIALECTS =
      new AccessLogParser(
          ParserSettings.defaults()
              .withDialects(
                  List.of(
                      new DialectRule("*qwen*", "openai"),
                      new DialectRule("*a*", "anthropic"),
                      new DialectRule("*g*", "gemini"))));
  private static final ParsedLine CLEAN = DEFAULT.parse(LogLine.answered().text(), LogLine.ARRIVAL);

  private ParserFuzzTarget() {}

  /** Called once: loading classes must not count as a slow input. */
  public static void fuzzerInitialize() {
    wholeLine(LogLine.answered().json());
    clientTexts(new byte[] {'"'});
  }

  /** Called for each input, many thousand times a second. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    if (input[0] == CLIENT_TEXTS) {
      clientTexts(rest);
    } else {
      wholeLine(rest);
    }
  }

  private static void wholeLine(byte[] line) {
    for (AccessLogParser parser : List.of(DEFAULT, SAFE, AI_GATEWAY, DIALECTS)) {
      ParsedLine parsed = parser.parse(line, LogLine.ARRIVAL);
      require(parsed.reason() != Reason.INTERNAL_ERROR, "a defect", parsed);
      require(parsed.candidateKeys().size() <= 4, "too many candidates", parsed);
      String model = parsed.model();
      require(model == null || model.length() <= AiLog.MAX_MODEL_BYTES, "a long model", parsed);
      String id = parsed.requestId();
      require(id == null || id.length() <= 128, "a long request id", parsed);
    }
  }

  private static void clientTexts(byte[] input) {
    List<byte[]> texts = texts(input);
    LogLine line = LogLine.answered();
    LogLine leaking = LogLine.withoutUsage();
    for (int i = 0; i < texts.size(); i++) {
      line.with(FIELDS.get(i), texts.get(i));
      leaking.with(FIELDS.get(i), texts.get(i));
    }
    requireHarmless(DEFAULT.parse(line.text(), LogLine.ARRIVAL), false);
    ParsedLine leak = DEFAULT.parse(leaking.text(), LogLine.ARRIVAL);
    require(leak.verdict() == Verdict.UNBILLABLE, "leakage that is something else", leak);
    OTHERS.forEach(
        (template, parser) ->
            requireHarmless(parser.parse(line.inOrderOf(template).text(), LogLine.ARRIVAL), false));
    // In the safe order a method comes before the key, and the gateway lets only tokens pass.
    line.with("method", "POST");
    requireHarmless(
        SAFE.parse(line.inOrderOf(Template.HIGRESS_SAFE).text(), LogLine.ARRIVAL), true);
  }

  private static void requireHarmless(ParsedLine line, boolean payerCertain) {
    require(line.tokens().equals(CLEAN.tokens()), "other tokens", line);
    require("qwen-plus".equals(line.model()), "another model", line);
    if (line.verdict() == Verdict.BILLABLE) {
      require(OWN.equals(line.rawKey()), "another payer", line);
    } else {
      require(!payerCertain && line.verdict() == Verdict.SUSPENSE, "a free line", line);
    }
  }

  /** Up to one text for each field; no header holds a line feed, a carriage return or a NUL. */
  private static List<byte[]> texts(byte[] input) {
    List<byte[]> texts = new ArrayList<>();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (byte b : input) {
      if (b == END_OF_TEXT) {
        texts.add(text.toByteArray());
        text.reset();
        if (texts.size() == FIELDS.size()) {
          return texts;
        }
      } else if (b != '\r' && b != 0) {
        text.write(b);
      }
    }
    texts.add(text.toByteArray());
    return texts;
  }

  private static void require(boolean condition, String found, ParsedLine line) {
    if (!condition) {
      throw new AssertionError(found + ": " + line);
    }
  }
}
