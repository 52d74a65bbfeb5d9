package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lets a coverage-guided fuzzer look for a line that breaks the parser, or for client texts that
 * change what a line is worth. It begins with the corpora and the known attacks, in a process of
 * its own whose memory is bounded. {@code taximeter.fuzz.seconds} says for how long.
 */
class ParserFuzzIT {
  private static final String SECONDS = "taximeter.fuzz.seconds";
  private static final int DEFAULT_SECONDS = 60;

  /** Starting the fuzzer and reading the seeds take time of their own. */
  private static final Duration OVERHEAD = Duration.ofMinutes(2);

  private static final int LONGEST_INPUT_BYTES = 65_536;

  /** Far above what any input takes, because a busy machine must not look like a hang. */
  private static final int HANG_SECONDS = 30;

  private int seeds;

  @Test
  void nothingBreaksTheParserOrChangesWhatALineIsWorth(@TempDir Path directory) throws Exception {
    int seconds = Integer.getInteger(SECONDS, DEFAULT_SECONDS);
    Path corpus = Files.createDirectories(directory.resolve("corpus"));
    writeSeeds(corpus);
    Path output = directory.resolve("output.txt");
    Process fuzzer =
        new ProcessBuilder(command(seconds, corpus, directory))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = fuzzer.waitFor(seconds + OVERHEAD.toSeconds(), TimeUnit.SECONDS);
      String tail = tail(output);
      assertThat(ended).as("the fuzzer ends: %s", tail).isTrue();
      assertThat(fuzzer.exitValue()).as(tail).isZero();
      assertThat(tail).contains("Done ");
    } finally {
      fuzzer.destroyForcibly();
    }
  }

  private static List<String> command(int seconds, Path corpus, Path directory) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + ParserFuzzTarget.class.getName(),
        "--instrumentation_includes=dev.taximeter.parse.**",
        "--disabled_hooks=**",
        "--reproducer_path=" + directory,
        "-artifact_prefix=" + directory + "/",
        "-max_total_time=" + seconds,
        "-max_len=" + LONGEST_INPUT_BYTES,
        "-timeout=" + HANG_SECONDS,
        corpus.toString());
  }

  private void writeSeeds(Path corpus) throws IOException, URISyntaxException {
    Path root = Path.of(ParserFuzzIT.class.getResource("corpus").toURI());
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.endsWith("lines.log")).toList()) {
        for (String line : Files.readAllLines(file)) {
          seed(corpus, ParserFuzzTarget.WHOLE_LINE, line.getBytes(StandardCharsets.UTF_8), 0);
        }
      }
    }
    for (byte[] attack : ClientText.attacks().values()) {
      for (int field = 0; field < ParserFuzzTarget.FIELDS.size(); field++) {
        seed(corpus, ParserFuzzTarget.CLIENT_TEXTS, attack, field);
      }
    }
    writeSeedsOfTwoFields(corpus);
  }

  /** Fields that work together: one opens an object that another closes. */
  private void writeSeedsOfTwoFields(Path corpus) throws IOException {
    byte[] opening = ClientText.opening(Map.of("user_api_key", ClientText.VICTIM));
    for (int first = 0; first < ParserFuzzTarget.FIELDS.size(); first++) {
      for (int second = first + 1; second < ParserFuzzTarget.FIELDS.size(); second++) {
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        texts.writeBytes(opening);
        for (int i = first; i < second; i++) {
          texts.write(ParserFuzzTarget.END_OF_TEXT);
        }
        texts.writeBytes(ClientText.CLOSING.getBytes(StandardCharsets.UTF_8));
        seed(corpus, ParserFuzzTarget.CLIENT_TEXTS, texts.toByteArray(), first);
      }
    }
  }

  private void seed(Path corpus, byte kind, byte[] content, int emptyTexts) throws IOException {
    byte[] seed = new byte[1 + emptyTexts + content.length];
    seed[0] = kind;
    for (int i = 0; i < emptyTexts; i++) {
      seed[1 + i] = ParserFuzzTarget.END_OF_TEXT;
    }
    System.arraycopy(content, 0, seed, 1 + emptyTexts, content.length);
    Files.write(corpus.resolve("seed-" + seeds++), seed);
  }

  /** The fuzzer's last words; they show a finding. */
  private static String tail(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }
}
