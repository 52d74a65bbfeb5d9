package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TabSeparatedTest {
  private static String written(Consumer<TabSeparated> writing) {
    TabSeparated out = new TabSeparated();
    writing.accept(out);
    String line = new String(out.toBytes(), StandardCharsets.UTF_8);
    assertThat(line).endsWith("\n");
    return line.substring(0, line.length() - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.000000000001, 0.000000000001",
    "-1.50, -1.5",
    "1E+3, 1000",
    "99999999999999999999999999.999999999999, 99999999999999999999999999.999999999999"
  })
  void decimals(BigDecimal value, String expected) {
    assertThat(written(out -> out.decimal(value))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100000000000000000000000000", "0.0000000000001"})
  void decimalsThatDoNotFit(BigDecimal value) {
    assertThatThrownBy(() -> new TabSeparated().decimal(value))
        .isInstanceOf(UnlandableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00112233445566778899aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff"})
  void idsThatAreNone(String text) {
    assertThatThrownBy(() -> new TabSeparated().uuid(text)).isInstanceOf(UnlandableException.class);
  }

  @Test
  void whatSeparatesIsEscaped() {
    assertThat(written(out -> out.text("a\tb\n\n\r\b\f\0'\\ü;")))
        .isEqualTo("a\\tb\\n\\n\\r\\b\\f\\0\\'\\\\ü;");
  }

  @Test
  void valuesAndArrays() {
    assertThat(
            written(
                out -> {
                  out.flag(true);
                  out.next();
                  out.array(List.of("it's", ""), (a, text) -> a.quoted(TabSeparated::text, text));
                  out.next();
                  out.array(List.of(1L, 2L), TabSeparated::unsigned);
                  out.next();
                  out.array(List.<Long>of(), TabSeparated::unsigned);
                  out.next();
                  out.unbounded();
                }))
        .isEqualTo("true\t['it\\'s','']\t[1,2]\t[]\t18446744073709551615");
  }

  @Test
  void instantsAreCutToTheColumnsPrecision() {
    Instant instant = Instant.parse("2026-11-03T08:14:07.419999Z");
    assertThat(written(out -> out.millis(instant))).isEqualTo("2026-11-03 08:14:07.419");
    assertThat(written(out -> out.seconds(instant))).isEqualTo("2026-11-03 08:14:07");
    assertThat(written(out -> out.millis(Instant.EPOCH))).isEqualTo("1970-01-01 00:00:00.000");
    assertThatThrownBy(() -> new TabSeparated().millis(TabSeparated.END_OF_TIME))
        .isInstanceOf(UnlandableException.class);
    assertThatThrownBy(() -> new TabSeparated().seconds(Instant.EPOCH.minusMillis(1)))
        .isInstanceOf(UnlandableException.class);
  }

  @Test
  void numbersThatDoNotFit() {
    assertThatThrownBy(() -> new TabSeparated().unsigned16(65_536))
        .isInstanceOf(UnlandableException.class);
    assertThatThrownBy(() -> new TabSeparated().unsigned(-1))
        .isInstanceOf(UnlandableException.class);
  }
}
