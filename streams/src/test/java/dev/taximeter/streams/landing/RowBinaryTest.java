package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected bytes as ClickHouse itself writes them with {@code FORMAT RowBinary}. */
class RowBinaryTest {
  private static String hex(Consumer<RowBinary> writing) {
    RowBinary out = new RowBinary();
    writing.accept(out);
    return HexFormat.of().formatHex(out.toBytes());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00000000000000000000000000000000",
    "0.000000000001, 01000000000000000000000000000000",
    "-0.000000000001, ffffffffffffffffffffffffffffffff",
    "1, 0010a5d4e80000000000000000000000",
    "-1, 00f05a2b17ffffffffffffffffffffff",
    "99999999999999999999999999.999999999999, ffffffff3f228a097ac4865aa84c3b4b"
  })
  void decimals(BigDecimal value, String expected) {
    assertThat(hex(out -> out.decimal(value))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100000000000000000000000000", "0.0000000000001"})
  void decimalsThatDoNotFit(BigDecimal value) {
    assertThatThrownBy(() -> new RowBinary().decimal(value))
        .isInstanceOf(UnlandableException.class);
  }

  @Test
  void uuid() {
    assertThat(hex(out -> out.uuid("00112233445566778899aabbccddeeff")))
        .isEqualTo("7766554433221100ffeeddccbbaa9988");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00112233445566778899aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff"})
  void uuidsThatAreNone(String text) {
    assertThatThrownBy(() -> new RowBinary().uuid(text)).isInstanceOf(UnlandableException.class);
  }

  @Test
  void textsOfAllLengths() {
    assertThat(hex(out -> out.text("ü"))).isEqualTo("02c3bc");
    assertThat(hex(out -> out.text("x".repeat(300)))).startsWith("ac02").hasSize(2 * 302);
    assertThat(hex(out -> out.text("x".repeat(100_000)))).startsWith("a08d06");
  }

  @Test
  void instants() {
    Instant instant = Instant.parse("2026-11-03T08:14:07.419999Z");
    assertThat(hex(out -> out.millis(instant))).isEqualTo("3b0279a0a1010000");
    assertThat(hex(out -> out.seconds(instant))).isEqualTo("cf97e96a");
    assertThat(hex(out -> out.seconds(RowBinary.END_OF_TIME.minusSeconds(1)))).hasSize(8);
    assertThatThrownBy(() -> new RowBinary().millis(RowBinary.END_OF_TIME))
        .isInstanceOf(UnlandableException.class);
  }

  @Test
  void numbers() {
    assertThat(hex(out -> out.unsigned(258))).isEqualTo("0201000000000000");
    assertThat(hex(out -> out.signed(-1))).isEqualTo("ffffffffffffffff");
    assertThat(hex(RowBinary::unbounded)).isEqualTo("ffffffffffffffff");
    assertThat(hex(out -> out.unsigned16(65_535))).isEqualTo("ffff");
    assertThatThrownBy(() -> new RowBinary().unsigned16(65_536))
        .isInstanceOf(UnlandableException.class);
  }
}
