package dev.taximeter.standalone.figures;

import static dev.taximeter.standalone.figures.Question.text;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code balance}: money granted, spent and left. */
@Command(
    name = "balance",
    mixinStandardHelpOptions = true,
    description = "Prints what accounts were granted, have spent and have left.")
public final class BalanceCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private Question question;

  @Parameters(paramLabel = "ACCOUNT", arity = "0..*", description = "Accounts (default: all).")
  private List<String> accounts = new ArrayList<>();

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    return question.run(this::ask, BalanceCommand::show);
  }

  private JsonNode ask(RestClient api) throws IOException, InterruptedException {
    List<String> wanted = new ArrayList<>(accounts);
    if (wanted.isEmpty()) {
      Question.all(api, "/v1/accounts?limit=1000")
          .path("items")
          .forEach(account -> wanted.add(text(account, "id")));
    }
    ArrayNode balances = Json.MAPPER.createArrayNode();
    for (String account : wanted) {
      balances.add(api.get("/v1/accounts/" + Question.encoded(account) + "/balance"));
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.set("items", balances);
    return answer;
  }

  static String show(JsonNode answer, int width) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.text("account"),
                TextTable.Column.number("granted"),
                TextTable.Column.number("spent"),
                TextTable.Column.number("balance"),
                TextTable.Column.text("currency"),
                TextTable.Column.number("sequence")));
    for (JsonNode balance : answer.path("items")) {
      table.add(
          List.of(
              text(balance, "account"),
              text(balance, "granted"),
              text(balance, "spent"),
              text(balance, "balance"),
              text(balance, "currency"),
              Question.count(balance.path("asOf"), "sequence")));
    }
    return table.print(width);
  }
}
