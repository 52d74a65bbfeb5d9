package dev.taximeter.standalone.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RestClient;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class FiguresTest {
  private static final int WIDE = 200;

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  private static List<String> lines(String text) {
    return text.lines().toList();
  }

  @Test
  void usageIsShownInTheZoneWithTheGroupsThatThereAre() {
    JsonNode answer =
        json(
            """
            {"rows":[{"start":"2026-10-31T23:00:00Z","account":"acme","model":"qwen-max",
              "requests":12345,"inputTokens":1000,"cachedInputTokens":0,"outputTokens":7,
              "cost":"0.25","currency":"USD"}]}
            """);

    assertThat(lines(UsageCommand.show(answer, ZoneId.of("Europe/Berlin"), WIDE)))
        .containsExactly(
            "start (Europe/Berlin)  account  model     requests  input  cached  output  cost  currency",
            "2026-11-01 00:00       acme     qwen-max    12,345  1,000       0       7  0.25  USD");
  }

  @Test
  void balancesStandBelowEachOther() {
    JsonNode answer =
        json(
            """
            {"items":[
              {"account":"acme","granted":"50","spent":"0.5","balance":"49.5","currency":"USD","asOf":{"sequence":7}},
              {"account":"b","granted":"0","spent":"100","balance":"-100","currency":"USD","asOf":{"sequence":12}}]}
            """);

    assertThat(lines(BalanceCommand.show(answer, WIDE)))
        .containsExactly(
            "account  granted  spent  balance  currency  sequence",
            "acme          50    0.5     49.5  USD              7",
            "b              0    100     -100  USD             12");
  }

  @Test
  void billsAndKeysAreShown() {
    JsonNode list =
        json(
            """
            {"currency":"USD","items":[{"period":"2026-11","status":"preview","requests":5,
              "total":"12.03","amountDue":"2.03"}]}
            """);
    assertThat(BillsCommand.showList(list, WIDE)).contains("2026-11  preview");
    JsonNode bill =
        json(
            """
            {"account":"acme","period":"2026-11","status":"preview","currency":"USD",
             "exactTotal":"12.034","total":"12.03","amountDue":"2.03","leftDue":"1.53",
             "lines":[{"model":"m","tokenClass":"input","quantity":1,"amount":"12.034","priceVersion":"v1"}]}
            """);
    assertThat(BillsCommand.showBill(bill, WIDE))
        .startsWith("acme, 2026-11, preview, USD")
        .contains("exactTotal")
        .contains("12.034  v1")
        .containsPattern("leftDue +1\\.53");
    JsonNode keys =
        json(
            """
            {"items":[{"name":"main","masked":"…9f3A","expiresAt":"2026-11-24T09:30:00Z","replacedBy":"x"},
              {"name":"next","masked":"…1111","expiresAt":"2026-11-24T10:30:00Z"}]}
            """);
    assertThat(
            KeysCommand.show(keys, ZoneId.of("UTC"), Instant.parse("2026-11-24T10:00:00Z"), WIDE))
        .contains("main  …9f3A")
        .contains("2026-11-24 09:30")
        .contains("replaced")
        .containsPattern("next.*active");
    assertThat(
            KeysCommand.show(keys, ZoneId.of("UTC"), Instant.parse("2026-11-24T10:30:00Z"), WIDE))
        .containsPattern("next.*expired");
  }

  @Test
  void textIsCutToTheTerminalAndNumbersAreNot() {
    TextTable table =
        new TextTable(List.of(TextTable.Column.text("name"), TextTable.Column.number("amount")));
    table.add(List.of("计费系统计费系统计费系统", "123456789012345678"));
    table.add(List.of("a\u001b[31m\u202Eb", "1"));

    List<String> printed = lines(table.print(30));

    assertThat(printed).allMatch(line -> TextTable.widthOf(line) <= 30);
    assertThat(printed.get(1)).startsWith("计费系统").contains("…").endsWith("123456789012345678");
    assertThat(printed.get(2)).startsWith("a\uFFFD[31m\uFFFDb");
  }

  @Test
  void aProblemIsTheSentenceThatItSays() {
    assertThat(
            RestClient.sentence(
                new IOException(
                    "GET http://x answered 404: {\"detail\":\"There is no account.\"}")))
        .isEqualTo("There is no account.");
    assertThat(RestClient.sentence(new IOException("Connection refused")))
        .isEqualTo("Connection refused");
  }

  /** Some commands take an account by place, some by name: whoever mixes them up is understood. */
  @Test
  void anAccountIsTakenByPlaceOrByName() {
    for (Object command : List.of(new BillsCommand(), new KeysCommand())) {
      CommandLine line = new CommandLine(command);
      assertThatCode(() -> line.parseArgs("acme")).doesNotThrowAnyException();
      assertThatCode(() -> line.parseArgs("--account", "acme")).doesNotThrowAnyException();
      assertThatThrownBy(line::parseArgs).isInstanceOf(CommandLine.ParameterException.class);
      assertThatThrownBy(() -> line.parseArgs("acme", "--account", "other"))
          .isInstanceOf(CommandLine.ParameterException.class);
    }
  }
}
