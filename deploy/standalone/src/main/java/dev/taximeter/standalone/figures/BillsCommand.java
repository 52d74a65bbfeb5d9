package dev.taximeter.standalone.figures;

import static dev.taximeter.standalone.figures.Question.text;

import dev.taximeter.standalone.supervisor.LaunchException;
import java.time.YearMonth;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code bills}: an account's months, or the lines of one of them. */
@Command(
    name = "bills",
    mixinStandardHelpOptions = true,
    description = "Prints an account's bills, or with --month the lines of one.")
public final class BillsCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private Question question;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private OneAccount account;

  @Option(names = "--month", paramLabel = "YYYY-MM", description = "One month, with its lines.")
  private @Nullable YearMonth month;

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    String path = "/v1/accounts/" + Question.encoded(account.id()) + "/bills";
    YearMonth wanted = month;
    return wanted == null
        ? question.run(api -> Question.all(api, path + "?limit=1000"), BillsCommand::showList)
        : question.run(api -> api.get(path + "/" + wanted), BillsCommand::showBill);
  }

  static String showList(JsonNode answer, int width) {
    TextTable table =
        new TextTable(
            List.of(
                TextTable.Column.text("month"),
                TextTable.Column.text("status"),
                TextTable.Column.number("number"),
                TextTable.Column.number("requests"),
                TextTable.Column.number("total"),
                TextTable.Column.number("due"),
                TextTable.Column.text("currency")));
    for (JsonNode bill : answer.path("items")) {
      table.add(
          List.of(
              text(bill, "period"),
              text(bill, "status"),
              bill.has("number") ? Long.toString(bill.path("number").asLong()) : "",
              Question.count(bill, "requests"),
              text(bill, "total"),
              text(bill, "amountDue"),
              text(answer, "currency")));
    }
    return table.print(width);
  }

  static String showBill(JsonNode bill, int width) {
    TextTable lines =
        new TextTable(
            List.of(
                TextTable.Column.text("model"),
                TextTable.Column.text("class"),
                TextTable.Column.number("quantity"),
                TextTable.Column.number("amount"),
                TextTable.Column.text("price version")));
    for (JsonNode line : bill.path("lines")) {
      lines.add(
          List.of(
              text(line, "model"),
              text(line, "tokenClass"),
              Question.count(line, "quantity"),
              text(line, "amount"),
              text(line, "priceVersion")));
    }
    TextTable sums = new TextTable(List.of(TextTable.Column.text(""), TextTable.Column.number("")));
    for (String sum :
        List.of(
            "exactTotal",
            "total",
            "lateTotal",
            "chargesTotal",
            "creditsTotal",
            "amountDue",
            "notesTotal",
            "leftDue")) {
      sums.add(List.of(sum, text(bill, sum)));
    }
    return "%s, %s, %s, %s%n%n%s%s"
        .formatted(
            text(bill, "account"),
            text(bill, "period"),
            text(bill, "status"),
            text(bill, "currency"),
            lines.print(width),
            sums.print(width));
  }
}
