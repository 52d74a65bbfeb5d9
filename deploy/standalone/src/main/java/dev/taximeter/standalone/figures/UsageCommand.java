package dev.taximeter.standalone.figures;

import static dev.taximeter.standalone.figures.Question.text;

import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code usage}: tokens and cost over time. */
@Command(
    name = "usage",
    mixinStandardHelpOptions = true,
    description = "Prints tokens and cost over time; without a time, of the current month.")
public final class UsageCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private Question question;

  @Option(names = "--account", paramLabel = "ID", description = "One account (default: all).")
  private @Nullable String account;

  @Option(names = "--key", paramLabel = "NAME", description = "Only the key of this name.")
  private @Nullable String key;

  @Option(names = "--model", paramLabel = "NAME", description = "Only this model.")
  private @Nullable String model;

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      description = "First instant, such as 2026-11-01T00:00:00Z.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "INSTANT", description = "First instant after.")
  private @Nullable String to;

  @Option(
      names = "--granularity",
      paramLabel = "LENGTH",
      description = "minute, hour, day or month (default: one row for the whole time).")
  private @Nullable String granularity;

  @Option(
      names = "--group-by",
      paramLabel = "WHAT,...",
      description = "key, team, model, or several with commas.")
  private @Nullable String groupBy;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description =
          "Zone that instants are shown in (default: the account's, else this machine's).")
  private @Nullable ZoneId zone;

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    ZoneId[] shownIn = {zone == null ? ZoneId.systemDefault() : zone};
    return question.run(
        api -> {
          if (zone == null && account != null) {
            shownIn[0] = zoneOf(api, account);
          }
          return api.get(path());
        },
        (answer, width) -> show(answer, shownIn[0], width));
  }

  private static ZoneId zoneOf(RestClient api, String account)
      throws IOException, InterruptedException {
    return ZoneId.of(text(api.get("/v1/accounts/" + Question.encoded(account)), "timezone"));
  }

  private String path() {
    StringBuilder path = new StringBuilder("/v1/usage");
    Question.add(path, "account", account);
    Question.add(path, "key", key);
    Question.add(path, "model", model);
    Question.add(path, "from", from);
    Question.add(path, "to", to);
    Question.add(path, "granularity", granularity);
    Question.add(path, "groupBy", groupBy);
    return path.toString();
  }

  static String show(JsonNode answer, ZoneId zone, int width) {
    List<String> groups = new ArrayList<>();
    for (String group : List.of("key", "team", "model")) {
      if (answer.path("rows").valueStream().anyMatch(row -> row.has(group))) {
        groups.add(group);
      }
    }
    List<TextTable.Column> columns = new ArrayList<>();
    columns.add(TextTable.Column.text("start (" + zone + ")"));
    columns.add(TextTable.Column.text("account"));
    groups.forEach(group -> columns.add(TextTable.Column.text(group)));
    for (String number : List.of("requests", "input", "cached", "output", "cost")) {
      columns.add(TextTable.Column.number(number));
    }
    columns.add(TextTable.Column.text("currency"));
    TextTable table = new TextTable(columns);
    for (JsonNode row : answer.path("rows")) {
      List<String> cells = new ArrayList<>();
      cells.add(Question.minute(text(row, "start"), zone));
      cells.add(text(row, "account"));
      groups.forEach(group -> cells.add(text(row, group)));
      cells.add(Question.count(row, "requests"));
      cells.add(Question.count(row, "inputTokens"));
      cells.add(Question.count(row, "cachedInputTokens"));
      cells.add(Question.count(row, "outputTokens"));
      cells.add(text(row, "cost"));
      cells.add(text(row, "currency"));
      table.add(cells);
    }
    return table.print(width);
  }
}
