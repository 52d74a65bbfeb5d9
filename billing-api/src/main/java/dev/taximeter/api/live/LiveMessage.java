package dev.taximeter.api.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the live page is told once a second.
 *
 * @param time when the second ended
 * @param inputTokens prompt tokens of the lines seen in it
 * @param outputTokens answer tokens of the lines seen in it
 * @param requests billed and unattributed lines seen in it
 * @param others other lines seen in it
 * @param delayMillis from hand-over by the shipper to here, of the latest line; null if none came
 * @param lines the latest lines of that second, newest first
 * @param accounts those that spent most, largest first
 * @param spend what the lines of the second cost, by currency
 * @param earlier tokens of the seconds before, oldest first; only in the first message
 * @param earlierSpend what those cost, by currency; only in the first message
 * @param latest the latest lines of all, newest first; only in the first message
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LiveMessage(
    Instant time,
    long inputTokens,
    long outputTokens,
    long requests,
    long others,
    @Nullable Long delayMillis,
    List<Line> lines,
    List<Spend> accounts,
    Map<String, BigDecimal> spend,
    @Nullable List<Long> earlier,
    @Nullable List<Map<String, BigDecimal>> earlierSpend,
    @Nullable List<Line> latest) {
  /**
   * One line.
   *
   * @param fate its fate's code
   * @param reason why it is not usage; null if it is
   * @param account id; null if it has none
   * @param key name and last characters of the key; null if it has none
   * @param tokens all tokens
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      Instant time,
      String fate,
      @Nullable String reason,
      @Nullable String account,
      @Nullable String key,
      @Nullable String model,
      long tokens,
      @Nullable BigDecimal cost,
      @Nullable String currency,
      String source) {}

  /** What an account has spent, and has left. */
  record Spend(
      String account,
      String name,
      String currency,
      BigDecimal spent,
      BigDecimal balance,
      long sequence) {}

  /** Lines that came since the last message, newest first; sent several times a second. */
  record Fresh(List<Line> lines) {}
}
