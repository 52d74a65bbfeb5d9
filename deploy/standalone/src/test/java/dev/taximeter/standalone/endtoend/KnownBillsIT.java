package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.endtoend.Tariff.Book;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import dev.taximeter.standalone.endtoend.Tariff.Price;
import dev.taximeter.standalone.endtoend.Tariff.Tier;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Previews are noted while late lines, credits, debits, re-ratings, notes and bills come; asked for
 * as they were known then, they are the same documents.
 */
class KnownBillsIT {
  private static final int LINES = 1_500;

  /** The API has heard of what was decided; the ledger may follow usage for 10 s more. */
  private static final Duration HEARD = Duration.ofSeconds(1);

  @TempDir private Path directory;

  private final Instant to =
      Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
  private final Instant from =
      YearMonth.from(to.atZone(ZoneOffset.UTC))
          .minusMonths(1)
          .atDay(5)
          .atStartOfDay(ZoneOffset.UTC)
          .toInstant();
  private final YearMonth month = YearMonth.from(to.atZone(ZoneOffset.UTC));
  private final Tariff tariff = Tariff.usual(from.plus(Duration.ofDays(12)));
  private final Oracle oracle = new Oracle(tariff);
  private final Map<String, JsonNode> noted = new LinkedHashMap<>();
  private long read;
  private int command;

  @Test
  void aPreviewIsTheSameWheneverItIsAskedFor() throws Exception {
    try (RunningInstallation installation =
        RunningInstallation.start(directory, tariff.yaml(), List.of(), "known-bills")) {
      Commands commands = new Commands(installation.data());
      ship(installation, 1);
      note(installation);
      money(commands, "credits", "{'kind':'grant','amount':'0.75','priority':5,'reason':'r'}");
      money(
          commands,
          "credits",
          "{'kind':'top-up','amount':'20','effectiveFrom':'%s','reason':'r'}"
              .formatted(month.atDay(10).atStartOfDay().toInstant(ZoneOffset.UTC)));
      money(commands, "debits", "{'amount':'1.25','reason':'seat, 席位'}");
      note(installation);
      for (Customer customer : tariff.customers()) {
        post(commands, customer, "bills/" + month.minusMonths(1) + "/finalize", "").orThrow();
      }
      ship(installation, 2);
      note(installation);
      learn(installation);
      for (Customer customer : tariff.customers()) {
        post(
                commands,
                customer,
                "bills/" + month.minusMonths(1) + "/re-rating",
                "{'reason':'new prices'}")
            .orThrow();
        // More than is left is refused, and changes nothing either.
        post(
            commands,
            customer,
            "bills/" + month.minusMonths(1) + "/credit-notes",
            "{'amount':'0.4','reason':'outage'}");
      }
      money(commands, "adjustments", "{'amount':'-0.3','reason':'r'}");
      note(installation);
      ship(installation, 3);
      money(commands, "credits", "{'kind':'grant','amount':'2','priority':1,'reason':'late'}");
      note(installation);
      for (Customer customer : tariff.customers()) {
        post(commands, customer, "bills/" + month.minusMonths(1) + "/void", "{'reason':'wrong'}");
      }
      ship(installation, 4);
      note(installation);

      for (Map.Entry<String, JsonNode> preview : noted.entrySet()) {
        JsonNode then = preview.getValue();
        String at = then.path("asOf").path("time").asString();
        RunningInstallation.eventually(
            () -> {
              JsonNode known =
                  installation.api().get(preview.getKey().split(" ")[0] + "?knownAt=" + at);
              assertThat(document(known)).as(preview.getKey()).isEqualTo(document(then));
            });
      }
      assertThat(noted.values().stream().filter(bill -> bill.path("lateLines").size() > 0).count())
          .isGreaterThan(10);
      assertThat(noted.values().stream().filter(bill -> bill.path("charges").size() > 0).count())
          .isGreaterThan(10);
      installation.awaitCleanAudit();
    }
  }

  private static String document(JsonNode bill) {
    ObjectNode document = (ObjectNode) bill.deepCopy();
    document.remove(List.of("asOf", "knownAt", "knownSequence"));
    return document.toPrettyString();
  }

  private void ship(RunningInstallation installation, int seed) throws Exception {
    Path file = directory.resolve("history-" + seed + ".log");
    LoadGenerator load = new LoadGenerator(tariff, oracle, seed, from, to);
    load.write(file, LINES, 0, 0);
    installation.ship(file);
    read += LINES;
    installation.awaitConservation(read);
  }

  /** After a pause, so that no instant of a decision is that of a preview. */
  private void note(RunningInstallation installation) throws Exception {
    Thread.sleep(HEARD.toMillis());
    for (Customer customer : tariff.customers()) {
      for (YearMonth each : List.of(month.minusMonths(1), month)) {
        String path = "/v1/accounts/%s/bills/%s".formatted(customer.id(), each);
        noted.put(path + " " + noted.size(), installation.api().get(path));
      }
    }
    Thread.sleep(HEARD.toMillis());
  }

  private void money(Commands commands, String what, String body) throws Exception {
    for (Customer customer : tariff.customers()) {
      post(commands, customer, what, body).orThrow();
    }
  }

  private Commands.Answer post(Commands commands, Customer customer, String what, String body)
      throws Exception {
    return commands.post(
        "/v1/accounts/%s/%s".formatted(customer.id(), what),
        "command-" + command++,
        body.replace('\'', '"'));
  }

  /** A lower price of before, which the usage of before was not rated with. */
  private void learn(RunningInstallation installation) throws Exception {
    Book list = tariff.books().get(0);
    List<Price> prices = new ArrayList<>(list.prices());
    prices.add(
        new Price(
            "claude-*",
            from.plus(Duration.ofDays(1)),
            false,
            Map.of(
                Kind.INPUT, List.of(new Tier(Long.MAX_VALUE, "1.00")),
                Kind.OUTPUT, List.of(new Tier(Long.MAX_VALUE, "5.00")))));
    String yaml = new Tariff(List.of(), List.of(new Book("list", "USD", prices)), List.of()).yaml();
    String books = yaml.substring(yaml.indexOf("priceBooks:"), yaml.indexOf("plans:"));
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            installation.data().instance().orElseThrow().apiUrl() + "/v1/catalog"))
                    .header("Authorization", "Bearer " + installation.data().adminToken())
                    .header("Content-Type", "application/yaml")
                    .PUT(HttpRequest.BodyPublishers.ofString(books))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
