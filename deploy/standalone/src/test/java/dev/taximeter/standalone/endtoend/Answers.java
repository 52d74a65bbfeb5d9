package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.endtoend.Oracle.BillLine;
import dev.taximeter.standalone.endtoend.Oracle.Row;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What the system answers over REST, compared with the oracle to the last digit. */
final class Answers {
  private static final Map<ChronoUnit, String> GRANULARITIES =
      Map.of(ChronoUnit.HOURS, "hour", ChronoUnit.DAYS, "day", ChronoUnit.MONTHS, "month");

  private static final Comparator<Row> ORDER =
      Comparator.comparing(Row::start).thenComparing(Row::key).thenComparing(Row::model);

  private final RestClient api;
  private final Tariff tariff;
  private final Instant from;
  private final Instant to;

  /**
   * @param from earliest completion that was generated
   * @param to latest completion, exclusive
   */
  Answers(RestClient api, Tariff tariff, Instant from, Instant to) {
    this.api = api;
    this.tariff = tariff;
    this.from = from;
    this.to = to;
  }

  void assertMatch(Oracle oracle) throws IOException, InterruptedException {
    for (Customer customer : tariff.customers()) {
      assertBalance(customer, oracle);
      for (YearMonth month : oracle.months(customer)) {
        assertBill(customer, month, oracle);
      }
      for (ChronoUnit granularity : GRANULARITIES.keySet()) {
        assertUsage(customer, granularity, oracle);
      }
    }
  }

  /** Events that the account's live state holds. */
  long sequence(Customer customer) throws IOException, InterruptedException {
    return balance(customer).path("asOf").path("sequence").asLong();
  }

  private JsonNode balance(Customer customer) throws IOException, InterruptedException {
    return api.get("/v1/accounts/" + customer.id() + "/balance");
  }

  private void assertBalance(Customer customer, Oracle oracle)
      throws IOException, InterruptedException {
    JsonNode balance = balance(customer);
    BigDecimal spent = oracle.spent(customer);
    BigDecimal granted = oracle.granted(customer);
    assertThat(balance.path("currency").asString()).isEqualTo(customer.currency());
    assertThat(decimal(balance, "spent"))
        .as("spent by %s", customer.id())
        .isEqualByComparingTo(spent);
    assertThat(decimal(balance, "granted"))
        .as("granted to %s", customer.id())
        .isEqualByComparingTo(granted);
    assertThat(decimal(balance, "balance"))
        .as("balance of %s", customer.id())
        .isEqualByComparingTo(granted.subtract(spent));
  }

  private void assertBill(Customer customer, YearMonth month, Oracle oracle)
      throws IOException, InterruptedException {
    JsonNode bill = api.get("/v1/accounts/%s/bills/%s".formatted(customer.id(), month));
    List<BillLine> lines = new ArrayList<>();
    for (JsonNode line : bill.path("lines")) {
      assertThat(line.path("priceVersion").asString()).isNotEmpty();
      lines.add(
          new BillLine(
              line.path("model").asString(),
              line.path("tokenClass").asString(),
              line.path("quantity").asLong(),
              decimal(line, "amount").stripTrailingZeros()));
    }
    lines.sort(null);
    assertThat(lines)
        .as("bill of %s for %s", customer.id(), month)
        .isEqualTo(oracle.bill(customer, month));
    assertThat(decimal(bill, "exactTotal")).isEqualByComparingTo(oracle.total(customer, month));
    assertThat(decimal(bill, "total").subtract(decimal(bill, "exactTotal")).abs())
        .isLessThanOrEqualTo(new BigDecimal("0.005"));
  }

  private void assertUsage(Customer customer, ChronoUnit granularity, Oracle oracle)
      throws IOException, InterruptedException {
    List<Row> expected = new ArrayList<>(oracle.usage(customer, granularity));
    boolean costsSplit = expected.stream().allMatch(row -> row.cost() != null);
    List<Row> found = new ArrayList<>();
    BigDecimal cost = BigDecimal.ZERO;
    String query =
        "/v1/usage?account=%s&from=%s&to=%s&granularity=%s&groupBy=key,model"
            .formatted(customer.id(), from, to, GRANULARITIES.get(granularity));
    for (JsonNode row : api.get(query).path("rows")) {
      BigDecimal rowCost = decimal(row, "cost").stripTrailingZeros();
      cost = cost.add(rowCost);
      found.add(row(row, costsSplit ? rowCost : null));
    }
    expected.replaceAll(Answers::withoutTrailingZeros);
    found.sort(ORDER);
    expected.sort(ORDER);
    assertThat(found)
        .as("usage of %s by %s", customer.id(), granularity)
        .containsExactlyElementsOf(expected);
    assertThat(cost)
        .as("cost of %s by %s", customer.id(), granularity)
        .isEqualByComparingTo(oracle.spent(customer));
  }

  private static Row withoutTrailingZeros(Row row) {
    return new Row(
        row.start(),
        row.key(),
        row.model(),
        row.requests(),
        row.inputTokens(),
        row.cachedInputTokens(),
        row.cacheWriteTokens(),
        row.outputTokens(),
        row.reasoningTokens(),
        row.cost() == null ? null : row.cost().stripTrailingZeros());
  }

  private static Row row(JsonNode row, BigDecimal cost) {
    return new Row(
        OffsetDateTime.parse(row.path("start").asString()).toInstant(),
        row.path("key").asString(),
        row.path("model").asString(),
        row.path("requests").asLong(),
        row.path("inputTokens").asLong(),
        row.path("cachedInputTokens").asLong(),
        row.path("cacheWriteTokens").asLong(),
        row.path("outputTokens").asLong(),
        row.path("reasoningTokens").asLong(),
        cost);
  }

  /** Decimals must be strings: anything else has been through floating point. */
  private static BigDecimal decimal(JsonNode node, String field) {
    assertThat(node.path(field).isString()).as("%s is a string", field).isTrue();
    return new BigDecimal(node.path(field).asString());
  }
}
