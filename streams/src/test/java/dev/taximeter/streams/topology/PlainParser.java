package dev.taximeter.streams.topology;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.parse.ParsedLine;
import dev.taximeter.parse.ParsedLine.Verdict;
import dev.taximeter.streams.intake.LineParser;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Reads lines that say plainly what they mean: {@code key model input cached cacheWrite output
 * reasoning completion number}, with {@code suspect} in front if the payer is not certain, or one
 * of the words below. A number that ends with a question mark marks a line whose completion depends
 * on when it arrived, since it had to be salvaged.
 */
final class PlainParser implements LineParser {
  /** Named, too, by each line that is salvaged. */
  static final String OTHER_KEY = "sk-forged-00002";

  /**
   * Whether lines that begin with {@code fixable} can be read, and those that begin with {@code
   * held} name their payer, as if a template had been added. Those that begin with {@code free} are
   * salvaged then, and say that nobody is to pay.
   */
  boolean fixed;

  @Override
  public ParsedLine parse(byte[] line, LineSource source, Instant arrival, boolean doubtful) {
    String[] words = new String(line, StandardCharsets.UTF_8).split(" ");
    return switch (words[0]) {
      case "defect" -> throw new IllegalStateException("cannot read sk-secret-of-a-client");
      case "rejected" -> nothing(Verdict.UNBILLABLE, Reason.REJECTED_KEY, words[1]);
      case "tampered" -> nothing(Verdict.SUSPENSE, Reason.PAYER_UNCERTAIN, null);
      case "foreign" -> nothing(Verdict.QUARANTINED, Reason.FOREIGN_LINE, null);
      case "suspect" ->
          suspect(
              usage(Arrays.copyOfRange(words, 1, words.length), arrival), Reason.PAYER_UNCERTAIN);
      case "fixable" ->
          fixed
              ? whole(usage(words, arrival), doubtful)
              : nothing(
                  Verdict.QUARANTINED,
                  doubtful ? Reason.UNCERTAIN_BEGINNING : Reason.FOREIGN_LINE,
                  null);
      case "free" ->
          fixed
              ? nothing(Verdict.UNBILLABLE, Reason.ANSWERED_BY_GATEWAY, null, List.of("tampered"))
              : nothing(Verdict.QUARANTINED, Reason.FOREIGN_LINE, null);
      case "held" -> {
        ParsedLine usage = usage(Arrays.copyOfRange(words, 1, words.length), arrival);
        yield fixed ? whole(usage, doubtful) : suspect(usage, Reason.PAYER_UNCERTAIN, List.of());
      }
      default -> whole(usage(words, arrival), doubtful);
    };
  }

  private static ParsedLine whole(ParsedLine usage, boolean doubtful) {
    return doubtful ? suspect(usage, Reason.UNCERTAIN_BEGINNING) : usage;
  }

  static String line(String key, String model, TokenCounts tokens, Instant completion, int number) {
    return "%s %s %d %d %d %d %d %s %d"
        .formatted(
            key,
            model,
            tokens.input(),
            tokens.cachedInput(),
            tokens.cacheWrite(),
            tokens.output(),
            tokens.reasoning(),
            completion,
            number);
  }

  private static ParsedLine usage(String[] given, Instant arrival) {
    String[] words =
        given[0].equals("fixable") ? Arrays.copyOfRange(given, 1, given.length) : given;
    boolean certain = !words[8].endsWith("?");
    Instant completion = certain ? Instant.parse(words[7]) : arrival;
    if (completion.isAfter(arrival.plusSeconds(600))) {
      return future(completion);
    }
    return new ParsedLine(
        Verdict.BILLABLE,
        null,
        false,
        words[0].equals("-") ? null : words[0],
        words[1],
        new TokenCounts(
            Long.parseLong(words[2]),
            Long.parseLong(words[3]),
            Long.parseLong(words[4]),
            Long.parseLong(words[5]),
            Long.parseLong(words[6])),
        completion.minusSeconds(1),
        completion,
        certain ? List.of() : List.of("tampered"),
        certain,
        "request-" + words[8],
        certain ? List.of() : List.of(words[0], OTHER_KEY));
  }

  private static ParsedLine suspect(ParsedLine usage, Reason reason) {
    return suspect(usage, reason, List.of(usage.rawKey()));
  }

  private static ParsedLine suspect(ParsedLine usage, Reason reason, List<String> keys) {
    return new ParsedLine(
        Verdict.SUSPENSE,
        reason,
        false,
        null,
        usage.model(),
        usage.tokens(),
        usage.start(),
        usage.completion(),
        List.of("tampered"),
        true,
        "request-1",
        keys);
  }

  private static ParsedLine future(Instant completion) {
    return new ParsedLine(
        Verdict.QUARANTINED,
        Reason.ABSURD_FUTURE,
        false,
        null,
        "model",
        TokenCounts.ZERO,
        completion.minusSeconds(1),
        completion,
        List.of(),
        true,
        "request-of-" + Reason.ABSURD_FUTURE.code(),
        List.of());
  }

  private static ParsedLine nothing(Verdict verdict, Reason reason, String key) {
    return nothing(verdict, reason, key, List.of());
  }

  private static ParsedLine nothing(
      Verdict verdict, Reason reason, String key, List<String> flags) {
    return new ParsedLine(
        verdict,
        reason,
        false,
        key,
        "model",
        TokenCounts.ZERO,
        null,
        null,
        flags,
        true,
        "request-of-" + reason.code(),
        List.of());
  }
}
