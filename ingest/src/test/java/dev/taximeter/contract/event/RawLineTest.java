package dev.taximeter.contract.event;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawLineTest {
  @Test
  void framesKeepTheBytesOfTheLine() {
    byte[] line = {'{', '\t', (byte) 0xff, 0, '}'};

    RawLine read = RawLine.fromBytes(new RawLine("h", "/a b.log", 42, line).toBytes());

    assertThat(read).isNotNull();
    assertThat(read.host()).isEqualTo("h");
    assertThat(read.path()).isEqualTo("/a b.log");
    assertThat(read.offset()).isEqualTo(42);
    assertThat(read.line()).isEqualTo(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "h",
        "h\tp",
        "h\tp\t1",
        "h\tp\t\tx",
        "h\tp\t-2\tx",
        "h\tp\t1a\tx",
        "h\tp\t9999999999999999999\tx"
      })
  void whatIsNoFrameIsRefused(String bytes) {
    assertThat(RawLine.fromBytes(bytes.getBytes(UTF_8))).isNull();
  }

  @Test
  void anUnknownOffsetIsMinusOne() {
    RawLine read = RawLine.fromBytes("h\tp\t-1\tx".getBytes(UTF_8));

    assertThat(read).isNotNull();
    assertThat(read.offset()).isEqualTo(-1);
  }

  @Test
  void theChecksumIsFnv1a() {
    // Reference values of the 32-bit FNV-1a function.
    assertThat(new String(RawLine.checksum(new byte[0]), US_ASCII)).isEqualTo("811c9dc5");
    assertThat(new String(RawLine.checksum("a".getBytes(UTF_8)), US_ASCII)).isEqualTo("e40c292c");
    assertThat(new String(RawLine.checksum("foobar".getBytes(UTF_8)), US_ASCII))
        .isEqualTo("bf9cf968");
  }

  @Test
  void aTabInTheSourceIsRefused() {
    assertThatThrownBy(() -> new RawLine("h\t", "p", 0, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
