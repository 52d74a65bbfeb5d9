package dev.taximeter.standalone.figures;

import static dev.taximeter.standalone.figures.Question.text;

import dev.taximeter.standalone.supervisor.LaunchException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code keys}: an account's keys, as far as they are kept. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = "Prints an account's keys; raw keys are not kept.")
public final class KeysCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private Question question;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private OneAccount account;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only keys that are active, expired or replaced.")
  private @Nullable String state;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "Zone that instants are shown in (default: this machine's).")
  private ZoneId zone = ZoneId.systemDefault();

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    StringBuilder path =
        new StringBuilder("/v1/accounts/")
            .append(Question.encoded(account.id()))
            .append("/keys?limit=1000");
    Question.add(path, "state", state);
    return question.run(
        api -> Question.all(api, path.toString()),
        (answer, width) -> show(answer, zone, Instant.now(), width));
  }

  static String show(JsonNode answer, ZoneId zone, Instant now, int width) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.text("name"),
                TextTable.Column.text("key"),
                TextTable.Column.text("team"),
                TextTable.Column.text("expires (" + zone + ")"),
                TextTable.Column.text("state")));
    for (JsonNode key : answer.path("items")) {
      table.add(
          List.of(
              text(key, "name"),
              text(key, "masked"),
              text(key, "team"),
              Question.minute(text(key, "expiresAt"), zone),
              state(key, now)));
    }
    return table.print(width);
  }

  /** As --state names it. */
  private static String state(JsonNode key, Instant now) {
    String expiresAt = text(key, "expiresAt");
    if (key.has("replacedBy")) {
      return "replaced";
    }
    return expiresAt.isEmpty() || Instant.parse(expiresAt).isAfter(now) ? "active" : "expired";
  }
}
