package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** Random histories of an account. */
final class RandomHistory {
  static final String ACCOUNT = "acme";
  static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  static final Instant NOW = Instant.parse("2026-12-20T10:00:00Z");
  static final Instant FIRST = Instant.parse("2026-09-25T00:00:00Z");
  static final Instant IN_AUGUST = Instant.parse("2026-08-20T00:00:00Z");
  static final Instant LAST = Instant.parse("2026-11-05T00:00:00Z");
  static final YearMonth AUGUST = YearMonth.of(2026, 8);
  static final YearMonth SEPTEMBER = YearMonth.of(2026, 9);
  static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  /** What happens to the account, in steps; within a step the order is free. */
  record History(AccountTerms terms, List<List<AccountInput>> steps) {}

  private final Random random;
  private int lines;
  private int commands;

  /** Whether commands may have waited: for a metering that was down, say. */
  private boolean delayed;

  /** With two digits behind the point, none, or three. */
  private final String currency;

  RandomHistory(long seed) {
    random = new Random(seed);
    currency = List.of("USD", "JPY", "KWD").get(random.nextInt(3));
  }

  History history() {
    List<List<AccountInput>> steps = new ArrayList<>();
    List<AccountInput> first = usage();
    // Without usage there would be no bill of September.
    first.add(usage(FIRST));
    for (int i = random.nextInt(3); i > 0; i--) {
      first.add(grant());
    }
    steps.add(first);
    reRate(steps, SEPTEMBER);
    steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, SEPTEMBER))));
    note(steps, 1);
    steps.add(usage());
    reRate(steps, SEPTEMBER);
    reRate(steps, OCTOBER);
    // Usage of a month before, whose bill comes between.
    boolean backfilled = random.nextInt(3) == 0;
    if (backfilled) {
      steps.add(List.of(usage(IN_AUGUST), usage(IN_AUGUST.plusSeconds(1))));
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, AUGUST))));
      reRate(steps, SEPTEMBER);
    }
    steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
    note(steps, 1);
    if (random.nextInt(3) == 0) {
      steps.add(usage());
      steps.add(List.of(order(new Order.VoidBill(ACCOUNT, backfilled ? 3 : 2))));
      steps.add(usage());
      reRate(steps, SEPTEMBER);
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
    }
    note(steps, 2);
    steps.add(usage());
    reRate(steps, OCTOBER);
    steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, NOVEMBER))));
    note(steps, 1);
    steps.add(usage());
    return new History(terms(), steps);
  }

  private void note(List<List<AccountInput>> steps, long bill) {
    if (random.nextInt(2) == 0) {
      // Some are more than is left of the bill, and refused.
      for (int digits = 0; digits < 3; digits++) {
        BigDecimal amount = noteAmount(digits);
        steps.add(List.of(order(new Order.NoteCredit(ACCOUNT, bill, amount))));
      }
    }
  }

  /** Up to a basis that the writer cannot check, so that the difference may be anything. */
  private void reRate(List<List<AccountInput>> steps, YearMonth period) {
    if (random.nextInt(2) == 0) {
      BigDecimal amount = amount().movePointLeft(random.nextInt(3));
      BigDecimal difference = random.nextInt(3) == 0 ? amount : amount.negate();
      steps.add(
          List.of(order(new Order.ReRate(ACCOUNT, period, 0, 1, BigDecimal.ZERO, difference))));
    }
  }

  /**
   * A longer history of all kinds, in no order but its own: bills of four months, notes on any of
   * them, voids, re-ratings, debits, credits that come, go and are lowered.
   */
  List<AccountInput> eventful() {
    delayed = true;
    List<AccountInput> inputs = new ArrayList<>(usage());
    inputs.add(usage(FIRST));
    AccountTerms terms = terms();
    inputs.add(0, new AccountInput.TermsInput(terms));
    YearMonth next = SEPTEMBER;
    for (int i = 15 + random.nextInt(30); i > 0; i--) {
      switch (random.nextInt(14)) {
        case 0, 1 -> inputs.addAll(usage());
        case 2 -> inputs.add(usage(IN_AUGUST.plusSeconds(random.nextInt(1_000))));
        case 3 -> inputs.add(grant());
        case 4 -> inputs.add(debit());
        case 5 -> {
          terms = changed(terms);
          inputs.add(new AccountInput.TermsInput(terms));
        }
        case 6 -> inputs.add(order(new Order.VoidBill(ACCOUNT, 1 + random.nextInt(5))));
        case 7, 8 -> {
          inputs.add(order(new Order.FinalizeBill(ACCOUNT, next)));
          next =
              switch (random.nextInt(5)) {
                case 0 -> AUGUST;
                case 1 -> SEPTEMBER;
                default -> next.isBefore(NOVEMBER) ? next.plusMonths(1) : NOVEMBER;
              };
        }
        case 9 -> inputs.add(reRating(terms));
        case 10 -> {
          // What a note gave back, the month may give back once more.
          inputs.add(note());
          inputs.add(reRating(terms));
        }
        default -> inputs.add(note());
      }
    }
    return inputs;
  }

  private AccountInput note() {
    BigDecimal amount = noteAmount(random.nextInt(4));
    return order(new Order.NoteCredit(ACCOUNT, 1 + random.nextInt(4), amount));
  }

  /** Fractions of a cent can only go back to credits. */
  private BigDecimal noteAmount(int digits) {
    BigDecimal amount = amount().movePointLeft(digits);
    int minor = Currency.getInstance(currency).getDefaultFractionDigits();
    return random.nextInt(3) == 0 ? amount : amount.setScale(minor, RoundingMode.UP);
  }

  private AccountInput reRating(AccountTerms terms) {
    YearMonth period = AUGUST.plusMonths(random.nextInt(5) % 4);
    BigDecimal amount = amount().movePointLeft(random.nextInt(3));
    BigDecimal difference = random.nextInt(4) == 0 ? amount : amount.negate();
    return order(
        new Order.ReRate(ACCOUNT, period, 0, terms.catalogVersion(), BigDecimal.ZERO, difference));
  }

  /** In any month. */
  private AccountInput debit() {
    BigDecimal amount = amount().movePointLeft(random.nextInt(3));
    Order order =
        random.nextBoolean()
            ? new Order.Debit(ACCOUNT, amount)
            : new Order.Adjust(ACCOUNT, random.nextBoolean() ? amount : amount.negate());
    return order(order, instant());
  }

  /** Credits of the catalogue are raised and lowered; that some have been drawn is no matter. */
  private AccountTerms changed(AccountTerms terms) {
    List<Credit> credits =
        terms.credits().stream()
            .map(
                credit ->
                    new Credit(
                        credit.id(),
                        ACCOUNT,
                        random.nextBoolean()
                            ? amount().movePointLeft(random.nextInt(3))
                            : credit.amount(),
                        credit.expiresAt()))
            .collect(Collectors.toCollection(ArrayList::new));
    if (random.nextInt(3) == 0) {
      // Over when it comes, in the middle of a quarter of an hour that may have been used.
      Instant end = random.nextInt(3) > 0 ? edge() : instant();
      credits.add(new Credit("over-" + commands++, ACCOUNT, amount(), end));
    }
    return new AccountTerms(
        terms.account(),
        terms.catalogVersion() + 1,
        terms.plan(),
        terms.prices(),
        credits,
        List.of());
  }

  AccountTerms terms() {
    PriceSchedule tiers =
        new PriceSchedule.Graduated(
            List.of(
                new PriceSchedule.Tier(5_000L, new BigDecimal("100")),
                new PriceSchedule.Tier(null, new BigDecimal("33.333333"))));
    PriceEntry tiered =
        new PriceEntry("b", "t-*", Instant.EPOCH, 1, Map.of(TokenClass.INPUT, tiers));
    PriceSchedule falls =
        new PriceSchedule.Volume(
            List.of(
                new PriceSchedule.Tier(6_000L, new BigDecimal("150")),
                new PriceSchedule.Tier(null, new BigDecimal("20"))));
    PriceEntry volume =
        new PriceEntry("b", "v-*", Instant.EPOCH, 1, Map.of(TokenClass.INPUT, falls));
    PriceEntry flat =
        new PriceEntry(
            "b",
            "*",
            Instant.EPOCH,
            1,
            Map.of(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal("12.5"))));
    List<Credit> credits = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      // Known before the usage, hence to the millisecond.
      credits.add(
          new Credit("credit-" + i, ACCOUNT, amount(), random.nextBoolean() ? instant() : null));
    }
    return new AccountTerms(
        new Account(ACCOUNT, "A", currency, ZONE, "p"),
        1,
        new Plan("p", "b", new BigDecimal("0.0001"), 1),
        List.of(tiered, volume, flat),
        credits,
        List.of());
  }

  private BigDecimal amount() {
    return BigDecimal.valueOf(1 + random.nextInt(3_000_000), 6);
  }

  private Instant instant() {
    return FIRST.plusMillis(random.nextLong(Duration.between(FIRST, LAST).toMillis()));
  }

  /** Among usage that may have come already: full quarters. */
  private AccountInput grant() {
    Instant from = random.nextBoolean() ? SpendHistory.quarterOf(instant()) : null;
    Instant to =
        random.nextBoolean() ? SpendHistory.quarterOf(instant()).plus(7, ChronoUnit.DAYS) : null;
    boolean ordered = from == null || to == null || from.isBefore(to);
    return order(
        new Order.GrantCredit(
            ACCOUNT,
            random.nextBoolean() ? CreditKind.GRANT : CreditKind.TOP_UP,
            amount(),
            random.nextInt(3),
            ordered ? from : null,
            to));
  }

  private AccountInput order(Order order) {
    return order(order, delayed && random.nextInt(4) == 0 ? instant() : NOW);
  }

  private AccountInput order(Order order, Instant at) {
    return new AccountInput.OrderInput(
        new Instruction("c-" + commands++, "ann", "r", at, 1, List.of(), order, null));
  }

  private List<AccountInput> usage() {
    List<AccountInput> usage = new ArrayList<>();
    for (int i = random.nextInt(25); i > 0; i--) {
      usage.add(usage(random.nextInt(8) == 0 ? edge() : instant()));
    }
    return usage;
  }

  private AccountInput usage(Instant completion) {
    return new AccountInput.UsageInput(
        new Usage(
            "%032x".formatted(lines++),
            Fate.BILLED,
            "k",
            null,
            null,
            List.of("t-", "v-", "m-").get(random.nextInt(3)) + random.nextInt(3),
            new TokenCounts(random.nextInt(4_000), 0, 0, 0, 0),
            completion,
            completion,
            NOW,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null));
  }

  private Instant edge() {
    return OCTOBER.atDay(1).atStartOfDay(ZONE).toInstant().plusMillis(random.nextInt(3) - 1);
  }
}
