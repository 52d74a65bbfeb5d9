package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Pricing sums is pricing events. */
class TotalPriceTest {
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  /** Every line of a month, from scratch, event by event. */
  private static Map<String, BigDecimal> rated(AccountTerms terms, List<Usage> events) {
    Rater rater = new Rater(terms);
    Map<LineKey, Long> quantities = new HashMap<>();
    Map<String, BigDecimal> amounts = new HashMap<>();
    for (Usage usage : events) {
      Rating rating = rater.rate(usage, line -> quantities.getOrDefault(line, 0L));
      for (Charge charge : rating.charges()) {
        quantities.merge(
            new LineKey(
                rating.period(), charge.model(), charge.tokenClass(), charge.priceVersion()),
            charge.quantity(),
            Long::sum);
        if (rating.period().equals(NOVEMBER)) {
          amounts.merge(
              charge.model() + " " + charge.tokenClass() + " " + charge.priceVersion(),
              charge.amount(),
              BigDecimal::add);
        }
      }
    }
    return amounts;
  }

  private static BigDecimal sum(Map<String, BigDecimal> amounts) {
    return amounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Map<String, BigDecimal> priced(AccountTerms terms, List<Usage> events) {
    Map<String, BigDecimal> amounts = new HashMap<>();
    for (BillLine line : TotalPrice.lines(terms, LandedGroups.of(terms, NOVEMBER, events))) {
      BigDecimal before =
          amounts.put(
              line.model() + " " + line.tokenClass() + " " + line.priceVersion(), line.amount());
      assertThat(before).isNull();
    }
    return amounts;
  }

  private static List<Usage> events(Random random) {
    List<Usage> events = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(40); i++) {
      events.add(PriceModelsTest.randomUsage(random));
    }
    return events;
  }

  @Property(tries = 500)
  void everyLineCostsTheSameAsItsEvents(@ForAll long seed) {
    Random random = new Random(seed);
    AccountTerms terms = PriceModelsTest.randomTerms(random);
    List<Usage> events = events(random);

    Map<String, BigDecimal> rated = rated(terms, events);
    Map<String, BigDecimal> priced = priced(terms, events);

    assertThat(priced.keySet()).isEqualTo(rated.keySet());
    rated.forEach((line, amount) -> assertThat(priced.get(line)).isEqualByComparingTo(amount));
  }

  /** However often prices change and usage comes: charged + posted = rated from scratch. */
  @Property(tries = 300)
  void reRatingIsRatingFromScratch(@ForAll long seed) {
    Random random = new Random(seed);
    BigDecimal charged = BigDecimal.ZERO;
    BigDecimal posted = BigDecimal.ZERO;
    ReRated before = null;
    List<Usage> all = new ArrayList<>();
    for (int round = 0; round < 1 + random.nextInt(4); round++) {
      // Rated by the terms of the time; only the sum is known of it later.
      List<Usage> more = events(random);
      charged = charged.add(sum(rated(PriceModelsTest.randomTerms(random), more)));
      all.addAll(more);
      AccountTerms now = PriceModelsTest.randomTerms(random);
      Order.ReRate order =
          new Order.ReRate("acme", NOVEMBER, all.size(), 7, charged, sum(priced(now, all)));
      assertThat(
              ReRating.objection(
                  order, new ReRating.Known(all.size(), 7, all.size(), charged, before)))
          .isNull();
      posted = posted.add(ReRating.difference(order, before));
      before = ReRating.after(order);

      assertThat(charged.add(posted)).isEqualByComparingTo(sum(rated(now, all)));
      assertThat(before.posted()).isEqualByComparingTo(posted);
    }
  }
}
