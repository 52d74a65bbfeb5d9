package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans, keys and cost books, from the command to the event. */
class PricesTest {
  private static final Instant COMPLETION = Instant.parse("2026-11-20T09:59:00Z");
  private static final String KEY = "sk-demo-00001";

  @TempDir Path stateDirectory;

  private Meter meter;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("catalogue", Meter.catalogue());
    meter.settle();
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private UsageEvent rate(long input, Instant completion, int number) {
    meter.ship(
        PlainParser.line(KEY, "qwen-max", new TokenCounts(input, 0, 0, 0, 0), completion, number));
    meter.settle();
    return meter.events().get(0);
  }

  @Test
  void theProviderCostRunsOverTheMonthAlsoAfterACommit() {
    PriceBook costs =
        new PriceBook(
            "provider",
            "EUR",
            List.of(
                new PriceEntry(
                    "provider",
                    "qwen*",
                    Instant.parse("2026-01-01T00:00:00Z"),
                    0,
                    Map.of(
                        TokenClass.INPUT, new PriceSchedule.Package(100, new BigDecimal("0.02"))))),
            PriceBook.Purpose.COMMON_COST);
    meter.command("costs", Catalog.of(costs));
    meter.settle();
    assertThat(rate(60, COMPLETION, 1).providerCost().amount()).isEqualByComparingTo("0.02");
    assertThat(rate(40, COMPLETION, 2).providerCost().amount()).isEqualByComparingTo("0");
    UsageEvent third = rate(1, COMPLETION, 3);
    assertThat(third.providerCost().amount()).isEqualByComparingTo("0.02");
    assertThat(third.providerCost().currency()).isEqualTo("EUR");
    assertThat(third.cost()).isEqualByComparingTo("0.0000004");
  }

  @Test
  void aPlanIsChosenByTheInstantOfTheUsageNotOfItsArrival() {
    Instant change = Meter.NOW.plusSeconds(10);
    meter.command(
        "plan",
        new Catalog(
            List.of(
                Meter.catalogue()
                    .accounts()
                    .get(0)
                    .withDetails(
                        AccountDetails.NONE.withPlanChanges(
                            List.of(new PlanChange(change, "half"))))),
            List.of(),
            List.of(),
            List.of(new Plan("half", "list", BigDecimal.ZERO, 0, new BigDecimal("-50"), null)),
            List.of(),
            List.of()));
    meter.settle();
    assertThat(meter.result().problems()).isEmpty();
    UsageEvent after = rate(100, change, 1);
    assertThat(after.cost()).isEqualByComparingTo("0.00002");
    assertThat(after.charges().get(0).priceVersion()).endsWith(":-50%");
    assertThat(rate(100, change.minusMillis(1), 2).cost()).isEqualByComparingTo("0.00004");
  }

  @Test
  void usageOfAKeyThatExpiredOrWasReplacedCountsAndIsFlagged() {
    ApiKey before = Meter.key("acme", "acme-prod", KEY);
    ApiKey next = Meter.key("acme", "acme-prod", "sk-demo-00009");
    ApiKey replaced =
        new ApiKey(
            "acme",
            "acme-prod",
            before.fingerprint(),
            before.lastFour(),
            null,
            COMPLETION,
            next.fingerprint());
    meter.command("rotate", Catalog.of(replaced, next));
    meter.settle();
    UsageEvent expired = rate(1, COMPLETION, 1);
    assertThat(expired.account()).isEqualTo("acme");
    assertThat(expired.usage().key()).isEqualTo("acme-prod");
    assertThat(expired.usage().flags()).contains(Usage.KEY_EXPIRED, Usage.KEY_REPLACED);
    assertThat(rate(1, COMPLETION.minusMillis(1), 2).usage().flags())
        .contains(Usage.KEY_REPLACED)
        .doesNotContain(Usage.KEY_EXPIRED);
    meter.ship(
        PlainParser.line(
            "sk-demo-00009", "qwen-max", new TokenCounts(1, 0, 0, 0, 0), COMPLETION, 3));
    meter.settle();
    UsageEvent current = meter.events().get(0);
    assertThat(current.usage().key()).isEqualTo("acme-prod");
    assertThat(current.usage().flags()).doesNotContain(Usage.KEY_EXPIRED, Usage.KEY_REPLACED);
  }
}
