package dev.taximeter.streams.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.rating.TotalPrice;
import dev.taximeter.streams.account.policy.LandedGroups;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.Rater;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;

/** A plan that is edited again and again: what usage costs follows from when it completed. */
class PlanTermsPropertyTest {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final YearMonth MONTH = YearMonth.of(2026, 10);
  private static final Instant START = MONTH.atDay(1).atStartOfDay(ZONE).toInstant();
  private static final Instant END = MONTH.plusMonths(1).atDay(1).atStartOfDay(ZONE).toInstant();
  private static final Account ACCOUNT = new Account("acme", "A", "USD", ZONE, "p");
  private static final List<String> PERCENTS = List.of("0", "-10", "-12.5", "20");

  private final Map<Instant, AccountTerms> termsByDecision = new TreeMap<>();

  /** What was asked for, by the instant from which it holds. */
  private final TreeMap<Instant, Plan> asked = new TreeMap<>();

  private CatalogueBook book = CatalogueBook.EMPTY;
  private Random random = new Random(0);

  private void load(Instant at, Catalog catalog) {
    CatalogueDecision decision =
        CatalogueDecision.on(new Command("c", "ann", "", at, catalog, List.of()), book, at);
    assertThat(decision.result().problems()).isEmpty();
    book = decision.after();
    decision.terms().forEach(terms -> termsByDecision.put(at, terms));
  }

  private static PriceBook book(String id, String price) {
    PriceSchedule tiers =
        new PriceSchedule.Allowance(
            2_000,
            new PriceSchedule.Graduated(
                List.of(
                    new PriceSchedule.Tier(5_000L, new BigDecimal(price)),
                    new PriceSchedule.Tier(null, new BigDecimal("1")))));
    return new PriceBook(
        id,
        "USD",
        List.of(
            new PriceEntry(id, "t-*", Instant.EPOCH, 0, Map.of(TokenClass.INPUT, tiers)),
            new PriceEntry(
                id,
                "*",
                Instant.EPOCH,
                0,
                Map.of(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal(price))))));
  }

  private Plan plan(Instant at) {
    Plan plan =
        new Plan(
            "p",
            random.nextBoolean() ? "one" : "two",
            BigDecimal.valueOf(random.nextInt(3), 3),
            0,
            new BigDecimal(PERCENTS.get(random.nextInt(PERCENTS.size()))),
            null);
    return random.nextInt(3) == 0
        ? plan.withEffectiveFrom(at.plus(Duration.ofHours(random.nextInt(100))))
        : plan;
  }

  private static Catalog plans(Plan plan) {
    return new Catalog(List.of(), List.of(), List.of(), List.of(plan), List.of(), List.of());
  }

  private Instant instant() {
    return START.plusMillis(random.nextLong(Duration.between(START, END).toMillis()));
  }

  private void edit() {
    termsByDecision.clear();
    asked.clear();
    asked.put(Instant.MIN, new Plan("p", "one", BigDecimal.ZERO, 0));
    book = CatalogueBook.EMPTY;
    load(
        START.minusSeconds(1),
        new Catalog(
            List.of(ACCOUNT),
            List.of(),
            List.of(book("one", "40"), book("two", "20")),
            List.of(new Plan("p", "one", BigDecimal.ZERO, 0)),
            List.of(),
            List.of()));
    List<Instant> decisions = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      decisions.add(instant());
    }
    decisions.stream().sorted().forEach(this::edit);
  }

  private void edit(Instant at) {
    Plan plan = plan(at);
    load(at, plans(plan));
    Instant from = plan.effectiveFrom();
    asked.put(from == null ? at : from, plan);
  }

  /** The plan that was asked for decides, whatever the catalogue made of it. */
  private void followsThePlan(Usage usage, UsageEvent.Charge charge) {
    Plan plan = asked.floorEntry(usage.completion()).getValue();
    if (charge.tokenClass() == TokenClass.REQUEST) {
      assertThat(charge.amount()).isEqualByComparingTo(plan.perRequest());
      return;
    }
    String percent = plan.adjustPercent().signum() == 0 ? "" : plan.adjustPercent() + "%";
    assertThat(charge.priceVersion()).startsWith(plan.priceBook() + ":");
    if (percent.isEmpty()) {
      assertThat(charge.priceVersion()).doesNotEndWith("%");
    } else {
      assertThat(charge.priceVersion()).endsWith(percent);
    }
  }

  private List<Usage> usage() {
    List<Usage> usage = new ArrayList<>();
    List<Instant> edges = new ArrayList<>(termsByDecision.keySet());
    for (int i = 0; i < 40; i++) {
      Instant completion =
          random.nextInt(5) == 0
              ? edges.get(random.nextInt(edges.size())).plusMillis(random.nextInt(3) - 1)
              : instant();
      if (completion.isBefore(START)) {
        completion = START;
      }
      usage.add(
          new Usage(
              "%032x".formatted(i),
              Fate.BILLED,
              "k",
              null,
              null,
              random.nextBoolean() ? "t-" + random.nextInt(2) : "m",
              new TokenCounts(random.nextInt(3_000), 0, 0, 0, 0),
              completion,
              completion,
              completion,
              new LineSource("h", "p"),
              0,
              "s",
              List.of(),
              null));
    }
    usage.sort(Comparator.comparing(Usage::completion));
    return usage;
  }

  /** Terms that are in force when usage arrives. */
  private AccountTerms known(Instant arrival) {
    AccountTerms known = null;
    for (Map.Entry<Instant, AccountTerms> decision : termsByDecision.entrySet()) {
      known = decision.getKey().isAfter(arrival) && known != null ? known : decision.getValue();
    }
    return known;
  }

  /** The lines of the month if each event arrives so much later than it completed. */
  private Map<LineKey, BillLine> lines(List<Usage> order, boolean late) {
    Map<LineKey, BillLine> lines = new HashMap<>();
    for (Usage usage : order) {
      AccountTerms terms = known(late ? END : usage.completion());
      for (UsageEvent.Charge charge :
          new Rater(terms)
              .rate(usage, line -> lines.containsKey(line) ? lines.get(line).quantity() : 0)
              .charges()) {
        followsThePlan(usage, charge);
        String version = String.valueOf(charge.priceVersion());
        lines.merge(
            new LineKey(MONTH, charge.model(), charge.tokenClass(), version),
            new BillLine(
                charge.model(), charge.tokenClass(), version, charge.quantity(), charge.amount()),
            (one, more) ->
                new BillLine(
                    one.model(),
                    one.tokenClass(),
                    one.priceVersion(),
                    one.quantity() + more.quantity(),
                    one.amount().add(more.amount())));
      }
    }
    return lines;
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void lateUsageCostsWhatItWouldHaveCost(@ForAll @LongRange(min = 0, max = 1L << 40) long seed) {
    random = new Random(seed);
    edit();
    List<Usage> inTime = usage();
    List<Usage> shuffled = new ArrayList<>(inTime);
    Collections.shuffle(shuffled, random);
    Map<LineKey, BillLine> expected = lines(inTime, false);
    assertThat(lines(shuffled, true)).isEqualTo(expected);
    // A re-rating finds nothing to post either.
    AccountTerms last = known(END);
    assertThat(TotalPrice.lines(last, LandedGroups.of(last, MONTH, inTime)))
        .containsExactlyInAnyOrderElementsOf(expected.values());
  }
}
