package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.gateway.DialectRule;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Golden corpora: a folder holds lines as a gateway writes them and, line by line, what they are
 * worth. A folder under {@code dialect} is named after the dialect that all its upstreams speak,
 * one under {@code template} after the built-in template of its lines.
 */
class CorpusTest {
  private static final Instant ARRIVAL = Instant.parse("2026-11-03T08:15:00Z");

  private static final Pattern TOTAL = Pattern.compile("total_token.{3}(?:[^0-9a-z]{2})?([0-9]+)");

  @TestFactory
  Stream<DynamicTest> everyLineIsWorthWhatStandsBesideIt() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path folder : folders()) {
      AccessLogParser parser = new AccessLogParser(settings(folder));
      List<String> lines = Files.readAllLines(folder.resolve("lines.log"));
      List<String> expected = Files.readAllLines(folder.resolve("expected.tsv"));
      assertThat(expected).as(folder.toString()).hasSize(lines.size() + 1);
      for (int i = 0; i < lines.size(); i++) {
        byte[] line = lines.get(i).getBytes(StandardCharsets.UTF_8);
        String worth = expected.get(i + 1);
        tests.add(
            DynamicTest.dynamicTest(
                folder.getFileName() + " line " + (i + 1),
                () -> assertThat(describe(parser.parse(line, ARRIVAL))).isEqualTo(worth)));
      }
    }
    return tests.stream();
  }

  @Test
  void everyDialectHasACorpus() throws Exception {
    Path root = root().resolve("dialect");
    assertThat(ParserSettings.dialectNames())
        .allSatisfy(name -> assertThat(root.resolve(name).resolve("lines.log")).exists());
  }

  @Test
  void everyTemplateButTheDefaultHasACorpusOfItsOwn() throws Exception {
    Path root = root().resolve("template");
    assertThat(Template.ids())
        .filteredOn(id -> !id.equals(Template.HIGRESS.id()))
        .allSatisfy(id -> assertThat(root.resolve(id).resolve("lines.log")).exists());
  }

  /**
   * Components add up to the total that was reported, wherever the protocol's total is their sum.
   * In front of an OpenAI upstream Anthropic's API counts cached tokens twice.
   */
  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "gemini", "embeddings", "total-only"})
  void classesAddUpToTheTotal(String dialect) throws Exception {
    Path folder = root().resolve("dialect").resolve(dialect);
    AccessLogParser parser = new AccessLogParser(settings(folder));
    int compared = 0;
    for (String line : Files.readAllLines(folder.resolve("lines.log"))) {
      Matcher total = TOTAL.matcher(line);
      ParsedLine parsed = parser.parse(line.getBytes(StandardCharsets.UTF_8), ARRIVAL);
      boolean contradicting = parsed.flags().contains(LineFlags.COUNTS_CONTRADICT_DIALECT);
      if (parsed.verdict() == ParsedLine.Verdict.BILLABLE && !contradicting && total.find()) {
        assertThat(parsed.tokens().totalTokens())
            .as(line)
            .isEqualTo(Long.parseLong(total.group(1)));
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(2);
  }

  /** The columns of {@code expected.tsv}. */
  private static String describe(ParsedLine line) {
    return String.join(
        "\t",
        line.verdict().name(),
        line.reason() == null ? "" : line.reason().name(),
        String.valueOf(line.leakage()),
        line.rawKey() == null ? "-" : line.rawKey(),
        line.model() == null ? "-" : line.model(),
        String.valueOf(line.tokens().input()),
        String.valueOf(line.tokens().cachedInput()),
        String.valueOf(line.tokens().cacheWrite()),
        String.valueOf(line.tokens().output()),
        String.valueOf(line.tokens().reasoning()),
        String.valueOf(line.completion()),
        line.flags().isEmpty() ? "-" : String.join(",", line.flags()));
  }

  private static ParserSettings settings(Path folder) {
    String name = folder.getFileName().toString();
    return switch (folder.getParent().getFileName().toString()) {
      case "dialect" -> ParserSettings.defaults().withDialects(List.of(new DialectRule("*", name)));
      case "template" -> ParserSettings.of(Template.named(name));
      default -> ParserSettings.defaults();
    };
  }

  private static List<Path> folders() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.walk(root())) {
      return files.filter(f -> f.endsWith("lines.log")).map(Path::getParent).sorted().toList();
    }
  }

  private static Path root() throws URISyntaxException {
    URI corpus = CorpusTest.class.getResource("corpus").toURI();
    return Path.of(corpus);
  }
}
