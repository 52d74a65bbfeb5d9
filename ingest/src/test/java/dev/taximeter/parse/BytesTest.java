package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.gateway.Glob;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BytesTest {
  /** Compared with the obvious loop, for every byte at every place of a word and beside it. */
  @Test
  void theFirstQuoteOrBackslashIsFound() {
    for (int length = 0; length < 20; length++) {
      for (int place = 0; place < length; place++) {
        for (int value = 0; value < 256; value++) {
          byte[] bytes = new byte[length];
          Arrays.fill(bytes, (byte) '!');
          bytes[place] = (byte) value;
          bytes[length - 1] = (byte) (value ^ 1);
          for (int from = 0; from <= place; from++) {
            assertThat(Bytes.quoteOrBackslash(bytes, from, length)).isEqualTo(slow(bytes, from));
          }
        }
      }
    }
  }

  private static int slow(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\') {
      at++;
    }
    return at;
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {"ab\"c,2", "a\\\"c\",4", "a\\\\\"c,3", "abc,-1", "abc\\,-1", "\\\",-1", "\",0"})
  void anEscapedQuoteIsSkipped(String text, int expected) {
    byte[] bytes = Bytes.ascii(text);
    assertThat(Bytes.unescapedQuote(bytes, 0, bytes.length)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "*,'',true",
    "*,anything,true",
    "a*c,abbc,true",
    "a*c,ac,true",
    "a*c,acb,false",
    "a*b*c,a-b-b-c,true",
    "*llm-claude*,outbound|443||llm-claude.internal.dns,true",
    "*llm-claude*,outbound|443||llm-clade.internal.dns,false",
    "abc,abc,true",
    "abc,abcd,false",
    "'','',true",
    "'',a,false"
  })
  void globsMatchWhatTheySay(String glob, String text, boolean expected) {
    byte[] bytes = Bytes.ascii(text);
    assertThat(new Glob(glob).matches(bytes, 0, bytes.length)).isEqualTo(expected);
  }

  @Test
  void namesAreFoundByTheirBytes() {
    List<String> names = List.of("duration", "durations", "x", "response_code", "response_flags");
    NameTable table = new NameTable(names);
    for (int i = 0; i < names.size(); i++) {
      byte[] padded = ("__" + names.get(i) + "__").getBytes(StandardCharsets.UTF_8);
      assertThat(table.find(padded, 2, padded.length - 2)).isEqualTo(i);
      assertThat(table.find(padded, 1, padded.length - 2)).isEqualTo(NameTable.NOT_FOUND);
    }
    assertThat(table.find(new byte[0], 0, 0)).isEqualTo(NameTable.NOT_FOUND);
  }

  @Test
  void escapingIsTakenOffAndPutOn() {
    byte[] text =
        "a \\\"b\\\" \\\\ \\/ \\n\\t\\b\\f\\r \\u00e4 \\ud83d\\ude00 \\ud83d \\x \\u12 \\"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(new String(JsonText.unescape(text, 0, text.length), StandardCharsets.UTF_8))
        .isEqualTo("a \"b\" \\ / \n\t\b\f\r ä 😀 \ufffd x u12 \\");
    byte[] closed = JsonText.escapeAndClose(text);
    assertThat(JsonText.unescape(closed, 0, closed.length - 1)).isEqualTo(text);
    assertThat(Bytes.unescapedQuote(closed, 0, closed.length)).isEqualTo(closed.length - 1);
  }
}
