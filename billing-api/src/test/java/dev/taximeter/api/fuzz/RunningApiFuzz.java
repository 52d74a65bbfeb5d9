package dev.taximeter.api.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Fuzzes an API that runs, which the end-to-end module starts. */
class RunningApiFuzz {
  private static final String ROOT = System.getProperty("taximeter.fuzz.url", "");

  /** A token is a secret: it is not passed where every user of the machine can read it. */
  private static final String TOKEN_FILE = System.getProperty("taximeter.fuzz.token-file", "");

  /** A JSON object: by name of a parameter or field, values that the system knows. */
  private static final String KNOWN_FILE = System.getProperty("taximeter.fuzz.known-file", "");

  private static final int CALLS = Integer.getInteger("taximeter.fuzz.calls", 10_000);

  /** Of each operation some fifty: each of them succeeds with a few. */
  private static final int ENOUGH = 5_000;

  /** What cannot succeed in the installation that is fuzzed, and why. */
  private static final Set<String> NOT_HERE =
      Set.of(
          // Credits pay for all that there is: no bill has an amount due.
          "POST /v1/accounts/{account}/bills/{month}/credit-notes",
          // Only a demonstration lets itself be broken.
          "POST /v1/demonstration/kill-metering");

  /** The same calls every time, so that a change is to blame; others by hand, and many. */
  private static final long SEED = Long.getLong("taximeter.fuzz.seed", 20_261_127);

  @Test
  void everyAnswerIsAsTheDocumentSays() throws Exception {
    Map<String, List<String>> known = new HashMap<>();
    JsonNode file = Json.MAPPER.readTree(Files.readString(Path.of(KNOWN_FILE)));
    file.forEachEntry(
        (name, values) ->
            known.put(name, values.valueStream().map(value -> value.asString()).toList()));
    Fuzzer fuzzer =
        new Fuzzer(URI.create(ROOT), Files.readString(Path.of(TOKEN_FILE)).strip(), SEED, known);
    Fuzzer.Report report = fuzzer.run(CALLS);

    System.out.printf(
        "%s%d calls with seed %d: %s, never succeeded: %s%n",
        report.table(), report.calls(), SEED, report.statuses(), report.neverSucceeded());
    assertThat(report.complaints()).as("with -Dtaximeter.fuzz.seed=%d", SEED).isEmpty();
    if (CALLS >= ENOUGH) {
      // What never succeeds is not tested.
      assertThat(report.neverSucceeded()).isSubsetOf(NOT_HERE);
    }
  }
}
