package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.Order;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of the documentation do what they say, with the programs that people have. */
class DocumentationExamplesTest extends ApiTest {
  /** Tests run in the module's folder. */
  private static final Path PAGE = Path.of("../deploy/docs/rest-api.md");

  private static final Pattern EXAMPLE =
      Pattern.compile(
          "```(bash|python|javascript)\\n(.*?)```\\n+```text\\n(.*?)```", Pattern.DOTALL);

  private static final Map<String, List<String>> PROGRAMS =
      Map.of(
          "bash", List.of("bash", "example.sh"),
          "python", List.of("python3", "example.py"),
          "javascript", List.of("node", "example.mjs"));

  @TempDir private Path directory;

  /** acme has a final bill of October, and metering decides about its money as it does. */
  @BeforeEach
  void acmeHasABill() {
    finals.put(LedgerApiTest.bill(FinalBill.Status.FINAL));
    states.put(LedgerApiTest.state(7, 1));
    catalog.onMoney(this::decide);
  }

  private @Nullable CommandResult decide(Command command) {
    if (command.orders().isEmpty()) {
      return null;
    }
    Order order = command.orders().get(0);
    FinalBill bill = LedgerApiTest.bill(FinalBill.Status.FINAL);
    Instant at = clock.instant();
    if (order instanceof Order.NoteCredit note) {
      bill =
          bill.withNote(
              new FinalBill.CreditNote(1, note.amount(), at, command.author(), command.reason()));
    } else if (order instanceof Order.VoidBill) {
      bill = bill.voided(new FinalBill.Voided(at, command.author(), command.reason()));
    }
    finals.put(bill);
    states.put(LedgerApiTest.state(8, 1));
    boolean debits = order instanceof Order.Debit;
    return new CommandResult(
        command.id(),
        true,
        1,
        List.of(),
        List.of(),
        null,
        LedgerApiTest.posting(8, debits ? Kind.DEBIT : Kind.CREDIT_NOTE, command.reason()),
        debits ? null : bill.number());
  }

  record Example(String language, String code, String output) {
    @Override
    public String toString() {
      return language + " that prints " + output.lines().findFirst().orElse("nothing");
    }
  }

  static Stream<Example> examples() throws IOException {
    Matcher matcher = EXAMPLE.matcher(Files.readString(PAGE));
    List<Example> examples = new ArrayList<>();
    while (matcher.find()) {
      examples.add(new Example(matcher.group(1), matcher.group(2), matcher.group(3)));
    }
    assertThat(examples.stream().map(Example::language)).contains("bash", "python", "javascript");
    return examples.stream();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theExamplePrintsWhatThePageSays(Example example) throws Exception {
    List<String> program = PROGRAMS.get(example.language());
    assumeTrue(
        isThere(program.get(0)),
        program.get(0) + " is not on this machine, so its example is not run");
    Files.writeString(directory.resolve(program.get(1)), example.code());
    ProcessBuilder builder =
        new ProcessBuilder(program).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("TAXIMETER_URL", root.toString());
    builder.environment().put("TAXIMETER_TOKEN", TOKEN);
    Process run = builder.start();
    String output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();

    assertThat(output).isEqualTo(example.output());
    assertThat(run.exitValue()).isZero();
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      Process run =
          new ProcessBuilder(program, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return run.waitFor(1, TimeUnit.MINUTES) && run.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
