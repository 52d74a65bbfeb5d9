package dev.taximeter.standalone.inspect;

import static dev.taximeter.standalone.inspect.LogLines.bytes;
import static dev.taximeter.standalone.inspect.LogLines.line;
import static dev.taximeter.standalone.inspect.LogLines.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.demo.AccessLogField;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TraitScannerTest {
  private final TraitScanner scanner = new TraitScanner();

  private Set<Trait> traits(String line) {
    int bits = scanner.scan(bytes(line));
    Set<Trait> traits = EnumSet.noneOf(Trait.class);
    for (Trait trait : Trait.values()) {
      if ((bits & trait.bit()) != 0) {
        traits.add(trait);
      }
    }
    return traits;
  }

  @Test
  void aPlainLineShowsLittle() {
    assertThat(traits(line(0).aiLog(usage("m", 1, 2)).text()))
        .containsExactlyInAnyOrder(Trait.AI_LOG, Trait.TEXT_ENCODING);
    assertThat(traits(line(0).text())).containsExactly(Trait.TEXT_ENCODING);
  }

  @Test
  void bothEncodingsShowTheSame() {
    var aiLog =
        usage("m", 1, 2)
            .set("input_token_details", Map.of("cached_tokens", 0))
            .set("question", "a \"b\" \\ {\"consumer\":\"x\"} \u003cc\u003e 好")
            .set("answer", List.of("yes"))
            .set("consumer", "alice")
            .set("response_type", "stream");
    Set<Trait> common =
        EnumSet.of(
            Trait.AI_LOG,
            Trait.STREAM,
            Trait.PROMPT,
            Trait.ANSWER,
            Trait.CONSUMER,
            Trait.DETAILS,
            Trait.CACHE_COUNTS);

    Set<Trait> text = traits(line(0).aiLog(aiLog).text());
    assertThat(text).contains(Trait.TEXT_ENCODING).containsAll(common).hasSize(8);
    Set<Trait> json = traits(LogLines.json(aiLog));
    assertThat(json).contains(Trait.JSON_ENCODING, Trait.FINE_START).containsAll(common).hasSize(9);
  }

  @Test
  void whatIsEmptyIsNotThere() {
    assertThat(
            traits(
                line(0)
                    .aiLog(
                        usage("m", 1, 2)
                            .set("question", null)
                            .set("answer", "")
                            .set("consumer", "-")
                            .set("messages", List.of())
                            .set("input_token_details", Map.of()))
                    .text()))
        .containsExactlyInAnyOrder(Trait.AI_LOG, Trait.TEXT_ENCODING, Trait.DETAILS);
  }

  @Test
  void whatAPromptQuotesIsNoKeyOfThePlugin() {
    assertThat(
            traits(
                line(0)
                    .aiLog(
                        usage("m", 1, 2)
                            .set(
                                "zz",
                                "{\"question\":\"x\",\"consumer\":\"y\",\"input_token\":\"1\"}"))
                    .text()))
        .containsExactlyInAnyOrder(Trait.AI_LOG, Trait.TEXT_ENCODING);
  }

  @Test
  void countsAsTextOfOldPlugins() {
    assertThat(traits(line(0).aiLog(usage("m", 1, 2).set("input_token", "21")).text()))
        .contains(Trait.COUNTS_AS_TEXT);
  }

  @Test
  void keysInQueries() {
    for (String query : List.of("?api_key=x1", "?beta=true&key=x1", "?a=b&access_token=x1&c=d")) {
      assertThat(traits(line(0).set(AccessLogField.PATH, "/v1/messages" + query).text()))
          .as(query)
          .contains(Trait.KEY_IN_QUERY);
    }
    for (String query : List.of("", "?beta=true", "?monkey=x1", "?key=", "/key=x1")) {
      assertThat(traits(line(0).set(AccessLogField.PATH, "/v1/messages" + query).text()))
          .as(query)
          .doesNotContain(Trait.KEY_IN_QUERY);
    }
  }

  @Test
  void cutValuesAndPiecesOfPrettyPrintedRecords() {
    assertThat(traits(line(0).aiLog(usage("m", 1, 2).set("question", "a [truncated] b")).text()))
        .contains(Trait.CUT_VALUE);
    assertThat(traits("{")).containsExactly(Trait.PRETTY_PRINTED);
    assertThat(traits("}")).containsExactly(Trait.PRETTY_PRINTED);
  }

  @Test
  void noBytesMakeItFail() {
    Random random = new Random(7);
    byte[] alphabet = bytes("{}\"\\:,-[] \nacdpsqim01?&=\u00e9");
    String whole = line(0).aiLog(usage("m", 1, 2).set("question", "x")).text();
    for (int round = 0; round < 20_000; round++) {
      byte[] line = bytes(whole.substring(0, random.nextInt(whole.length() + 1)));
      for (int i = 0; i < 8 && line.length > 0; i++) {
        line[random.nextInt(line.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      assertThat(scanner.scan(line)).isNotNegative();
    }
  }
}
