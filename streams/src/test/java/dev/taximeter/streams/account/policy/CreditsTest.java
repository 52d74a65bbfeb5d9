package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.event.AccountState.CreditState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CreditsTest {
  private static final Instant NOW = Instant.parse("2026-11-20T00:00:00Z");
  private static final Instant EXPIRY = Instant.parse("2026-12-01T00:00:00Z");

  private static Credit credit(String id, Instant expiresAt) {
    return new Credit(id, "acme", BigDecimal.TEN, expiresAt);
  }

  private static List<CreditState> granted(
      String spent, Instant lastCompletion, Credit... credits) {
    return Credits.afterGrants(
        List.of(), List.of(credits), new BigDecimal(spent), lastCompletion, NOW);
  }

  @Test
  void theFirstToExpireIsDrawnFirstAndTheEternalLast() {
    assertThat(
            granted(
                "0",
                null,
                credit("eternal", null),
                credit("b", EXPIRY),
                credit("a", EXPIRY),
                credit("early", NOW)))
        .extracting(CreditState::id)
        .containsExactly("early", "a", "b", "eternal");
  }

  @Test
  void usageCountsOnlyForCreditsThatHadNotExpired() {
    List<CreditState> credits = granted("0", null, credit("a", EXPIRY), credit("b", null));
    List<CreditState> before =
        Credits.afterUsage(credits, EXPIRY.minusMillis(1), new BigDecimal("1.5"));
    List<CreditState> at = Credits.afterUsage(before, EXPIRY, new BigDecimal("2"));
    assertThat(at)
        .extracting(CreditState::spentBeforeExpiry)
        .containsExactly(new BigDecimal("1.5"), new BigDecimal("3.5"));
  }

  @Test
  void aNewCreditMayPayForWhatWasSpentBefore() {
    assertThat(granted("4", NOW.minusSeconds(1), credit("a", EXPIRY)).get(0).spentBeforeExpiry())
        .isEqualByComparingTo("4");
    assertThat(granted("4", NOW.minusSeconds(1), credit("a", null)).get(0).spentBeforeExpiry())
        .isEqualByComparingTo("4");
  }

  @Test
  void aCreditThatExpiredBeforeTheUsageDoesNotPay() {
    Instant expired = NOW.minusSeconds(10);
    assertThat(granted("4", NOW.minusSeconds(1), credit("a", expired)).get(0).spentBeforeExpiry())
        .isEqualByComparingTo("0");
    assertThat(granted("4", NOW.minusSeconds(11), credit("a", expired)).get(0).spentBeforeExpiry())
        .isEqualByComparingTo("4");
  }

  @Test
  void aCreditKeepsWhatItHasWhenTermsChange() {
    List<CreditState> credits =
        Credits.afterUsage(granted("0", null, credit("a", EXPIRY)), NOW, BigDecimal.ONE);
    List<CreditState> again =
        Credits.afterGrants(
            credits,
            List.of(credit("a", EXPIRY), credit("b", EXPIRY)),
            new BigDecimal("7"),
            NOW,
            NOW);
    assertThat(again)
        .extracting(CreditState::spentBeforeExpiry)
        .containsExactly(BigDecimal.ONE, new BigDecimal("7"));
  }
}
