package dev.taximeter.contract.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.contract.event.UsageWindows;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedTest {
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

  @Test
  void wordsAreWrittenOnceAndComeBackAsOften() {
    String word = "w".repeat(1_000);
    PackedWriter written = new PackedWriter().word(word).word(null).word("").word(word).word("");
    assertThat(written.toBytes()).hasSizeLessThan(1_020);
    PackedReader packed = reader(written);
    assertThat(packed.word()).isEqualTo(word);
    assertThat(packed.optionalWord()).isNull();
    assertThat(packed.word()).isEmpty();
    assertThat(packed.word()).isEqualTo(word);
    assertThat(packed.word()).isEmpty();
    assertThat(packed.isAtEnd()).isTrue();
  }

  @Test
  void aWordThatWasNeverWrittenIsRefused() {
    PackedReader packed = reader(new PackedWriter().word("a").number(2));
    packed.word();
    assertThatThrownBy(packed::word).isInstanceOf(SerializationException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123456789abcdef0123456789abcdef",
        "ffffffffffffffffffffffffffffffff",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "0123456789abcdef0123456789abcde",
        "g123456789abcdef0123456789abcdef",
        "",
        "7"
      })
  void anIdIsWhatItWas(String id) {
    assertThat(reader(new PackedWriter().id(id)).id()).isEqualTo(id);
  }

  @Test
  void anIdTakesSixteenBytesAndOne() {
    assertThat(new PackedWriter().id("0123456789abcdef0123456789abcdef").toBytes()).hasSize(17);
  }

  private static UsageEvent event(long sequence, Fate fate) {
    Usage usage =
        new Usage(
            "%032x".formatted(sequence),
            fate,
            "key",
            sequence % 2 == 0 ? null : "ab".repeat(32),
            null,
            "模型".repeat((int) sequence),
            new TokenCounts(1, 2, 3, sequence, 1L << 40),
            Instant.parse("2026-11-20T10:00:00.123456789Z"),
            Instant.parse("2026-11-20T09:59:00Z"),
            Instant.parse("2026-11-20T10:00:01Z"),
            new LineSource("host", "/path"),
            -1,
            "s",
            sequence == 1 ? List.of() : List.of("tampered", "x"),
            sequence == 1 ? null : "request");
    UsageEvent.Charge charge =
        new UsageEvent.Charge(
            TokenClass.REASONING, "qwen-*", null, 7, new BigDecimal("0.000000000001"));
    UsageEvent.Charge other =
        new UsageEvent.Charge(TokenClass.INPUT, usage.model(), "v1", 7, new BigDecimal("12.5"));
    return new UsageEvent(
        "acme",
        sequence,
        usage,
        "USD",
        new BigDecimal("12.500000000001"),
        sequence == 2,
        List.of(charge, other),
        sequence == 1
            ? null
            : new UsageEvent.ProviderCost("CNY", BigDecimal.ONE, List.of(other, charge)),
        sequence == 1 ? null : Instant.parse("2026-11-20T10:00:02Z"));
  }

  private static final List<UsageEvent> EVENTS =
      List.of(event(1, Fate.BILLED), event(2, Fate.UNATTRIBUTED), event(3, Fate.BILLED));

  @Test
  void packedEventsAreTheSameEvents() {
    byte[] packed = PackedEvents.encode(EVENTS);
    assertThat(PackedEvents.decode(packed)).isEqualTo(EVENTS);
    int announced = EVENTS.stream().mapToInt(PackedEvents::mostBytes).sum();
    assertThat(packed).hasSizeLessThan(announced);
  }

  @Test
  void aSingleEventIsNotLargerThanAnnounced() {
    for (UsageEvent event : EVENTS) {
      assertThat(PackedEvents.encode(List.of(event)))
          .hasSizeLessThanOrEqualTo(PackedEvents.mostBytes(event));
    }
  }

  @Test
  void brokenEventsAreRefusedWithoutQuotingThem() {
    byte[] packed = PackedEvents.encode(EVENTS);
    for (int length = 0; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> PackedEvents.decode(cut))
          .isInstanceOf(SerializationException.class)
          .hasMessage("no record of usage events")
          .hasNoCause();
    }
    byte[] longer = Arrays.copyOf(packed, packed.length + 1);
    assertThatThrownBy(() -> PackedEvents.decode(longer))
        .isInstanceOf(SerializationException.class);
  }

  private static UsageWindows.Part part(Granularity granularity, long sequence) {
    return new UsageWindows.Part(
        granularity,
        Instant.parse("2026-11-20T10:00:00Z"),
        1,
        sequence,
        Long.MAX_VALUE,
        new TokenCounts(1, 2, 3, 4, 5),
        new BigDecimal("0.000000000001"));
  }

  private static final UsageWindows WINDOWS =
      new UsageWindows(
          "acme",
          "key",
          "模型",
          "",
          Arrays.stream(Granularity.values()).map(each -> part(each, 7)).toList(),
          List.of(part(Granularity.MONTH, 8)));

  @Test
  void packedWindowsAreTheSameWindows() {
    assertThat(PackedWindows.decode(PackedWindows.encode(WINDOWS))).isEqualTo(WINDOWS);
  }

  @Test
  void brokenWindowsAreRefusedWithoutQuotingThem() {
    byte[] packed = PackedWindows.encode(WINDOWS);
    for (int length = 0; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> PackedWindows.decode(cut))
          .isInstanceOf(SerializationException.class)
          .hasMessage("no record of usage windows")
          .hasNoCause();
    }
    byte[] longer = Arrays.copyOf(packed, packed.length + 1);
    assertThatThrownBy(() -> PackedWindows.decode(longer))
        .isInstanceOf(SerializationException.class);
  }
}
