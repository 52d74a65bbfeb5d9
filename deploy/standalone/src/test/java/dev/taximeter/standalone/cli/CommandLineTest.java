package dev.taximeter.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CommandLineTest {
  private static final int WRONG_COMMAND_LINE = 2;

  private final StringWriter errors = new StringWriter();
  private final CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

  @Test
  void theListOfCommandsShowsWholeSentences() {
    for (CommandLine command : commandLine.getSubcommands().values()) {
      assertThat(command.getCommandSpec().usageMessage().description()[0])
          .as("what the list shows of " + command.getCommandName())
          .endsWith(".");
    }
  }

  @Test
  void theVersionIsPrinted() {
    StringWriter out = new StringWriter();
    commandLine.setOut(new PrintWriter(out, true));

    assertThat(commandLine.execute("--version")).isZero();
    // Classes that no archive holds have no number.
    assertThat(out.toString().strip()).isEqualTo("taximeter development");
  }

  @Test
  void shellsLearnWhatThereIs() throws Exception {
    StringWriter out = new StringWriter();
    commandLine.setOut(new PrintWriter(out, true));

    assertThat(commandLine.execute("completion")).isZero();
    assertThat(out.toString()).contains("complete -F _complete_taximeter").contains("--group-by");
    Process shell =
        new ProcessBuilder(
                "bash",
                "-c",
                out
                    + "\nCOMP_WORDS=(taximeter bal); COMP_CWORD=1; _complete_taximeter;"
                    + " echo \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true)
            .start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("balance");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "up --port abc|Invalid value for option '--port': 'abc' is not an int",
        "up --port 99999|--port must be from 1 to 65535, not 99999",
        "audit --month 2026-13|Invalid value for option '--month': 2026-13 is no month such as 2026-11",
        "backfill|Missing required parameter: 'FILE'",
        "usage --zone Nowhere|Invalid value for option '--zone': Nowhere is no zone such as Europe/Berlin or UTC",
        "keys|'Missing required argument (specify one of these): (ACCOUNT | --account=ID)'",
        "frobnicate|there is no command or option frobnicate",
        "backfil|there is no command or option backfil; did you mean backfill?",
      })
  void aWrongCommandLineIsToldInOneSentence(String line, String sentence) {
    int exit = commandLine.execute(line.split(" "));

    assertThat(exit).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(errors.toString().strip())
        .startsWith("taximeter: " + sentence + "; ./taximeter")
        .endsWith(" --help shows what there is")
        .doesNotContain("\n");
  }
}
