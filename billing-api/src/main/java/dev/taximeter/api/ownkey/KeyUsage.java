package dev.taximeter.api.ownkey;

import dev.taximeter.api.usage.UsageAnswer;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.usage.UsageService.Question;
import dev.taximeter.api.usage.UsageSum;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one key has cost. */
final class KeyUsage {
  private final UsageService service;

  KeyUsage(UsageService service) {
    this.service = service;
  }

  /**
   * A sum of money.
   *
   * @param sequence of the account: what it includes
   * @param exact whether it is exactly what that number says
   */
  record Cost(BigDecimal amount, long sequence, boolean exact) {}

  /**
   * @param key name within the account
   * @param from null for all there ever was
   * @param to first instant after
   */
  Cost between(String account, String key, @Nullable Instant from, Instant to) {
    UsageAnswer answer =
        service.answer(
            new Question(
                account,
                key,
                null,
                null,
                from == null ? Instant.EPOCH : from,
                to,
                null,
                false,
                false,
                false));
    BigDecimal amount =
        answer.sums().stream().map(UsageSum::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    return new Cost(amount, answer.sequence(), answer.exact());
  }
}
