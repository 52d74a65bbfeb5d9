package dev.taximeter.streams.replay;

import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a replay say about its line, beside the stamp. The stamp covers them, so that
 * who may only write raw lines can neither add nor leave out any.
 */
public final class ReplayRole {
  private static final Pattern DESK =
      Pattern.compile(
          "([a-z-]{1,60})(?:/(\\d{1,18}),(\\d{1,18}),(\\d{1,18}),(\\d{1,18}),(\\d{1,18}))?");

  private ReplayRole() {}

  /**
   * The line is in suspense, and only the desk is asked.
   *
   * @param reason why
   * @param received how it was counted when it came; null if that is not known
   */
  public record Desk(Reason reason, @Nullable TokenCounts received) {
    String toText() {
      return received == null
          ? reason.code()
          : "%s/%d,%d,%d,%d,%d"
              .formatted(
                  reason.code(),
                  received.input(),
                  received.cachedInput(),
                  received.cacheWrite(),
                  received.output(),
                  received.reasoning());
    }
  }

  /**
   * @return a text that differs with anything that the headers say; empty if they say nothing
   */
  public static String of(Headers headers) {
    String desk = text(headers);
    boolean doubtful = headers.lastHeader(RawLine.UNCERTAIN_BEGINNING_HEADER) != null;
    return doubtful ? desk + " " + RawLine.UNCERTAIN_BEGINNING_HEADER : desk;
  }

  /**
   * @return null if the line is not in suspense
   */
  public static @Nullable Desk desk(Headers headers) {
    Matcher matcher = DESK.matcher(text(headers));
    if (!matcher.matches()) {
      return null;
    }
    Reason reason =
        Arrays.stream(Reason.values())
            .filter(one -> one.code().equals(matcher.group(1)))
            .findFirst()
            .orElse(null);
    return reason == null ? null : new Desk(reason, received(matcher));
  }

  private static @Nullable TokenCounts received(Matcher matcher) {
    return matcher.group(2) == null
        ? null
        : new TokenCounts(
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)),
            Long.parseLong(matcher.group(4)),
            Long.parseLong(matcher.group(5)),
            Long.parseLong(matcher.group(6)));
  }

  private static String text(Headers headers) {
    Header header = headers.lastHeader(RawLine.SUSPENSE_HEADER);
    return header == null || header.value() == null
        ? ""
        : new String(header.value(), StandardCharsets.ISO_8859_1);
  }
}
