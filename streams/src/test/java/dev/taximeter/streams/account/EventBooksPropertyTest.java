package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;
import static dev.taximeter.streams.account.RandomHistory.LAST;
import static dev.taximeter.streams.account.RandomHistory.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.LandedUsage;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Flat;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Bills, credits and balances are those of the single events, to the last digit. */
class EventBooksPropertyTest {
  /** Offsets of hours and less, with and without a clock change within the months. */
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "Europe/Berlin",
          "America/New_York",
          "America/St_Johns",
          "Australia/Lord_Howe",
          "Asia/Kathmandu",
          "Pacific/Kiritimati");

  /** So many that bills of the first ones stand for good. */
  private static final List<YearMonth> MONTHS =
      IntStream.rangeClosed(6, 11).mapToObj(month -> YearMonth.of(2026, month)).toList();

  private static final Instant BEGIN = Instant.parse("2026-06-20T00:00:00Z");

  private Random random = new Random(0);
  private MoneyMachine machine = new MoneyMachine();
  private EventBooks books = new EventBooks(ZoneId.of("UTC"), "USD");
  private ZoneId zone = ZoneId.of("UTC");
  private AccountTerms terms = new RandomHistory(0).terms();

  /** Where something changes: usage comes right there, before and behind. */
  private List<Instant> edges = new ArrayList<>();

  private Map<YearMonth, BigDecimal> reRated = new HashMap<>();
  private List<Instruction> asked = new ArrayList<>();
  private int lines;
  private int bills;

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void billsAreThoseOfTheEvents(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    random = new Random(seed);
    machine = new MoneyMachine();
    zone = ZoneId.of(pick(ZONES));
    edges = new ArrayList<>();
    MONTHS.forEach(month -> edges.add(month.atDay(1).atStartOfDay(zone).toInstant()));
    reRated = new HashMap<>();
    asked = new ArrayList<>();
    lines = 0;
    bills = 0;
    terms = terms();
    books = new EventBooks(zone, terms.account().currency());
    accept(terms);
    for (int i = 30 + random.nextInt(80); i > 0; i--) {
      step();
      if (random.nextInt(8) == 0) {
        machine.sweep();
      }
      if (random.nextInt(15) == 0) {
        machine.crash();
      }
      if (random.nextInt(10) == 0) {
        agree();
      }
    }
    agree();
    MONTHS.forEach(this::priceAgain);
    Statistics.label("bills").collect(Math.min(bills, 6));
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0, 1 -> grant();
      case 2 -> debit();
      case 3 -> reRate();
      case 4 -> finalise(pick(MONTHS));
      case 5 ->
          MONTHS.stream()
              .filter(month -> !books.isFinal(month))
              .findFirst()
              .ifPresent(this::finalise);
      case 6 -> voidNewest();
      case 7 -> changeTerms();
      case 8 -> repeat();
      default -> use();
    }
  }

  private void accept(AccountTerms changed) {
    terms = changed;
    changed
        .credits()
        .forEach(
            credit ->
                books.give(
                    new EventBooks.Given(
                        credit.id(),
                        Order.GrantCredit.USUAL_PRIORITY,
                        CreditKind.GRANT,
                        credit.amount(),
                        null,
                        credit.expiresAt())));
    machine.process(new AccountInput.TermsInput(changed), BEGIN);
  }

  private AccountTerms terms() {
    List<PriceEntry> prices = new ArrayList<>();
    prices.add(entry("a-*", Instant.EPOCH, 1));
    prices.add(entry("a-1*", Instant.EPOCH, 1));
    prices.add(entry("b-0", Instant.EPOCH, 1));
    prices.add(entry("*", edge(), 1));
    prices.add(entry("a-*", edge(), 1));
    Plan plan = plan("p", 1, null);
    for (int i = random.nextInt(3); i > 0; i--) {
      plan = plan.withLater(List.of(plan("p", 2, edge())));
    }
    Plan first = plan;
    Plan other = plan("q", 1, null);
    AccountDetails details =
        AccountDetails.NONE.withPlanChanges(
            random.nextBoolean() ? List.of() : List.of(new PlanChange(edge(), "q")));
    Account account =
        new Account(
            ACCOUNT,
            "A",
            pick(List.of("USD", "JPY", "KWD")),
            zone,
            "p",
            pick(List.of(Account.Billing.values())),
            details);
    List<Credit> credits = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      credits.add(
          new Credit("credit-" + i, ACCOUNT, amount(), random.nextBoolean() ? edge() : null));
    }
    return AccountTerms.of(
        account,
        1,
        id -> id.equals("p") ? first : other,
        List.of(new PriceBook("b", account.currency(), prices)),
        credits,
        List.of());
  }

  private Plan plan(String id, long version, @Nullable Instant from) {
    BigDecimal percent = pick(List.of("0", "-10", "-50", "12.5", "100")).transform(BigDecimal::new);
    BigDecimal perRequest = random.nextBoolean() ? BigDecimal.ZERO : new BigDecimal("0.0001");
    return new Plan(id, "b", perRequest, version, percent, null, from, List.of());
  }

  private PriceEntry entry(String model, Instant from, long version) {
    Map<TokenClass, PriceSchedule> own = schedules(null);
    List<PriceEntry.ContextTier> tiers = new ArrayList<>();
    if (random.nextBoolean()) {
      tiers.add(new PriceEntry.ContextTier(1_000, schedules(own)));
      tiers.add(new PriceEntry.ContextTier(3_000, schedules(own)));
    }
    return new PriceEntry("b", model, from, version, own, tiers);
  }

  /**
   * @param like has the classes; null if any may be
   */
  private Map<TokenClass, PriceSchedule> schedules(@Nullable Map<TokenClass, ?> like) {
    Map<TokenClass, PriceSchedule> prices = new TreeMap<>();
    for (TokenClass tokenClass : TokenClass.values()) {
      if (like == null ? random.nextInt(5) < 3 : like.containsKey(tokenClass)) {
        prices.put(
            tokenClass,
            tokenClass == TokenClass.REQUEST ? new Flat(new BigDecimal("125.5")) : schedule());
      }
    }
    return prices.isEmpty() ? Map.of(TokenClass.INPUT, schedule()) : prices;
  }

  private PriceSchedule schedule() {
    return switch (random.nextInt(6)) {
      case 0 -> new PriceSchedule.Package(1 + random.nextInt(3_000), price());
      case 1 ->
          new PriceSchedule.Graduated(
              List.of(
                  new Tier(2_000L, price()), new Tier(7_000L, price()), new Tier(null, price())));
      case 2 -> {
        // It does not fall: see EventBooks.
        BigDecimal low = price();
        yield new PriceSchedule.Volume(
            List.of(new Tier(4_000L, low), new Tier(null, low.add(price()))));
      }
      case 3 -> new PriceSchedule.Allowance(1 + random.nextInt(5_000), new Flat(price()));
      case 4 ->
          new PriceSchedule.Allowance(
              1_000,
              new PriceSchedule.Graduated(
                  List.of(new Tier(2_000L, price()), new Tier(null, price()))));
      default -> new Flat(price());
    };
  }

  /** Exact also with the plan's percentage. */
  private BigDecimal price() {
    return random.nextInt(8) == 0
        ? BigDecimal.ZERO
        : BigDecimal.valueOf(random.nextInt(300_000), 3);
  }

  private BigDecimal amount() {
    return BigDecimal.valueOf(1 + random.nextInt(3_000_000), 6).movePointLeft(random.nextInt(2));
  }

  private Instant edge() {
    Instant edge = instant().truncatedTo(ChronoUnit.MILLIS);
    edges.add(edge);
    return edge;
  }

  /** Where something happens. */
  private Instant instant() {
    Instant any = BEGIN.plusMillis(random.nextLong(Duration.between(BEGIN, LAST).toMillis()));
    return random.nextInt(3) > 0
        ? any
        : pick(edges).plus(pick(List.of(-1_000_000L, -1L, 0L, 1L, 999_999L)), ChronoUnit.NANOS);
  }

  private void use() {
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      Instant at = instant();
      if (random.nextInt(6) == 0) {
        edges.add(at.truncatedTo(ChronoUnit.MILLIS));
      }
      Usage usage =
          new Usage(
              "%032x".formatted(lines++),
              Fate.BILLED,
              "k",
              null,
              null,
              pick(List.of("a-0", "a-1", "a-12", "b-0", "c")),
              new TokenCounts(tokens(), tokens(), tokens(), tokens(), tokens()),
              at,
              at,
              NOW,
              new LineSource("h", "p"),
              0,
              "s",
              List.of(),
              null);
      machine.process(new AccountInput.UsageInput(usage));
      books.use(terms, usage);
    }
  }

  private long tokens() {
    return random.nextInt(3) == 0 ? 0 : random.nextInt(2_000);
  }

  private boolean order(Order order, Instant at) {
    Instruction instruction =
        new Instruction("c-" + asked.size(), "ann", "r", at, 1, List.of(), order, null);
    asked.add(instruction);
    return decide(instruction).accepted();
  }

  private CommandResult decide(Instruction instruction) {
    machine.process(new AccountInput.OrderInput(instruction));
    machine.collect();
    return machine.results.get(machine.results.size() - 1);
  }

  private String id() {
    return "ledger:c-" + (asked.size() - 1);
  }

  /** Now, or it has waited. */
  private Instant asked() {
    return random.nextInt(4) == 0 ? instant().truncatedTo(ChronoUnit.MILLIS) : NOW;
  }

  private void grant() {
    Instant from = random.nextBoolean() ? boundary() : null;
    Instant until = random.nextBoolean() ? boundary() : null;
    if (from != null && until != null && !from.isBefore(until)) {
      until = from.plus(1, ChronoUnit.DAYS);
    }
    boolean adjusts = from == null && until == null && random.nextBoolean();
    CreditKind kind = random.nextBoolean() ? CreditKind.GRANT : CreditKind.TOP_UP;
    BigDecimal amount = amount();
    int priority = adjusts ? Order.GrantCredit.USUAL_PRIORITY : random.nextInt(3);
    Order order =
        adjusts
            ? new Order.Adjust(ACCOUNT, amount)
            : new Order.GrantCredit(ACCOUNT, kind, amount, priority, from, until);
    // One that begins or ends in the middle of counted usage is refused, or exact.
    if (order(order, asked())) {
      books.give(
          new EventBooks.Given(
              id(), priority, adjusts ? CreditKind.ADJUSTMENT : kind, amount, from, until));
    }
  }

  private Instant boundary() {
    Instant boundary =
        random.nextInt(3) == 0
            ? instant().truncatedTo(ChronoUnit.MILLIS)
            : SpendHistory.quarterOf(instant());
    edges.add(boundary);
    return boundary;
  }

  private void debit() {
    Instant at = asked();
    BigDecimal amount = amount();
    boolean adjusts = random.nextBoolean();
    BigDecimal balance = books.balance(at);
    boolean accepted =
        order(
            adjusts ? new Order.Adjust(ACCOUNT, amount.negate()) : new Order.Debit(ACCOUNT, amount),
            at);
    assertThat(accepted)
        .isEqualTo(
            adjusts
                || terms.account().billing() == Account.Billing.POSTPAID
                || amount.compareTo(balance) <= 0);
    if (accepted) {
      books.charge(YearMonth.from(at.atZone(zone)), at, amount, id());
    }
  }

  private void reRate() {
    YearMonth month = pick(MONTHS);
    // Nobody asks for it before the month has begun.
    Instant begin = month.atDay(1).atStartOfDay(zone).toInstant();
    Instant asked = asked();
    Instant at = asked.isBefore(begin) ? begin : asked;
    BigDecimal more = amount();
    BigDecimal all = reRated.getOrDefault(month, BigDecimal.ZERO).add(more);
    Order order = new Order.ReRate(ACCOUNT, month, 0, terms.catalogVersion(), BigDecimal.ZERO, all);
    if (order(order, at)) {
      Instant last = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant().minusMillis(1);
      books.charge(month, at.isBefore(last) ? at : last, more, id());
      reRated.put(month, all);
    }
  }

  private void finalise(YearMonth month) {
    boolean known = books.isFinal(month);
    if (order(new Order.FinalizeBill(ACCOUNT, month), asked()) && !known) {
      FinalBill bill = machine.bills.get(machine.bills.size() - 1);
      assertThat(told(bill.content())).isEqualTo(books.bill(month, bill.number()));
      assertThat(bill.contentHash()).isEqualTo(bill.content().hash());
      bills++;
    }
  }

  private static String told(FinalBill.Content content) {
    Map<String, String> lines = new TreeMap<>();
    content.lines().forEach(line -> put(lines, "", line));
    content.lateLines().forEach(late -> put(lines, late.period() + " ", late.line()));
    content
        .charges()
        .forEach(
            charge -> lines.put("charge " + charge.id(), "0 " + EventBooks.plain(charge.amount())));
    Map<String, BigDecimal> uses = new TreeMap<>();
    content
        .creditsApplied()
        .forEach(use -> uses.merge(use.credit(), use.amount(), BigDecimal::add));
    return EventBooks.told(
        content.requests(), lines, uses, content.exactDue(), content.amountDue());
  }

  private static void put(Map<String, String> lines, String place, AccountState.BillLine line) {
    lines.put(
        place + line.model() + ' ' + line.tokenClass().code() + ' ' + line.priceVersion(),
        line.quantity() + " " + EventBooks.plain(line.amount()));
  }

  private void voidNewest() {
    long newest = books.newest();
    if (order(new Order.VoidBill(ACCOUNT, newest), asked())) {
      books.undo(newest);
    }
  }

  /** Prices that begin anywhere are for what comes from now on. */
  private void changeTerms() {
    List<PriceEntry> prices = new ArrayList<>(terms.prices());
    long version = terms.catalogVersion() + 1;
    prices.add(entry(pick(List.of("a-*", "c", "*")), edge(), version));
    List<Credit> credits = new ArrayList<>();
    for (Credit credit : terms.credits()) {
      BigDecimal more = random.nextBoolean() ? amount() : BigDecimal.ZERO;
      credits.add(new Credit(credit.id(), ACCOUNT, credit.amount().add(more), credit.expiresAt()));
    }
    accept(
        new AccountTerms(
            terms.account(),
            version,
            terms.plan(),
            prices,
            credits,
            List.of(),
            terms.laterPlans(),
            terms.otherBooks()));
  }

  /** A command that comes again is answered as it was, and changes nothing. */
  private void repeat() {
    if (asked.isEmpty()) {
      return;
    }
    Instruction again = pick(asked);
    CommandResult before =
        machine.results.stream()
            .filter(result -> result.id().equals(again.commandId()))
            .findFirst()
            .orElseThrow();
    machine.collect();
    int posted = machine.postings.size();
    assertThat(decide(again)).isEqualTo(before);
    assertThat(machine.postings).hasSize(posted);
  }

  private void agree() throws SQLException {
    machine.sweep();
    machine.emit();
    machine.collect();
    if (machine.summary.isNull()) {
      return;
    }
    assertThat(LandedMachine.history(machine, terms).differences()).isEmpty();
    AccountState state = machine.state();
    assertThat(state.spent()).isEqualByComparingTo(books.spent());
    assertThat(state.granted(NOW).subtract(state.spent())).isEqualByComparingTo(books.balance(NOW));
    Map<String, BigDecimal> drawn = books.drawn();
    for (CreditState credit : state.credits()) {
      assertThat(credit.drawn())
          .as(credit.id())
          .isEqualByComparingTo(drawn.getOrDefault(credit.id(), BigDecimal.ZERO));
    }
  }

  /** By the newest prices, from sums: as if all events came only now. */
  private void priceAgain(YearMonth month) {
    Instant from = month.atDay(1).atStartOfDay(zone).toInstant();
    Instant to = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    LandedUsage.Slice slice = new LandedUsage.Slice(ACCOUNT, from, to, Long.MAX_VALUE);
    List<Instant> changes =
        TotalPrice.changes(terms).stream()
            .filter(change -> change.isAfter(from) && change.isBefore(to))
            .toList();
    List<TotalPrice.Group> groups =
        new LandedEvents(machine.events, 0)
            .groups(slice, changes, TotalPrice.promptLimits(terms), Integer.MAX_VALUE);
    Map<String, String> lines = new TreeMap<>();
    TotalPrice.lines(terms, groups).forEach(line -> put(lines, "", line));
    EventBooks again = new EventBooks(zone, terms.account().currency());
    machine.events.stream()
        .map(UsageEvent::usage)
        .filter(usage -> YearMonth.from(usage.completion().atZone(zone)).equals(month))
        .forEach(usage -> again.use(terms, usage));
    assertThat(lines).isEqualTo(again.lines(month));
  }
}
