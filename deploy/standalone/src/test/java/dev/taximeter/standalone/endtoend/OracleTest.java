package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.standalone.endtoend.Oracle.BillLine;
import dev.taximeter.standalone.endtoend.Oracle.Billed;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The judge is judged by figures worked out by hand. */
class OracleTest {
  private static final Instant CHANGE = Instant.parse("2026-11-15T00:00:00Z");

  private final Tariff tariff = Tariff.usual(CHANGE);
  private final Oracle oracle = new Oracle(tariff);

  @Test
  void aPriceChangeSplitsTheBillAtItsInstant() {
    add("alpha", "gpt-4o-2024-08-06", "2026-11-14T23:59:59.999Z", Map.of(Kind.INPUT, 1_000_000L));
    add("alpha", "gpt-4o-2024-08-06", "2026-11-15T00:00:00Z", Map.of(Kind.INPUT, 500_000L));

    assertThat(oracle.bill(customer("alpha"), YearMonth.parse("2026-11")))
        .containsExactly(
            line("gpt-4o-2024-08-06", "input", 500_000, "1"),
            line("gpt-4o-2024-08-06", "input", 1_000_000, "2.5"));
    assertThat(oracle.spent(customer("alpha"))).isEqualByComparingTo("3.5");
  }

  @Test
  void theMostSpecificEntryWinsAndMissingClassesStandOnTheirParentsLine() {
    add("alpha", "qwen-max", "2026-11-02T00:00:00Z", Map.of(Kind.OUTPUT, 10L, Kind.REASONING, 5L));
    add("alpha", "qwen-max-2026-01-25", "2026-11-02T00:00:00Z", Map.of(Kind.REASONING, 4L));

    assertThat(oracle.bill(customer("alpha"), YearMonth.parse("2026-11")))
        .containsExactly(
            line("qwen-max", "output", 15, "0.000096"),
            line("qwen-max-2026-01-25", "reasoning", 4, "0.000005"));
  }

  @Test
  void tiersRunOverAllModelsOfTheMonthAndStartAnewWithTheNext() {
    add("beta", "a", "2026-10-31T23:59:59.999Z", Map.of(Kind.INPUT, 900_000L));
    add("beta", "a", "2026-11-01T00:00:00Z", Map.of(Kind.INPUT, 900_000L));
    add("beta", "b", "2026-11-02T00:00:00Z", Map.of(Kind.CACHED_INPUT, 200_000L));

    assertThat(oracle.bill(customer("beta"), YearMonth.parse("2026-11")))
        .containsExactly(line("*", "input", 1_100_000, "1.08"), line("*", "request", 2, "0.0002"));
    assertThat(oracle.spent(customer("beta"))).isEqualByComparingTo("1.9803");
  }

  @Test
  void daysAndMonthsAreTheAccountsAndHoursAreUtc() {
    add("gamma", "qwen-plus", "2026-10-31T18:29:59.999Z", Map.of(Kind.INPUT, 1L));
    add("gamma", "qwen-plus", "2026-10-31T18:30:00Z", Map.of(Kind.INPUT, 2L));

    assertThat(oracle.months(customer("gamma"))).hasSize(2);
    assertThat(oracle.usage(customer("gamma"), ChronoUnit.DAYS))
        .extracting(Oracle.Row::start)
        .containsExactly(
            Instant.parse("2026-10-30T18:30:00Z"), Instant.parse("2026-10-31T18:30:00Z"));
    assertThat(oracle.usage(customer("gamma"), ChronoUnit.HOURS))
        .singleElement()
        .satisfies(row -> assertThat(row.inputTokens()).isEqualTo(3))
        .satisfies(row -> assertThat(row.cost()).isEqualByComparingTo("0.00000122"));
  }

  @Test
  void usageWithoutAPriceCostsNothing() {
    add("delta", "glm-4.6", "2026-11-02T00:00:00Z", Map.of(Kind.INPUT, 1_000L));

    assertThat(oracle.bill(customer("delta"), YearMonth.parse("2026-11"))).isEmpty();
    assertThat(oracle.usage(customer("delta"), ChronoUnit.MONTHS)).hasSize(1);
  }

  @Test
  void theGeneratorKnowsTheFateOfEachLineAndRepeatsItself(@TempDir Path directory)
      throws IOException {
    Path first = directory.resolve("first.log");
    Path second = directory.resolve("second.log");
    LoadGenerator generator = generator();
    generator.write(first, 3_000, 5, 2);
    generator().write(second, 3_000, 5, 2);

    List<String> lines = Files.readAllLines(first);
    assertThat(lines).hasSize(3_000).isEqualTo(Files.readAllLines(second));
    assertThat(generator.fates().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(3_000);
    assertThat(lines.size() - new HashSet<>(lines).size()).isEqualTo(generator.fate("duplicate"));
    assertThat(generator.fates()).hasSize(6);
  }

  @Test
  void theCatalogueFileLoads() throws CatalogFileException {
    Catalog catalog =
        CatalogFile.read(
            tariff.yaml(), "catalog.yaml", new Fingerprinter(RootSecret.of(new byte[32])));

    assertThat(catalog.keys()).hasSize(10);
    assertThat(catalog.priceBooks()).hasSize(3);
  }

  private LoadGenerator generator() {
    return new LoadGenerator(
        tariff,
        new Oracle(tariff),
        7,
        Instant.parse("2026-10-10T00:00:00Z"),
        Instant.parse("2026-11-20T00:00:00Z"));
  }

  private void add(String account, String model, String completion, Map<Kind, Long> tokens) {
    Customer customer = customer(account);
    String key = customer.keys().get(0).name();
    oracle.add(new Billed(customer, key, model, Instant.parse(completion), tokens));
  }

  private Customer customer(String id) {
    return tariff.customers().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  private static BillLine line(String model, String tokenClass, long quantity, String amount) {
    return new BillLine(model, tokenClass, quantity, new BigDecimal(amount));
  }
}
