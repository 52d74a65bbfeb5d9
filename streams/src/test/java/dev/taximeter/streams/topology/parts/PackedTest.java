package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedTest {
  private static final Deserializer<AccountInput> READER = AccountInputs.serde().deserializer();

  private static PackedReader reader(PackedWriter written) {
    return new PackedReader(written.toBytes());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 63, 64, -64, -65, 300, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE})
  void numbers(long number) {
    assertThat(reader(new PackedWriter().number(number)).number()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0.000000000001",
        "1E+3",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "12345678901234567890123456.123456789012"
      })
  void decimalsKeepEveryDigitAndTheirScale(String text) {
    BigDecimal decimal = new BigDecimal(text);
    assertThat(reader(new PackedWriter().decimal(decimal)).decimal()).isEqualTo(decimal);
  }

  @Test
  void valuesComeBackInTheirOrder() {
    Instant instant = Instant.parse("1969-12-31T23:59:59.123456789Z");
    String text = "模型\0\1 " + "x".repeat(100_000);
    PackedReader packed =
        reader(
            new PackedWriter()
                .text(text)
                .text(null)
                .text("")
                .instant(instant)
                .instant(null)
                .number(7));
    assertThat(packed.text()).isEqualTo(text);
    assertThat(packed.optionalText()).isNull();
    assertThat(packed.text()).isEmpty();
    assertThat(packed.instant()).isEqualTo(instant);
    assertThat(packed.optionalInstant()).isNull();
    assertThat(packed.size()).isEqualTo(7);
    assertThatThrownBy(packed::number).isInstanceOf(SerializationException.class);
  }

  private static AccountInput usage() {
    return new AccountInput.UsageInput(
        new Usage(
            "0123456789abcdef0123456789abcdef",
            Fate.UNATTRIBUTED,
            "",
            null,
            "1234",
            "qwen-max",
            new TokenCounts(1, 2, 3, 4, 1L << 40),
            Instant.parse("2026-11-20T10:00:00.123456789Z"),
            Instant.parse("2026-11-20T09:59:00Z"),
            Instant.parse("2026-11-20T10:00:01Z"),
            new LineSource("host", "/path"),
            -1,
            "s",
            List.of("tampered", "x"),
            "request-1"));
  }

  @Test
  void packedUsageIsTheSameUsage() {
    byte[] packed = AccountInputs.encode(usage());
    assertThat(READER.deserialize("t", packed)).isEqualTo(usage());
    assertThat(packed).hasSizeLessThan(150);
  }

  @Test
  void usageInJsonIsReadToo() {
    byte[] json = Json.MAPPER.writeValueAsBytes(usage());
    assertThat(READER.deserialize("t", json)).isEqualTo(usage());
  }

  @Test
  void brokenBytesAreRefusedWithoutQuotingThem() {
    byte[] packed = AccountInputs.encode(usage());
    for (int length = 1; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> READER.deserialize("t", cut))
          .isInstanceOf(SerializationException.class)
          .hasMessage("a record of t is no usage")
          .hasNoCause();
    }
    byte[] otherLayout = packed.clone();
    otherLayout[0] = 6;
    assertThatThrownBy(() -> READER.deserialize("t", otherLayout))
        .isInstanceOf(SerializationException.class);
  }
}
