package dev.taximeter.contract.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountState.CreditState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccountStateTest {
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");
  private static final Instant JULY = Instant.parse("2026-07-01T00:00:00Z");
  private static final Instant AUGUST = Instant.parse("2026-08-01T00:00:00Z");

  private static AccountState with(CreditState... credits) {
    return new AccountState(
        "acme", 1, 1, "USD", "UTC", BigDecimal.ZERO, 1, List.of(credits), List.of(), null);
  }

  private static CreditState credit(String amount, Instant expiresAt, String drawn) {
    return new CreditState("c", new BigDecimal(amount), expiresAt, new BigDecimal(drawn));
  }

  @Test
  void aCreditCountsInFullUntilItExpires() {
    AccountState state = with(credit("50", JULY, "10"));

    assertThat(state.granted(JULY.minusMillis(1))).isEqualByComparingTo("50");
    assertThat(state.granted(JULY)).isEqualByComparingTo("10");
  }

  @Test
  void unusedMoneyOfAnExpiredCreditDoesNotCarryOver() {
    AccountState state = with(credit("20", JUNE, "5"), credit("100", JULY, "0"));

    assertThat(state.granted(AUGUST)).isEqualByComparingTo("5");
  }

  @Test
  void aCreditWithoutExpiryAlwaysCountsInFull() {
    AccountState state = with(credit("20", JUNE, "5"), credit("100", null, "100"));

    assertThat(state.granted(AUGUST)).isEqualByComparingTo("105");
    assertThat(state.credits().get(1).remaining(AUGUST)).isEqualByComparingTo("0");
  }

  @Test
  void debitsTakeFromWhatWasGrantedAndNotesAddToIt() {
    AccountState state =
        new AccountState(
            "acme",
            1,
            1,
            "USD",
            "UTC",
            BigDecimal.ZERO,
            1,
            List.of(credit("20", null, "0")),
            List.of(),
            null,
            new AccountState.Books(JUNE, 3, 1, new BigDecimal("7"), new BigDecimal("0.5")));

    assertThat(state.granted(AUGUST)).isEqualByComparingTo("13.5");
  }
}
