package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceEntry.ContextTier;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.rating.TotalPrice;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.account.policy.LandedGroups;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prices that are learned later: they change nothing until a re-rating posts the difference. */
class ReRatingTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MIDDLE = Instant.parse("2026-10-15T00:00:00Z");
  private static final Instant IN_OCTOBER = Instant.parse("2026-10-20T12:00:00Z");
  private static final Instant IN_NOVEMBER = Meter.NOW;

  @TempDir private Path stateDirectory;
  private Meter meter;
  private Catalog catalog;
  private final List<LedgerPosting> ledger = new ArrayList<>();
  private final List<UsageEvent> landed = new ArrayList<>();
  private final Map<String, FinalBill> bills = new HashMap<>();
  private AccountState state;
  private int commands;
  private int lines;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    load(catalogue("0", UnaryOperator.identity()));
  }

  @AfterEach
  void balanceAndLedgerAgree() {
    look();
    BigDecimal owed = BigDecimal.ZERO;
    BigDecimal usage = BigDecimal.ZERO;
    BigDecimal reRated = BigDecimal.ZERO;
    BigDecimal all = BigDecimal.ZERO;
    for (LedgerPosting posting : ledger) {
      for (LedgerPosting.Entry entry : posting.entries()) {
        all = all.add(entry.amount());
        switch (entry.ledger()) {
          case CREDITS, UNBILLED, RECEIVABLE, ROUNDING -> owed = owed.add(entry.amount());
          case USAGE -> {
            boolean corrects = posting.kind() == Kind.RE_RATING;
            usage = corrects ? usage : usage.subtract(entry.amount());
            reRated = corrects ? reRated.subtract(entry.amount()) : reRated;
          }
          default -> {}
        }
      }
    }
    assertThat(all).isZero();
    assertThat(usage).isEqualByComparingTo(state.spent());
    assertThat(reRated).isEqualByComparingTo(posted());
    assertThat(reRated).isEqualByComparingTo(charged());
    assertThat(owed.negate())
        .isEqualByComparingTo(state.granted(meter.now()).subtract(state.spent()));
    for (AccountState.CreditState credit : state.credits()) {
      assertThat(credit.drawn()).isNotNegative().isLessThanOrEqualTo(credit.amount());
    }
    for (FinalBill bill : bills.values()) {
      assertThat(bill.contentHash()).isEqualTo(bill.content().hash());
    }
    meter.close();
  }

  /** What all re-ratings posted, as the state tells it. */
  private BigDecimal posted() {
    return state.periods().stream()
        .map(period -> period.billing().reRated())
        .filter(reRated -> reRated != null)
        .map(AccountState.ReRated::posted)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** The same, as it stands on bills and waits for one. */
  private BigDecimal charged() {
    List<Charge> charges = new ArrayList<>();
    state.periods().forEach(period -> charges.addAll(period.billing().charges()));
    bills.values().stream()
        .filter(bill -> bill.status() == FinalBill.Status.FINAL)
        .forEach(bill -> charges.addAll(bill.content().charges()));
    return charges.stream()
        .filter(charge -> charge.kind() == Kind.RE_RATING)
        .map(Charge::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  /** Flat, graduated and context-tier prices. */
  private static Catalog catalogue(String perRequest, UnaryOperator<BigDecimal> change) {
    PriceSchedule graduated =
        new PriceSchedule.Graduated(
            List.of(
                new Tier(1_000_000L, new BigDecimal("10")), new Tier(null, new BigDecimal("5"))));
    List<PriceEntry> prices =
        List.of(
            new PriceEntry("list", "flat-*", JANUARY, 0, mapped(flat("4"), change)),
            new PriceEntry("list", "grad-*", JANUARY, 0, mapped(graduated, change)),
            new PriceEntry(
                "list",
                "ctx-*",
                JANUARY,
                0,
                mapped(flat("1"), change),
                List.of(new ContextTier(1_000, mapped(flat("2"), change)))));
    return new Catalog(
        List.of(new Account("acme", "Acme", "USD", BERLIN, "p")),
        List.of(),
        List.of(new PriceBook("list", "USD", prices)),
        List.of(new Plan("p", "list", new BigDecimal(perRequest), 0)),
        List.of(),
        List.of());
  }

  private static Map<TokenClass, PriceSchedule> mapped(
      PriceSchedule price, UnaryOperator<BigDecimal> change) {
    return Map.of(TokenClass.INPUT, price.map(change));
  }

  private void load(Catalog changed) {
    catalog = changed;
    meter.command("load-" + ++commands, changed);
    assertThat(meter.result().accepted()).isTrue();
  }

  private void halve() {
    load(catalogue("0", price -> price.divide(BigDecimal.valueOf(2))));
  }

  private void look() {
    meter.pass(Duration.ofSeconds(11));
    meter.settle();
    ledger.addAll(meter.read(Topics.LEDGER_ENTRIES, LedgerPosting.class));
    landed.addAll(meter.events());
    meter.read(Topics.BILLS, FinalBill.class).forEach(bill -> bills.put(bill.recordKey(), bill));
    AccountState latest = meter.latestStates().get("acme");
    state = latest == null ? state : latest;
  }

  private void use(String model, Instant completion, long tokens) {
    Usage usage =
        new Usage(
            "%032x".formatted(++lines),
            Fate.BILLED,
            "k",
            null,
            null,
            model,
            new TokenCounts(tokens, 0, 0, 0, 0),
            completion,
            completion,
            meter.now(),
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    meter.accountInput("acme", new AccountInput.UsageInput(usage));
  }

  private void useEverything(Instant completion) {
    use("flat-1", completion, 1_000_000);
    use("grad-1", completion, 1_500_000);
    use("ctx-1", completion, 1_000);
    use("ctx-1", completion, 500_000);
  }

  /** What the API would send. */
  private Order.ReRate reRating(YearMonth period) {
    look();
    AccountTerms terms =
        AccountTerms.of(
            catalog.accounts().get(0),
            state.termsVersion(),
            // What the plan charges for a request since has no effect on months before.
            id -> new Plan("p", "list", BigDecimal.ZERO, 1),
            catalog.priceBooks(),
            List.of(),
            List.of());
    List<UsageEvent> known =
        landed.stream().filter(event -> event.account().equals("acme")).toList();
    BigDecimal charged = BigDecimal.ZERO;
    for (UsageEvent event : known) {
      if (YearMonth.from(event.usage().completion().atZone(BERLIN)).equals(period)) {
        charged = charged.add(event.cost());
      }
    }
    BigDecimal reRated =
        TotalPrice.lines(
                terms,
                LandedGroups.of(terms, period, known.stream().map(UsageEvent::usage).toList()))
            .stream()
            .map(BillLine::amount)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    return new Order.ReRate(
        "acme", period, state.sequence(), state.termsVersion(), charged, reRated);
  }

  private CommandResult order(String id, Order order) {
    meter.order(id, "because", Catalog.EMPTY, order);
    return meter.result();
  }

  private CommandResult accepted(Order order) {
    CommandResult result = order("command-" + ++commands, order);
    assertThat(result.problems()).isEmpty();
    return result;
  }

  private String refused(Order order) {
    CommandResult result = order("command-" + ++commands, order);
    assertThat(result.refusal()).isEqualTo(Refusal.NOT_POSSIBLE);
    return result.problems().get(0);
  }

  private AccountState.Period october() {
    look();
    return state.periods().get(0);
  }

  private FinalBill.Content bill(long number) {
    look();
    return bills.get("acme\t" + number).content();
  }

  @Test
  void whatWasRatedKeepsItsPriceUntilTheDifferenceIsPosted() {
    useEverything(IN_OCTOBER);
    look();
    assertThat(state.spent()).isEqualByComparingTo("17.501");
    halve();
    look();
    assertThat(state.spent()).isEqualByComparingTo("17.501");
    assertThat(october().billing().charges()).isEmpty();

    CommandResult result = accepted(reRating(OCTOBER));

    assertThat(result.posting().kind()).isEqualTo(Kind.RE_RATING);
    assertThat(result.posting().entries())
        .containsExactly(
            new LedgerPosting.Entry(
                LedgerAccount.UNBILLED, OCTOBER, null, new BigDecimal("-8.7505")),
            new LedgerPosting.Entry(LedgerAccount.USAGE, OCTOBER, null, new BigDecimal("8.7505")));
    AccountState.Period october = october();
    assertThat(october.billing().charges())
        .singleElement()
        .satisfies(
            charge -> {
              assertThat(charge.amount()).isEqualByComparingTo("-8.7505");
              assertThat(charge.period()).isEqualTo(OCTOBER);
              assertThat(charge.reason()).isEqualTo("because");
            });
    assertThat(state.spent()).isEqualByComparingTo("17.501");
    assertThat(state.granted(meter.now())).isEqualByComparingTo("8.7505");
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(bill(1).exactTotal()).isEqualByComparingTo("17.501");
    assertThat(bill(1).chargesTotal()).isEqualByComparingTo("-8.7505");
    assertThat(bill(1).amountDue()).isEqualByComparingTo("8.75");
    assertThat(bill(1).canonicalForm()).contains("\t-8.7505\t2026-10");
  }

  @Test
  void aSecondRunPostsWhatIsMissingStill() {
    useEverything(IN_OCTOBER);
    load(catalogue("0.01", price -> price.multiply(BigDecimal.valueOf(2))));
    accepted(reRating(OCTOBER));
    // Twice 17.501; the plan's charge for requests began when it was loaded.
    assertThat(october().billing().reRated().posted()).isEqualByComparingTo("17.501");
    int postings = ledger.size();
    CommandResult again = accepted(reRating(OCTOBER));
    assertThat(again.posting()).isNull();
    look();
    assertThat(ledger).hasSize(postings);
    // Late usage begins the new graduated price from its first token: it was never charged by it.
    use("grad-2", MIDDLE, 1_000_000);
    look();
    assertThat(state.spent()).isEqualByComparingTo("37.501");
    CommandResult late = accepted(reRating(OCTOBER));
    // Of 2.5 million tokens, the last million is in the second tier: 10, not 20.
    assertThat(late.posting().entries().get(0).amount()).isEqualByComparingTo("-10");
    assertThat(october().billing().reRated().basis()).isEqualTo(5);
    assertThat(state.spent().add(posted())).isEqualByComparingTo("45.002");
  }

  @Test
  void ofABilledMonthTheDifferenceStandsOnTheNextBillAndAVoidGivesItBack() {
    meter.order(
        "top-up",
        "",
        Catalog.EMPTY,
        new Order.GrantCredit(
            "acme", AccountState.CreditKind.TOP_UP, new BigDecimal("100"), 100, null, null));
    useEverything(IN_OCTOBER);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    FinalBill.Content october = bill(1);
    assertThat(october.amountDue()).isZero();
    halve();
    accepted(reRating(OCTOBER));
    use("flat-1", IN_NOVEMBER, 5_000_000);
    look();
    // Ten of November, less what October gives back: that much is drawn.
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("18.7505");
    assertThat(state.granted(meter.now()).subtract(state.spent())).isEqualByComparingTo("81.2495");
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(1)).isEqualTo(october);
    FinalBill.Content november = bill(2);
    assertThat(november.exactTotal()).isEqualByComparingTo("10");
    assertThat(november.charges()).extracting(Charge::period).containsExactly(OCTOBER);
    assertThat(november.creditsTotal()).isEqualByComparingTo("1.2495");
    assertThat(november.amountDue()).isZero();
    assertThat(state.periods().get(0).billing().charges()).isEmpty();

    accepted(new Order.VoidBill("acme", 2));
    look();
    assertThat(state.periods().get(0).billing().charges()).hasSize(1);
    assertThat(accepted(reRating(OCTOBER)).posting()).isNull();
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(3).charges()).isEqualTo(november.charges());
    assertThat(bill(3).creditsTotal()).isEqualByComparingTo("1.2495");
  }

  @Test
  void ofAnOpenMonthCreditsPayOnlyWhatIsLeft() {
    Instant later = Instant.parse("2026-10-25T00:00:00Z");
    accepted(credit(new BigDecimal("100"), 100, null));
    // Splits the month: the difference counts at its end, behind the usage.
    accepted(credit(BigDecimal.TEN, 200, later));
    useEverything(IN_OCTOBER);
    halve();
    accepted(reRating(OCTOBER));
    look();
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("8.7505");
    assertThat(state.credits().get(1).drawn()).isZero();
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(bill(1).creditsTotal()).isEqualByComparingTo("8.7505");
    assertThat(bill(1).amountDue()).isZero();
  }

  private static Order credit(BigDecimal amount, int priority, Instant from) {
    return new Order.GrantCredit(
        "acme", AccountState.CreditKind.TOP_UP, amount, priority, from, null);
  }

  /** The note makes less due of the month that money was to pay, and not of the credit's. */
  @Test
  void aNoteAndAReRatingDoNotPayAPromotionOut() {
    YearMonth september = YearMonth.of(2026, 9);
    use("flat-1", Instant.parse("2026-09-10T00:00:00Z"), 250_000);
    accepted(new Order.FinalizeBill("acme", september));
    use("flat-1", Instant.parse("2026-09-10T00:00:00Z"), 1_250_000);
    accepted(
        new Order.GrantCredit(
            "acme",
            AccountState.CreditKind.GRANT,
            new BigDecimal("100"),
            100,
            Instant.parse("2026-09-30T22:00:00Z"),
            null));
    use("flat-1", IN_OCTOBER, 2_500_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(bill(2).creditsTotal()).isEqualByComparingTo("10");
    assertThat(bill(2).amountDue()).isEqualByComparingTo("5");
    accepted(new Order.NoteCredit("acme", 2, new BigDecimal("5")));
    load(catalogue("0", price -> BigDecimal.ZERO));
    accepted(reRating(september));
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    // What September's own bill was paid with, and no more.
    assertThat(bill(3).amountDue()).isEqualByComparingTo("-1");
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("10");
  }

  @Test
  void moreThanTheNextBillHasIsGivenBackAndDrawsNothing() {
    useEverything(IN_OCTOBER);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    halve();
    accepted(reRating(OCTOBER));
    use("flat-1", IN_NOVEMBER, 1_000_000);
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(2).exactDue()).isEqualByComparingTo("-6.7505");
    assertThat(bill(2).amountDue()).isEqualByComparingTo("-6.75");
    CommandResult note = order("note", new Order.NoteCredit("acme", 2, BigDecimal.ONE));
    assertThat(note.refusal()).isEqualTo(Refusal.NOT_POSSIBLE);
  }

  /** What a gift paid for goes back to the gift, and what the account paid for to the account. */
  @Test
  void ofABilledMonthCreditsGetBackWhatTheyPaidTheLastOneFirst() {
    accepted(credit(CreditKind.GRANT, "5", 1, null));
    accepted(credit(CreditKind.TOP_UP, "6", 2, null));
    useEverything(IN_OCTOBER);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(bill(1).exactDue()).isEqualByComparingTo("6.501");
    halve();
    accepted(reRating(OCTOBER));
    look();
    // Of 8.7505, the top-up has its 6 again, and the grant the rest.
    assertThat(state.credits())
        .extracting(AccountState.CreditState::drawn)
        .containsExactly(new BigDecimal("2.2495"), BigDecimal.ZERO);
    assertThat(state.granted(meter.now()).subtract(state.spent())).isEqualByComparingTo("2.2495");
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(2).creditsApplied())
        .extracting(AccountState.CreditUse::amount)
        .containsExactlyInAnyOrder(new BigDecimal("-6"), new BigDecimal("-2.7505"));
    assertThat(bill(2).exactDue()).isZero();
    // What is free again pays for usage of the months after.
    use("flat-1", Instant.parse("2026-12-03T00:00:00Z"), 2_000_000);
    look();
    assertThat(state.credits())
        .extracting(AccountState.CreditState::drawn)
        .containsExactly(new BigDecimal("5"), new BigDecimal("1.2495"));
    accepted(new Order.VoidBill("acme", 2));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(3).creditsApplied())
        .containsExactlyInAnyOrderElementsOf(bill(2).creditsApplied());
  }

  @Test
  void whatAnExpiredGrantGetsBackLapses() {
    Instant expiry = Instant.parse("2026-11-01T00:00:00Z");
    accepted(credit(CreditKind.GRANT, "100", 1, expiry));
    useEverything(IN_OCTOBER);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    halve();
    accepted(reRating(OCTOBER));
    look();
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("8.7505");
    assertThat(state.granted(meter.now()).subtract(state.spent())).isZero();
    meter.pass(Duration.ofDays(11));
    use("flat-1", IN_NOVEMBER, 1_000_000);
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(2).exactDue()).isEqualByComparingTo("2");
    look();
    BigDecimal lapsed =
        ledger.stream()
            .flatMap(posting -> posting.entries().stream())
            .filter(entry -> entry.ledger() == LedgerAccount.BREAKAGE)
            .map(LedgerPosting.Entry::amount)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(lapsed).isEqualByComparingTo("-91.2495");
  }

  @Test
  void moreThanCreditsPaidIsOwedToTheAccount() {
    accepted(credit(CreditKind.GRANT, "2", 1, null));
    useEverything(IN_OCTOBER);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    halve();
    accepted(reRating(OCTOBER));
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(2).creditsTotal()).isEqualByComparingTo("-2");
    assertThat(bill(2).exactDue()).isEqualByComparingTo("-6.7505");
  }

  private static Order credit(
      CreditKind kind, String amount, int priority, @Nullable Instant expiresAt) {
    return new Order.GrantCredit("acme", kind, new BigDecimal(amount), priority, null, expiresAt);
  }

  /** A volume price falls with the total, so late usage may take back what is billed. */
  @Test
  void lateUsageThatMakesABilledMonthCheaperIsNoMoneyEither() {
    PriceSchedule falls =
        new PriceSchedule.Volume(
            List.of(
                new Tier(1_000_000L, new BigDecimal("10")), new Tier(null, new BigDecimal("1"))));
    load(
        new Catalog(
            catalog.accounts(),
            List.of(),
            List.of(
                new PriceBook(
                    "list",
                    "USD",
                    List.of(
                        new PriceEntry(
                            "list", "vol-*", JANUARY, 0, Map.of(TokenClass.INPUT, falls))))),
            catalog.plans(),
            List.of(),
            List.of()));
    accepted(credit(CreditKind.GRANT, "8", 1, null));
    use("vol-1", IN_OCTOBER, 1_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(bill(1).exactDue()).isEqualByComparingTo("2");
    use("vol-1", IN_OCTOBER, 500_000);
    look();
    // All of October costs 1.5, and no more than that is drawn.
    assertThat(state.spent()).isEqualByComparingTo("1.5");
    assertThat(state.credits().get(0).drawn()).isZero();
    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(bill(2).lateTotal()).isEqualByComparingTo("-8.5");
    assertThat(bill(2).creditsTotal()).isEqualByComparingTo("-8");
    assertThat(bill(2).exactDue()).isEqualByComparingTo("-0.5");
  }

  @Test
  void plansAndPricesThatBeginInTheMonthPriceWhatFollows() {
    use("flat-1", MIDDLE.minusMillis(1), 1_000_000);
    use("flat-1", MIDDLE, 1_000_000);
    use("none", MIDDLE, 1_000_000);
    List<PriceEntry> prices = new ArrayList<>(catalog.priceBooks().get(0).prices());
    prices.add(new PriceEntry("list", "flat-*", MIDDLE, 0, Map.of(TokenClass.INPUT, flat("1"))));
    prices.add(new PriceEntry("list", "none", MIDDLE, 0, Map.of(TokenClass.INPUT, flat("7"))));
    load(
        new Catalog(
            catalog.accounts(),
            List.of(),
            List.of(new PriceBook("list", "USD", prices)),
            catalog.plans(),
            List.of(),
            List.of()));
    CommandResult result = accepted(reRating(OCTOBER));
    // 4 + 1 + 7 instead of 4 + 4 + 0.
    assertThat(result.posting().entries().get(0).amount()).isEqualByComparingTo("4");
  }

  @Test
  void whatDoesNotFitTheAccountIsRefused() {
    useEverything(IN_OCTOBER);
    Order.ReRate first = reRating(OCTOBER);
    halve();
    assertThat(refused(first)).contains("run it again");
    Order.ReRate good = reRating(OCTOBER);
    assertThat(refused(with(good, good.basis() + 1, good.charged())))
        .isEqualTo("the account has 4 events, not 5");
    assertThat(refused(with(good, good.basis(), good.charged().subtract(BigDecimal.ONE))))
        .isEqualTo(
            "the usage of 2026-10 was charged 17.501, and this run counted 16.501; ClickHouse"
                + " lacks some of it");
    accepted(good);
    assertThat(refused(with(good, good.basis() - 1, good.charged())))
        .startsWith("2026-10 was re-rated up to event 4 already");
    meter.order("silent", " ", Catalog.EMPTY, good);
    assertThat(meter.result().problems()).containsExactly("a month is re-rated only with a reason");
  }

  private static Order.ReRate with(Order.ReRate order, long basis, BigDecimal charged) {
    return new Order.ReRate(
        order.account(), order.period(), basis, order.termsVersion(), charged, order.reRated());
  }

  @Test
  void aRequestThatIsSentAgainIsAnsweredAsBefore() {
    useEverything(IN_OCTOBER);
    halve();
    CommandResult result = order("once", reRating(OCTOBER));
    assertThat(result.posting()).isNotNull();
    use("flat-1", IN_OCTOBER, 1_000_000);
    // Whoever sends it again counts more usage by now.
    assertThat(order("once", reRating(OCTOBER))).isEqualTo(result);
    assertThat(order("once", reRating(NOVEMBER)).refusal()).isEqualTo(Refusal.REUSED_KEY);
    look();
    assertThat(ledger.stream().filter(posting -> posting.kind() == Kind.RE_RATING)).hasSize(1);
  }

  @Test
  void aSuccessorKnowsWhatWasPosted() {
    useEverything(IN_OCTOBER);
    halve();
    accepted(reRating(OCTOBER));
    AccountState.ReRated before = october().billing().reRated();
    // More accounts than are kept decoded: this one's head is read from its store again.
    for (int i = 0; i < 10_050; i++) {
      Usage usage =
          new Usage(
              "%032x".formatted(++lines),
              Fate.UNATTRIBUTED,
              "",
              null,
              null,
              "m",
              TokenCounts.ZERO,
              IN_NOVEMBER,
              IN_NOVEMBER,
              meter.now(),
              new LineSource("h", "p"),
              0,
              "s",
              List.of(),
              null);
      meter.accountInput("unattributed:" + i, new AccountInput.UsageInput(usage));
    }
    meter.settle();
    use("flat-1", IN_NOVEMBER, 1);
    assertThat(october().billing().reRated()).isEqualTo(before);
    assertThat(october().billing().charges().get(0).period()).isEqualTo(OCTOBER);
    assertThat(accepted(reRating(OCTOBER)).posting()).isNull();
  }
}
