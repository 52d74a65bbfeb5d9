package dev.taximeter.contract.money;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class DecimalsTest {
  @Test
  void roundsHalfEvenToTheMinorUnit() {
    assertThat(Decimals.rounded(new BigDecimal("1.005"), "USD")).isEqualTo("1.00");
    assertThat(Decimals.rounded(new BigDecimal("1.015"), "USD")).isEqualTo("1.02");
    assertThat(Decimals.rounded(new BigDecimal("1.5"), "JPY")).isEqualTo("2");
    assertThat(Decimals.rounded(new BigDecimal("1.0005"), "KWD")).isEqualTo("1.000");
  }

  @Test
  void storageHoldsTwelveDigitsAfterThePoint() {
    assertThat(Decimals.isExact(new BigDecimal("0.000000000001"))).isTrue();
    assertThat(Decimals.isExact(new BigDecimal("0.0000000000010"))).isTrue();
    assertThat(Decimals.isExact(new BigDecimal("0.0000000000001"))).isFalse();
    assertThat(Decimals.isExact(Decimals.LIMIT)).isFalse();
  }
}
