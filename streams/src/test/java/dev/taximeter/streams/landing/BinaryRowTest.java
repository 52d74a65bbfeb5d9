package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is written is what the format's description says; the engine itself reads it in LandingIT.
 */
class BinaryRowTest {
  private static byte[] written(Consumer<BinaryRow> writing) {
    BinaryRow out = new BinaryRow();
    writing.accept(out);
    return out.toBytes();
  }

  private static String hex(Consumer<BinaryRow> writing) {
    return HexFormat.of().formatHex(written(writing));
  }

  private static Object read(String type, Consumer<BinaryRow> writing) {
    return RowReader.value(type, ByteBuffer.wrap(written(writing)).order(ByteOrder.LITTLE_ENDIAN));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0E-20, 0",
    "0.000000000001, 0.000000000001",
    "-0.000000000001, -0.000000000001",
    "-1.50, -1.5",
    "1E+3, 1000",
    "9223372.036854775807, 9223372.036854775807",
    "9223372.036854775808, 9223372.036854775808",
    "-9223372.036854775809, -9223372.036854775809",
    "99999999999999999999999999.999999999999, 99999999999999999999999999.999999999999",
    "-99999999999999999999999999.999999999999, -99999999999999999999999999.999999999999"
  })
  void decimals(BigDecimal value, String expected) {
    assertThat(read("Decimal(38, 12)", out -> out.decimal(value))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100000000000000000000000000", "0.0000000000001"})
  void decimalsThatDoNotFit(BigDecimal value) {
    assertThatThrownBy(() -> new BinaryRow().decimal(value))
        .isInstanceOf(UnlandableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00112233445566778899aabbccddeef",
        "00112233445566778899AABBCCDDEEFF",
        "00112233-4455-6677-8899-aabbccddeeff"
      })
  void idsThatAreNone(String text) {
    assertThatThrownBy(() -> new BinaryRow().uuid(text)).isInstanceOf(UnlandableException.class);
  }

  @Test
  void anIdIsTwoNumbersWithTheirLowestByteFirst() {
    assertThat(hex(out -> out.uuid("00112233445566778899aabbccddeeff")))
        .isEqualTo("7766554433221100ffeeddccbbaa9988");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "a\tb\n\n\r\0'\\;", "price in \u20ac, 价格, \ud83d\ude00"})
  void texts(String text) {
    assertThat(read("String", out -> out.text(text))).isEqualTo(text);
  }

  @Test
  void theLengthOfATextIsThatOfItsBytes() {
    String long1 = "x".repeat(127) + "ü";
    assertThat(read("String", out -> out.text(long1))).isEqualTo(long1);
    assertThat(written(out -> out.text(long1))).hasSize(2 + 129);
    String long2 = "x".repeat(300_000);
    assertThat(read("String", out -> out.text(long2))).isEqualTo(long2);
  }

  @Test
  void valuesAndArrays() {
    assertThat(
            hex(
                out -> {
                  out.flag(true);
                  out.array(List.of("it's", ""), BinaryRow::text);
                  out.array(List.of(1L, 2L), BinaryRow::unsigned);
                  out.array(List.<Long>of(), BinaryRow::unsigned);
                  out.unbounded();
                  out.unsigned16(65_535);
                }))
        .isEqualTo(
            "01"
                + "020469742773"
                + "00"
                + "0201000000000000000200000000000000"
                + "00"
                + "ffffffffffffffff"
                + "ffff");
  }

  @Test
  void instantsAreCutToTheColumnsPrecision() {
    Instant instant = Instant.parse("2026-11-03T08:14:07.419999Z");
    assertThat(read("DateTime64(3, 'UTC')", out -> out.millis(instant)))
        .isEqualTo(Instant.parse("2026-11-03T08:14:07.419Z"));
    assertThat(read("DateTime('UTC')", out -> out.seconds(instant)))
        .isEqualTo(Instant.parse("2026-11-03T08:14:07Z"));
    Instant late = BinaryRow.END_OF_TIME.minusSeconds(1);
    assertThat(read("DateTime('UTC')", out -> out.seconds(late))).isEqualTo(late);
    assertThatThrownBy(() -> new BinaryRow().millis(BinaryRow.END_OF_TIME))
        .isInstanceOf(UnlandableException.class);
    assertThatThrownBy(() -> new BinaryRow().seconds(Instant.EPOCH.minusMillis(1)))
        .isInstanceOf(UnlandableException.class);
  }

  @Test
  void numbersThatDoNotFit() {
    assertThatThrownBy(() -> new BinaryRow().unsigned16(65_536))
        .isInstanceOf(UnlandableException.class);
    assertThatThrownBy(() -> new BinaryRow().unsigned(-1)).isInstanceOf(UnlandableException.class);
  }
}
