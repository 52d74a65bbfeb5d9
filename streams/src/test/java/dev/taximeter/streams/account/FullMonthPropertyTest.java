package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;
import static dev.taximeter.streams.account.RandomHistory.NOVEMBER;
import static dev.taximeter.streams.account.RandomHistory.NOW;
import static dev.taximeter.streams.account.RandomHistory.OCTOBER;
import static dev.taximeter.streams.account.RandomHistory.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.ShownBill;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Months with about as many models as they have lines for, and more: which of them came first is
 * seen on no bill, nor on any preview.
 */
class FullMonthPropertyTest {
  private static final PriceSchedule CHEAP = new PriceSchedule.Flat(new BigDecimal("12.5"));
  private static final PriceSchedule DEAR = new PriceSchedule.Flat(new BigDecimal("99.123456"));
  private static final PriceSchedule FALLING =
      new PriceSchedule.Volume(
          List.of(
              new PriceSchedule.Tier(60_000L, new BigDecimal("150")),
              new PriceSchedule.Tier(null, new BigDecimal("20"))));

  private static final AccountTerms TERMS =
      new AccountTerms(
          new Account(ACCOUNT, "A", "USD", ZONE, "p"),
          1,
          new Plan("p", "b", new BigDecimal("0.0001"), 1, new BigDecimal("-20"), null),
          List.of(
              entry("*", Map.of(TokenClass.INPUT, CHEAP, TokenClass.OUTPUT, DEAR)),
              entry("v-*", Map.of(TokenClass.INPUT, FALLING, TokenClass.OUTPUT, DEAR)),
              // Matches itself only.
              entry("exact:1", Map.of(TokenClass.INPUT, DEAR, TokenClass.OUTPUT, CHEAP))),
          List.of(),
          List.of());

  private static PriceEntry entry(String model, Map<TokenClass, PriceSchedule> prices) {
    return new PriceEntry("b", model, Instant.EPOCH, 1, prices);
  }

  private final List<List<AccountInput>> steps = new ArrayList<>();
  private Random random = new Random(0);
  private int lines;
  private int commands;

  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void whichModelsCameFirstIsSeenOnNoBill(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    history(seed);
    List<String> one = run(new Random(seed));
    List<String> other = run(new Random(seed + 1));
    assertThat(other).isEqualTo(one);
  }

  private void history(long seed) {
    random = new Random(seed);
    steps.clear();
    // Of two classes, so that the month is full with half as many.
    steps.add(usage(OCTOBER, 300 + random.nextInt(500)));
    steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
    List<AccountInput> more = usage(NOVEMBER, 400 + random.nextInt(300));
    more.addAll(usage(OCTOBER, random.nextInt(400)));
    steps.add(more);
    steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, NOVEMBER))));
    boolean voided = random.nextBoolean();
    if (voided) {
      steps.add(usage(OCTOBER, random.nextInt(200)));
      steps.add(List.of(order(new Order.VoidBill(ACCOUNT, 2))));
      if (random.nextBoolean()) {
        steps.add(List.of(order(new Order.VoidBill(ACCOUNT, 1))));
        steps.add(usage(OCTOBER, random.nextInt(100)));
        steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
      }
      steps.add(usage(NOVEMBER, random.nextInt(200)));
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, NOVEMBER))));
    }
    steps.add(usage(NOVEMBER, random.nextInt(200)));
  }

  /** {@return bills and previews, in order} */
  private List<String> run(Random order) throws SQLException {
    MoneyMachine machine = new MoneyMachine();
    machine.process(new AccountInput.TermsInput(TERMS));
    List<String> seen = new ArrayList<>();
    for (List<AccountInput> step : steps) {
      List<AccountInput> shuffled = new ArrayList<>(step);
      Collections.shuffle(shuffled, order);
      YearMonth month = shuffled.size() == 1 ? finalised(shuffled.get(0)) : null;
      String preview = month == null ? "" : preview(machine, month);
      int made = machine.bills.size();
      shuffled.forEach(machine::process);
      machine.sweep();
      machine.collect();
      if (month != null && machine.bills.size() > made) {
        FinalBill bill = machine.bills.get(machine.bills.size() - 1);
        assertThat(ShownBill.of(bill, NOW)).isEqualTo(preview);
        tell(bill);
      }
      if (order.nextInt(4) == 0) {
        machine.crash();
      }
    }
    machine.emit();
    machine.collect();
    for (YearMonth month : List.of(OCTOBER, NOVEMBER, NOVEMBER.plusMonths(1))) {
      seen.add(ShownBill.preview(machine.state(), month, NOW));
    }
    assertThat(LandedMachine.history(machine, TERMS).differences()).isEmpty();
    machine.bills.forEach(bill -> seen.add(Json.MAPPER.writeValueAsString(bill)));
    return seen;
  }

  /** Bills of both kinds, and months that were filled by what came late. */
  private static void tell(FinalBill bill) {
    Statistics.label("models").collect(ofModels(bill.content().lines()));
    List<BillLine> late =
        bill.content().lateLines().stream().map(FinalBill.LateLine::line).toList();
    if (!late.isEmpty()) {
      Statistics.label("late models").collect(ofModels(late));
    }
  }

  private static boolean ofModels(List<BillLine> lines) {
    return lines.stream().anyMatch(line -> line.model().startsWith("m-"));
  }

  private static String preview(MoneyMachine machine, YearMonth month) {
    machine.emit();
    machine.collect();
    return ShownBill.preview(machine.state(), month, NOW);
  }

  private static @Nullable YearMonth finalised(AccountInput input) {
    return input instanceof AccountInput.OrderInput order
            && order.instruction().order() instanceof Order.FinalizeBill bill
        ? bill.period()
        : null;
  }

  private AccountInput order(Order order) {
    return new AccountInput.OrderInput(
        new Instruction("c-" + commands++, "ann", "r", NOW, 1, List.of(), order, null));
  }

  /** Of so many models, some of them known. */
  private List<AccountInput> usage(YearMonth month, int models) {
    List<AccountInput> usage = new ArrayList<>();
    Instant start = month.atDay(1).atStartOfDay(ZONE).toInstant();
    for (int i = 0; i < models; i++) {
      String model =
          switch (random.nextInt(20)) {
            case 0 -> "exact:1";
            case 1 -> "*";
            case 2 -> "v-" + random.nextInt(30);
            default -> "m-" + random.nextInt(3_000);
          };
      Instant at = start.plus(Duration.ofSeconds(random.nextInt(2_000_000)));
      if (at.isBefore(NOW)) {
        usage.add(usage(model, at));
      }
    }
    return usage;
  }

  private AccountInput usage(String model, Instant completion) {
    return new AccountInput.UsageInput(
        new Usage(
            "%032x".formatted(lines++),
            Fate.BILLED,
            "k",
            null,
            null,
            model,
            new TokenCounts(1 + random.nextInt(500), 0, 0, 1 + random.nextInt(50), 0),
            completion,
            completion,
            NOW,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null));
  }
}
