package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The dashboard's files, as far as they can be judged without a browser. */
class DashboardFilesTest extends ApiTest {
  private static final Path STATIC = Path.of("src/main/resources/static");
  private static final Path APP = STATIC.resolve("assets/app");

  private static final Pattern ENTRY =
      Pattern.compile("^  \"([^\"]+)\": \"((?:[^\"\\\\]|\\\\.)*)\",$", Pattern.MULTILINE);

  private static final Pattern USED = Pattern.compile("\\bt\\(\"([^\"]+)\"");
  private static final Pattern PLACE = Pattern.compile("\\{\\w+}");
  private static final Pattern HAN = Pattern.compile("\\p{IsHan}");

  /** The same in both languages: a name, or numbers only. */
  private static final Set<String> SAME =
      Set.of(
          "account.token",
          "audit.of",
          "channel.alertmanager",
          "channel.slack",
          "channel.webhook",
          "table.of");

  /** Text between quotes that people would read: two words or more, with a capital. */
  private static final Pattern SENTENCE =
      Pattern.compile("h\\(\\s*\"[a-z0-9.]+\",\\s*\\{[^}]*},\\s*\"[A-Z][a-z]+[^\"]* [^\"]*\"");

  @Test
  void bothLanguagesSayTheSame() throws IOException {
    Map<String, String> english = texts("en.js");
    Map<String, String> chinese = texts("zh.js");

    assertThat(english).hasSizeGreaterThan(400);
    assertThat(chinese.keySet()).isEqualTo(english.keySet());
    english.forEach(
        (key, text) -> {
          String other = chinese.get(key);
          assertThat(text).as(key).isNotBlank();
          assertThat(HAN.matcher(text).find()).as(key + " in English").isFalse();
          assertThat(places(other)).as(key).isEqualTo(places(text));
          if (!SAME.contains(key) && !other.equals("Token")) {
            assertThat(HAN.matcher(other).find() || other.equals("{from} 至 {to}"))
                .as(key + " in Chinese: " + other)
                .isTrue();
          }
        });
  }

  @Test
  void everyTextThatIsUsedIsThere() throws IOException {
    Set<String> known = texts("en.js").keySet();
    Set<String> missing = new TreeSet<>();
    for (Path file : scripts()) {
      USED.matcher(Files.readString(file))
          .results()
          .map(result -> result.group(1))
          .filter(key -> !known.contains(key))
          .forEach(missing::add);
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void noTextStandsInAScript() throws IOException {
    for (Path file : scripts()) {
      assertThat(SENTENCE.matcher(Files.readString(file)).results().map(MatchResult::group))
          .as(file.toString())
          .isEmpty();
    }
  }

  @Test
  void nothingIsRunFromTextAndNothingComesFromElsewhere() throws IOException {
    List<Path> all =
        Stream.concat(scripts().stream(), Stream.of(STATIC.resolve("index.html"))).toList();
    for (Path file : all) {
      assertThat(Files.readString(file))
          .as(file.toString())
          .doesNotContain(
              "innerHTML", "eval(", "new Function", "style=", "onclick=\"", "javascript:")
          .doesNotContainPattern("(src|href|from|import)\\s*[=(]?\\s*[\"']https?://");
    }
  }

  @Test
  void everyFileThatThePageNamesIsServed() throws IOException {
    String page = Files.readString(STATIC.resolve("index.html"));
    List<String> names =
        Pattern.compile("(?:src|href)=\"(/assets/[^\"]+)\"")
            .matcher(page)
            .results()
            .map(result -> result.group(1))
            .toList();

    assertThat(names).hasSizeGreaterThan(10);
    for (String name : names) {
      assertThat(get(name).status()).as(name).isEqualTo(200);
    }
    Answer library = get("/assets/chart/chart.umd.min.js");
    assertThat(library.status()).isEqualTo(200);
    assertThat(library.body()).contains("Chart.js v");
    assertThat(library.header("Content-Type")).contains("javascript");
  }

  @Test
  void pagesAskForASignInLikeEverythingElse() {
    assertThat(send(request("/assets/app/main.js").GET().build()).status()).isEqualTo(401);
  }

  private static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.walk(APP)) {
      return files.filter(file -> file.toString().endsWith(".js")).sorted().toList();
    }
  }

  private static Set<String> places(String text) {
    Set<String> places = new TreeSet<>();
    PLACE.matcher(text).results().map(MatchResult::group).forEach(places::add);
    return places;
  }

  private static Map<String, String> texts(String file) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    ENTRY
        .matcher(Files.readString(APP.resolve(file), StandardCharsets.UTF_8))
        .results()
        .forEach(entry -> assertThat(texts.put(entry.group(1), entry.group(2))).isNull());
    return texts;
  }
}
