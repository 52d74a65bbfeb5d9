package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
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
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RaterTest {
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NOVEMBER = Instant.parse("2026-11-10T12:00:00Z");

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  private static PriceSchedule graduated(Tier... tiers) {
    return new PriceSchedule.Graduated(List.of(tiers));
  }

  private static Tier tier(Long upTo, String price) {
    return new Tier(upTo, new BigDecimal(price));
  }

  private static PriceEntry entry(String model, Map<TokenClass, PriceSchedule> prices) {
    return new PriceEntry("book", model, JANUARY, 3, prices);
  }

  private static Rater rater(String perRequest, PriceEntry... entries) {
    return new Rater(
        new AccountTerms(
            new Account("acme", "Acme", "USD", ZoneId.of("Europe/Berlin"), "plan"),
            7,
            new Plan("plan", "book", new BigDecimal(perRequest), 5),
            List.of(entries),
            List.of(),
            List.of()));
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

  /** Rates events one after the other, as an account's writer does. */
  private static final class Bill {
    final Rater rater;
    final Map<LineKey, Long> quantities = new HashMap<>();
    final Map<LineKey, BigDecimal> amounts = new HashMap<>();
    BigDecimal spent = BigDecimal.ZERO;

    Bill(Rater rater) {
      this.rater = rater;
    }

    Rating add(Usage usage) {
      Rating rating = rater.rate(usage, line -> quantities.getOrDefault(line, 0L));
      spent = spent.add(rating.cost());
      for (Charge charge : rating.charges()) {
        LineKey line =
            new LineKey(
                rating.period(), charge.model(), charge.tokenClass(), charge.priceVersion());
        quantities.merge(line, charge.quantity(), Long::sum);
        amounts.merge(line, charge.amount(), BigDecimal::add);
      }
      return rating;
    }
  }

  @Test
  void whatHasNoRoomStandsOnTheLineOfItsEntryAtTheSamePrice() {
    Rater rater =
        rater("0", entry("m*", Map.of(TokenClass.INPUT, flat("1"), TokenClass.OUTPUT, flat("2"))));
    Usage usage = usage("m1", new TokenCounts(10, 0, 0, 20, 0), NOVEMBER);
    Rater.Lines full =
        new Rater.Lines() {
          @Override
          public long quantity(LineKey line) {
            return line.model().equals("m*") ? 100 : 0;
          }

          @Override
          public boolean hasRoomFor(LineKey line, int opened) {
            return opened == 0;
          }
        };
    Rating rating = rater.rate(usage, full);
    assertThat(rating.merged()).isTrue();
    assertThat(rating.charges())
        .extracting(Charge::model, Charge::quantity)
        .containsExactly(tuple("m1", 10L), tuple("m*", 20L));
    Rating withRoom = rater.rate(usage, line -> 0);
    assertThat(withRoom.merged()).isFalse();
    assertThat(rating.cost()).isEqualByComparingTo(withRoom.cost());
  }

  @Test
  void classesWithoutAPriceStandOnTheirParentsLine() {
    Rater rater =
        rater("0", entry("*", Map.of(TokenClass.INPUT, flat("1"), TokenClass.OUTPUT, flat("2"))));
    Rating rating = rater.rate(usage("m", new TokenCounts(1, 2, 4, 8, 16), NOVEMBER), line -> 0);
    assertThat(rating.charges())
        .containsExactly(
            new Charge(
                TokenClass.INPUT,
                "m",
                "book:*:2026-01-01T00:00:00Z:v3",
                7,
                new BigDecimal("0.000007")),
            new Charge(
                TokenClass.OUTPUT,
                "m",
                "book:*:2026-01-01T00:00:00Z:v3",
                24,
                new BigDecimal("0.000048")));
    assertThat(rating.cost()).isEqualByComparingTo("0.000055");
    assertThat(rating.unpriced()).isFalse();
  }

  @Test
  void classesWithAPriceStandAlone() {
    Rater rater =
        rater(
            "0",
            entry(
                "*",
                Map.of(
                    TokenClass.INPUT,
                    flat("1"),
                    TokenClass.CACHED_INPUT,
                    flat("0.5"),
                    TokenClass.CACHE_WRITE,
                    flat("1.25"),
                    TokenClass.OUTPUT,
                    flat("2"),
                    TokenClass.REASONING,
                    flat("3"))));
    Rating rating =
        rater.rate(usage("m", new TokenCounts(10, 10, 10, 10, 10), NOVEMBER), line -> 0);
    assertThat(rating.charges()).extracting(Charge::tokenClass).doesNotHaveDuplicates().hasSize(5);
    assertThat(rating.cost()).isEqualByComparingTo("0.0000775");
  }

  @Test
  void aTieredPriceRunsOverAllModelsOfItsEntry() {
    Bill bill =
        new Bill(
            rater(
                "0",
                entry(
                    "*",
                    Map.of(
                        TokenClass.INPUT, graduated(tier(100L, "10"), tier(null, "1")),
                        TokenClass.OUTPUT, flat("1")))));
    bill.add(usage("a", new TokenCounts(80, 0, 0, 5, 0), NOVEMBER));
    Rating second = bill.add(usage("b", new TokenCounts(40, 0, 0, 5, 0), NOVEMBER));
    // 20 tokens fill the first tier, 20 fall into the second.
    assertThat(second.charges().get(0).amount()).isEqualByComparingTo("0.00022");
    assertThat(second.charges()).extracting(Charge::model).containsExactly("*", "b");
  }

  @Test
  void aNewMonthBeginsANewTotal() {
    Bill bill =
        new Bill(
            rater(
                "0",
                entry(
                    "*", Map.of(TokenClass.INPUT, graduated(tier(100L, "10"), tier(null, "1"))))));
    bill.add(usage("a", new TokenCounts(100, 0, 0, 0, 0), NOVEMBER));
    // Midnight in Berlin, not in UTC.
    Rating last =
        bill.add(
            usage("a", new TokenCounts(1, 0, 0, 0, 0), Instant.parse("2026-11-30T22:59:59.999Z")));
    Rating first =
        bill.add(usage("a", new TokenCounts(1, 0, 0, 0, 0), Instant.parse("2026-11-30T23:00:00Z")));
    assertThat(last.period()).isEqualTo(YearMonth.of(2026, 11));
    assertThat(last.cost()).isEqualByComparingTo("0.000001");
    assertThat(first.period()).isEqualTo(YearMonth.of(2026, 12));
    assertThat(first.cost()).isEqualByComparingTo("0.00001");
  }

  @Test
  void everyBilledLinePaysThePerRequestCharge() {
    Rater rater = rater("0.0001", entry("*", Map.of(TokenClass.INPUT, flat("1"))));
    Rating rating = rater.rate(usage("m", new TokenCounts(1, 0, 0, 0, 0), NOVEMBER), line -> 0);
    assertThat(rating.charges().get(1))
        .isEqualTo(
            new Charge(TokenClass.REQUEST, "*", "plan:plan:v5", 1, new BigDecimal("0.0001")));
    assertThat(rating.cost()).isEqualByComparingTo("0.000101");
  }

  @Test
  void withoutAnEntryAllIsFreeAndMarked() {
    Rater rater = rater("0.0001", entry("qwen-*", Map.of(TokenClass.INPUT, flat("1"))));
    Rating rating = rater.rate(usage("m", new TokenCounts(1, 0, 0, 0, 0), NOVEMBER), line -> 0);
    assertThat(rating).isEqualTo(Rating.free(YearMonth.of(2026, 11), true));
  }

  @Test
  void aClassWithoutAnyPriceIsFreeAndMarked() {
    Rater rater = rater("0", entry("*", Map.of(TokenClass.INPUT, flat("1"))));
    Rating rating = rater.rate(usage("m", new TokenCounts(1, 0, 0, 1, 1), NOVEMBER), line -> 0);
    assertThat(rating.unpriced()).isTrue();
    assertThat(rating.cost()).isEqualByComparingTo("0.000001");
  }

  /** Sum of event costs = price of the total, in any order, over any split. */
  @RepeatedTest(200)
  void costsTelescope(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    PriceEntry entry =
        entry(
            "*",
            Map.of(
                TokenClass.INPUT,
                randomTiers(random),
                TokenClass.CACHED_INPUT,
                randomTiers(random),
                TokenClass.OUTPUT,
                randomTiers(random)));
    Rater rater = rater("0.0001", entry);
    List<Usage> events = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(30); i++) {
      events.add(
          usage(
              random.nextBoolean() ? "a" : "b",
              new TokenCounts(
                  random.nextInt(2_000),
                  random.nextInt(2_000),
                  random.nextInt(2_000),
                  random.nextInt(2_000),
                  random.nextInt(2_000)),
              NOVEMBER));
    }
    Bill bill = new Bill(rater);
    events.forEach(bill::add);
    Collections.shuffle(events, random);
    Bill shuffled = new Bill(rater);
    events.forEach(shuffled::add);

    assertThat(shuffled.spent).isEqualByComparingTo(bill.spent);
    assertThat(shuffled.quantities).isEqualTo(bill.quantities);
    BigDecimal priceOfTotals = BigDecimal.ZERO;
    for (Map.Entry<LineKey, Long> line : bill.quantities.entrySet()) {
      BigDecimal price =
          line.getKey().tokenClass() == TokenClass.REQUEST
              ? new BigDecimal("0.0001").multiply(BigDecimal.valueOf(line.getValue()))
              : Price.of(entry.prices().get(line.getKey().tokenClass()), line.getValue());
      assertThat(bill.amounts.get(line.getKey())).isEqualByComparingTo(price);
      assertThat(shuffled.amounts.get(line.getKey())).isEqualByComparingTo(price);
      priceOfTotals = priceOfTotals.add(price);
    }
    assertThat(bill.spent).isEqualByComparingTo(priceOfTotals);
  }

  private static PriceSchedule randomTiers(Random random) {
    if (random.nextInt(4) == 0) {
      return flat(randomPrice(random));
    }
    List<Tier> tiers = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < random.nextInt(4); i++) {
      end += 1 + random.nextInt(5_000);
      tiers.add(tier(end, randomPrice(random)));
    }
    tiers.add(tier(null, randomPrice(random)));
    return new PriceSchedule.Graduated(tiers);
  }

  private static String randomPrice(Random random) {
    return BigDecimal.valueOf(random.nextInt(20_000_000), 6).toPlainString();
  }

  @Test
  void aGraduatedPriceIsExactAtItsEdges() {
    PriceSchedule tiers =
        graduated(tier(1_000_000L, "1.00"), tier(10_000_000L, "0.80"), tier(null, "0.50"));
    assertThat(Price.of(tiers, 0)).isEqualByComparingTo("0");
    assertThat(Price.of(tiers, 1_000_000)).isEqualByComparingTo("1");
    assertThat(Price.of(tiers, 1_000_001)).isEqualByComparingTo("1.0000008");
    assertThat(Price.of(tiers, 10_000_000)).isEqualByComparingTo("8.2");
    assertThat(Price.of(tiers, 12_000_000)).isEqualByComparingTo("9.2");
  }
}
