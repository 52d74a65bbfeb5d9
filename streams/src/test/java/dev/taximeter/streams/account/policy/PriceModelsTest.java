package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceEntry.ContextTier;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.rating.Price;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PriceModelsTest {
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MIDDLE = Instant.parse("2026-11-15T00:00:00Z");
  private static final Instant NEW_PLAN = Instant.parse("2026-11-20T10:00:00Z");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final List<TokenClass> PRICED =
      List.of(TokenClass.INPUT, TokenClass.CACHED_INPUT, TokenClass.OUTPUT);

  private static PriceSchedule.Tier tier(Long upTo, String price) {
    return new Tier(upTo, new BigDecimal(price));
  }

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  private static Usage usage(String model, TokenCounts tokens, Instant completion) {
    return new Usage(
        "id",
        Fate.BILLED,
        "key",
        null,
        null,
        model,
        tokens,
        completion,
        completion,
        completion,
        new LineSource("h", "p"),
        0,
        "",
        List.of(),
        null);
  }

  @Test
  void aVolumePriceRepricesTheWholeMonth() {
    PriceSchedule volume =
        new PriceSchedule.Volume(List.of(tier(1_000_000L, "10"), tier(null, "1")));
    assertThat(Price.of(volume, 0)).isEqualByComparingTo("0");
    assertThat(Price.of(volume, 1_000_000)).isEqualByComparingTo("10");
    assertThat(Price.of(volume, 1_000_001)).isEqualByComparingTo("1.000001");
  }

  @Test
  void aPackageIsPaidWhenItBegins() {
    PriceSchedule ofPackage = new PriceSchedule.Package(1_000, new BigDecimal("0.02"));
    assertThat(Price.of(ofPackage, 0)).isEqualByComparingTo("0");
    assertThat(Price.of(ofPackage, 1)).isEqualByComparingTo("0.02");
    assertThat(Price.of(ofPackage, 1_000)).isEqualByComparingTo("0.02");
    assertThat(Price.of(ofPackage, 1_001)).isEqualByComparingTo("0.04");
    assertThat(Price.of(ofPackage, Long.MAX_VALUE)).isPositive();
  }

  @Test
  void anAllowanceComesBeforeTheTiers() {
    PriceSchedule free =
        new PriceSchedule.Allowance(
            100, new PriceSchedule.Graduated(List.of(tier(10L, "2"), tier(null, "1"))));
    assertThat(Price.of(free, 100)).isEqualByComparingTo("0");
    assertThat(Price.of(free, 110)).isEqualByComparingTo("0.00002");
    assertThat(Price.of(free, 111)).isEqualByComparingTo("0.000021");
  }

  private static PriceEntry twoContexts() {
    return new PriceEntry(
        "book",
        "*",
        JANUARY,
        3,
        Map.of(
            TokenClass.INPUT, flat("1"),
            TokenClass.CACHED_INPUT, flat("0.5"),
            TokenClass.OUTPUT, flat("4"),
            TokenClass.REQUEST, flat("10000")),
        List.of(
            new ContextTier(
                200,
                Map.of(
                    TokenClass.INPUT, flat("2"),
                    TokenClass.CACHED_INPUT, flat("1"),
                    TokenClass.OUTPUT, flat("6"),
                    TokenClass.REQUEST, flat("20000")))));
  }

  private static AccountTerms terms(Plan plan, PriceEntry... entries) {
    return new AccountTerms(
        new Account("acme", "Acme", "USD", BERLIN, plan.id()),
        7,
        plan,
        List.of(entries),
        List.of(),
        List.of());
  }

  private static Plan plan(String id, String percent) {
    return new Plan(id, "book", new BigDecimal("0.0001"), 5, new BigDecimal(percent), null);
  }

  @Test
  void thePromptDecidesTheTierOfAllClasses() {
    Rater rater = new Rater(terms(plan("p", "0"), twoContexts()));
    // 120 + 80 cached = 200 is not above 200.
    Rating shorter = rater.rate(usage("m", new TokenCounts(120, 80, 0, 10, 0), MIDDLE), line -> 0);
    assertThat(shorter.cost()).isEqualByComparingTo("0.0103");
    Rating longer = rater.rate(usage("m", new TokenCounts(120, 81, 0, 10, 0), MIDDLE), line -> 0);
    assertThat(longer.cost()).isEqualByComparingTo("0.020481");
    assertThat(longer.charges())
        .extracting(Charge::priceVersion)
        .containsOnly("book:*:2026-01-01T00:00:00Z:v3:above-200", "plan:p:v5");
    assertThat(longer.unpriced()).isFalse();
  }

  @Test
  void aDiscountIsExactAndNamedOnTheBill() {
    Rater rater = new Rater(terms(plan("p", "-12.5"), twoContexts()));
    Rating rating = rater.rate(usage("m", new TokenCounts(8, 0, 0, 0, 0), MIDDLE), line -> 0);
    // 7 for the tokens, 0.01 x 0.875 for the request of the model; the plan's own charge stays.
    assertThat(rating.cost()).isEqualByComparingTo("0.008857");
    assertThat(rating.charges().get(0).priceVersion())
        .isEqualTo("book:*:2026-01-01T00:00:00Z:v3:-12.5%");
  }

  @Test
  void aPlanAppliesFromItsInstantOnWhateverArrivesFirst() {
    Plan cheap = plan("cheap", "-50");
    AccountTerms terms =
        new AccountTerms(
            new Account(
                "acme",
                "Acme",
                "USD",
                BERLIN,
                "full",
                Account.Billing.POSTPAID,
                AccountDetails.NONE.withPlanChanges(List.of(new PlanChange(NEW_PLAN, "cheap")))),
            7,
            plan("full", "0"),
            List.of(twoContexts()),
            List.of(),
            List.of(),
            List.of(new AccountTerms.LaterPlan(NEW_PLAN, cheap)),
            List.of());
    Rater rater = new Rater(terms);
    TokenCounts tokens = new TokenCounts(100, 0, 0, 0, 0);
    assertThat(rater.rate(usage("m", tokens, NEW_PLAN), line -> 0).charges().get(0).amount())
        .isEqualByComparingTo("0.00005");
    assertThat(
            rater
                .rate(usage("m", tokens, NEW_PLAN.minusMillis(1)), line -> 0)
                .charges()
                .get(0)
                .amount())
        .isEqualByComparingTo("0.0001");
  }

  @Test
  void theProviderCostComesFromTheCostBooks() {
    PriceBook common =
        new PriceBook(
            "provider",
            "EUR",
            List.of(
                new PriceEntry(
                    "provider",
                    "m*",
                    JANUARY,
                    2,
                    Map.of(
                        TokenClass.INPUT,
                        new PriceSchedule.Package(1_000, new BigDecimal("0.02")),
                        TokenClass.OUTPUT,
                        flat("3")))),
            PriceBook.Purpose.COMMON_COST);
    AccountTerms terms =
        new AccountTerms(
            new Account("acme", "Acme", "USD", BERLIN, "p"),
            7,
            plan("p", "-50"),
            List.of(twoContexts()),
            List.of(),
            List.of(),
            List.of(),
            List.of(common));
    Rater rater = new Rater(terms);
    Rating rating =
        rater.rate(usage("m1", new TokenCounts(5, 0, 0, 10, 0), MIDDLE), line -> 0, line -> 999);
    // 999 + 5 tokens begin the second package; no discount of the account's touches the provider's.
    assertThat(rating.providerCost().amount()).isEqualByComparingTo("0.02003");
    assertThat(rating.providerCost().currency()).isEqualTo("EUR");
    assertThat(rating.runningCosts()).extracting(Charge::model).containsExactly("m*");
    assertThat(
            rater
                .rate(usage("other", new TokenCounts(5, 0, 0, 0, 0), MIDDLE), line -> 0)
                .providerCost())
        .isNull();
  }

  /**
   * Sum of event costs = price of the totals, in any order, over any split of the tokens that keeps
   * a prompt on its side of the context tiers, with changes of price and plan in the month.
   */
  @Property(tries = 500)
  void costsTelescope(@ForAll long seed) {
    Random random = new Random(seed);
    Rater rater = new Rater(randomTerms(random));
    List<Usage> events = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(30); i++) {
      events.add(randomUsage(random));
    }
    Bill bill = new Bill(rater);
    events.forEach(bill::add);
    Collections.shuffle(events, random);
    Bill shuffled = new Bill(rater);
    events.forEach(shuffled::add);

    assertThat(shuffled.quantities).isEqualTo(bill.quantities);
    assertThat(shuffled.spent).isEqualByComparingTo(bill.spent);
    bill.amounts.forEach(
        (line, amount) ->
            assertThat(shuffled.amounts.get(line))
                .as(line.toString())
                .isEqualByComparingTo(amount));
    BigDecimal priceOfTotals = BigDecimal.ZERO;
    for (Map.Entry<LineKey, Long> line : bill.quantities.entrySet()) {
      priceOfTotals = priceOfTotals.add(priceOf(rater.terms(), line.getKey(), line.getValue()));
    }
    assertThat(bill.spent).isEqualByComparingTo(priceOfTotals);
  }

  /** One request with all tokens, or many with the same tokens between them: the same price. */
  @Property(tries = 300)
  void anySplitCostsTheSame(@ForAll long seed) {
    Random random = new Random(seed);
    PriceSchedule schedule = randomSchedule(random);
    long total = 0;
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < 1 + random.nextInt(50); i++) {
      long next = total + random.nextInt(3_000);
      sum = sum.add(Price.of(schedule, next).subtract(Price.of(schedule, total)));
      total = next;
    }
    assertThat(sum).isEqualByComparingTo(Price.of(schedule, total));
  }

  private static final class Bill {
    final Rater rater;
    final Map<LineKey, Long> quantities = new HashMap<>();
    final Map<LineKey, BigDecimal> amounts = new HashMap<>();
    BigDecimal spent = BigDecimal.ZERO;

    Bill(Rater rater) {
      this.rater = rater;
    }

    void add(Usage usage) {
      Rating rating = rater.rate(usage, line -> quantities.getOrDefault(line, 0L));
      spent = spent.add(rating.cost());
      for (Charge charge : rating.charges()) {
        LineKey line =
            new LineKey(
                rating.period(), charge.model(), charge.tokenClass(), charge.priceVersion());
        quantities.merge(line, charge.quantity(), Long::sum);
        amounts.merge(line, charge.amount(), BigDecimal::add);
      }
    }
  }

  /** A second reading of what a bill line's version means, from the terms alone. */
  private static BigDecimal priceOf(AccountTerms terms, LineKey line, long quantity) {
    Map<String, Map<TokenClass, PriceSchedule>> prices = new TreeMap<>();
    List<Plan> plans = new ArrayList<>(List.of(terms.plan()));
    terms.laterPlans().forEach(later -> plans.add(later.plan()));
    for (Plan plan : plans) {
      if (line.priceVersion().equals(plan.version())) {
        return plan.perRequest().multiply(BigDecimal.valueOf(quantity));
      }
      BigDecimal factor = BigDecimal.ONE.add(plan.adjustPercent().movePointLeft(2));
      for (PriceEntry entry : terms.prices()) {
        String suffix = plan.priceSuffix();
        prices.put(entry.version() + suffix, times(entry.prices(), factor));
        for (ContextTier tier : entry.contextTiers()) {
          prices.put(entry.version(tier) + suffix, times(tier.prices(), factor));
        }
      }
    }
    return Price.of(prices.get(line.priceVersion()).get(line.tokenClass()), quantity);
  }

  private static Map<TokenClass, PriceSchedule> times(
      Map<TokenClass, PriceSchedule> prices, BigDecimal factor) {
    Map<TokenClass, PriceSchedule> adjusted = new EnumMap<>(TokenClass.class);
    prices.forEach((c, schedule) -> adjusted.put(c, schedule.map(factor::multiply)));
    return adjusted;
  }

  static AccountTerms randomTerms(Random random) {
    List<PriceEntry> entries = new ArrayList<>();
    for (String model : List.of("*", "a*", "a1")) {
      for (Instant from : List.of(JANUARY, MIDDLE)) {
        boolean requests = random.nextBoolean();
        List<ContextTier> tiers =
            random.nextBoolean()
                ? List.of()
                : List.of(
                    new ContextTier(2_000, randomPrices(random, requests)),
                    new ContextTier(4_000, randomPrices(random, requests)));
        entries.add(
            new PriceEntry(
                "book", model, from, entries.size(), randomPrices(random, requests), tiers));
      }
    }
    return new AccountTerms(
        new Account("acme", "Acme", "USD", BERLIN, "one"),
        7,
        plan("one", random.nextBoolean() ? "0" : "-12.5"),
        entries,
        List.of(),
        List.of(),
        List.of(
            new AccountTerms.LaterPlan(NEW_PLAN, plan("two", random.nextBoolean() ? "0" : "7"))),
        List.of());
  }

  private static Map<TokenClass, PriceSchedule> randomPrices(Random random, boolean requests) {
    Map<TokenClass, PriceSchedule> prices = new EnumMap<>(TokenClass.class);
    PRICED.forEach(tokenClass -> prices.put(tokenClass, randomSchedule(random)));
    if (requests) {
      prices.put(TokenClass.REQUEST, flat("1250"));
    }
    return prices;
  }

  private static PriceSchedule randomSchedule(Random random) {
    PriceSchedule schedule =
        switch (random.nextInt(4)) {
          case 0 -> flat(randomPrice(random));
          case 1 -> new PriceSchedule.Graduated(randomTiers(random));
          case 2 -> new PriceSchedule.Volume(randomTiers(random));
          default ->
              new PriceSchedule.Package(
                  1 + random.nextInt(3_000), new BigDecimal(randomPrice(random)));
        };
    return random.nextInt(3) == 0
        ? new PriceSchedule.Allowance(1 + random.nextInt(5_000), schedule)
        : schedule;
  }

  private static List<Tier> randomTiers(Random random) {
    List<Tier> tiers = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < random.nextInt(4); i++) {
      end += 1 + random.nextInt(5_000);
      tiers.add(tier(end, randomPrice(random)));
    }
    tiers.add(tier(null, randomPrice(random)));
    return tiers;
  }

  private static String randomPrice(Random random) {
    return BigDecimal.valueOf(random.nextInt(20_000), 2).toPlainString();
  }

  static Usage randomUsage(Random random) {
    Instant completion =
        Instant.parse("2026-10-30T00:00:00Z").plusSeconds(random.nextInt(2_800_000));
    return usage(
        List.of("a1", "a2", "b").get(random.nextInt(3)),
        new TokenCounts(
            random.nextInt(3_000),
            random.nextInt(2_000),
            random.nextInt(500),
            random.nextInt(2_000),
            random.nextInt(2_000)),
        completion);
  }
}
