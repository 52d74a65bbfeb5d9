package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.event.AccountState.CreditState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which usage each credit may pay for. */
public final class Credits {
  /** The order in which credits are drawn down: those that expire first, first. */
  private static final Comparator<CreditState> DRAW_DOWN_ORDER =
      Comparator.comparing(
              CreditState::expiresAt, Comparator.nullsLast(Comparator.<Instant>naturalOrder()))
          .thenComparing(CreditState::id);

  private Credits() {}

  /** Adds an event to every credit that had not expired when the event completed. */
  public static List<CreditState> afterUsage(
      List<CreditState> credits, Instant completion, BigDecimal cost) {
    if (cost.signum() == 0) {
      return credits;
    }
    return credits.stream()
        .map(
            credit ->
                isBefore(completion, credit.expiresAt())
                    ? new CreditState(
                        credit.id(),
                        credit.amount(),
                        credit.expiresAt(),
                        credit.spentBeforeExpiry().add(cost))
                    : credit)
        .toList();
  }

  /**
   * The credits after a change of terms. A credit that is already there keeps what it has; a new
   * one may pay for everything spent so far, if all of that completed before it expires.
   *
   * @param spent usage cost so far
   * @param lastCompletion latest completion so far; null if there is no usage
   * @param now decides for a credit whose expiry lies within the usage so far
   */
  public static List<CreditState> afterGrants(
      List<CreditState> credits,
      List<Credit> grants,
      BigDecimal spent,
      @Nullable Instant lastCompletion,
      Instant now) {
    return grants.stream()
        .map(
            grant -> {
              BigDecimal spentBefore =
                  credits.stream()
                      .filter(credit -> credit.id().equals(grant.id()))
                      .map(CreditState::spentBeforeExpiry)
                      .findFirst()
                      .orElseGet(
                          () ->
                              lastCompletion == null
                                      || isBefore(lastCompletion, grant.expiresAt())
                                      || isBefore(now, grant.expiresAt())
                                  ? spent
                                  : BigDecimal.ZERO);
              return new CreditState(grant.id(), grant.amount(), grant.expiresAt(), spentBefore);
            })
        .sorted(DRAW_DOWN_ORDER)
        .toList();
  }

  private static boolean isBefore(Instant instant, @Nullable Instant expiry) {
    return expiry == null || instant.isBefore(expiry);
  }
}
