package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;
import static dev.taximeter.streams.account.RandomHistory.AUGUST;
import static dev.taximeter.streams.account.RandomHistory.NOW;
import static dev.taximeter.streams.account.RandomHistory.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.LandedMoney;
import dev.taximeter.api.bills.ShownBill;
import dev.taximeter.api.catalog.PriceVersions;
import dev.taximeter.api.clickhouse.ClickHouseLandedMoney;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;

/**
 * Whatever has come since, credits that have left the account's state among it: what was shown of a
 * month is shown again to who asks for it as it was known.
 */
class KnownBillsPropertyTest {
  private static final List<YearMonth> MONTHS =
      List.of(AUGUST, AUGUST.plusMonths(1), AUGUST.plusMonths(2), AUGUST.plusMonths(3));

  /** Earlier moments of a history that are asked for. */
  private static final int MOST_LOOKS = 6;

  /** What somebody saw. */
  private record Seen(LandedMoney.Moment moment, Map<YearMonth, String> bills) {}

  private Life life = new Life();
  private List<Seen> seen = new ArrayList<>();

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void whatWasShownIsShownAgain(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    // One instance makes all tries.
    life = new Life();
    seen = new ArrayList<>();
    life.live(seed, this::look);
    // With all of their usage billed, credits that paid for it may leave.
    MONTHS.forEach(this::finalise);
    life.machine.sweep();
    life.look(this::look);
    AccountState state = life.machine.state();
    Set<String> listed = state.credits().stream().map(CreditState::id).collect(Collectors.toSet());
    Collections.shuffle(seen, new Random(seed));
    for (Seen each : seen.subList(0, Math.min(MOST_LOOKS, seen.size()))) {
      LandedMoney money = landed(each.moment);
      LandedEvents usage = new LandedEvents(life.machine.events, each.moment.sequence());
      for (YearMonth month : MONTHS) {
        assertThat(ShownBill.known(state, bills(), prices(), usage, money, month, NOW))
            .isEqualTo(each.bills.get(month));
      }
      boolean gone =
          money.known(ACCOUNT, ZONE, each.moment).uses().values().stream()
              .anyMatch(uses -> uses.stream().anyMatch(use -> !listed.contains(use.credit())));
      Statistics.label("paid by what is over").collect(gone);
    }
    Statistics.label("paid by what is over")
        .coverage(coverage -> coverage.check(true).count(count -> count > 20));
  }

  private void finalise(YearMonth month) {
    life.machine.process(
        new AccountInput.OrderInput(
            new Instruction(
                "last " + month,
                "ann",
                "",
                NOW,
                1,
                List.of(),
                new Order.FinalizeBill(ACCOUNT, month),
                null)));
  }

  private void look() {
    AccountState state = life.machine.state();
    Map<YearMonth, String> shown = new TreeMap<>();
    MONTHS.forEach(month -> shown.put(month, ShownBill.now(state, bills(), prices(), month, NOW)));
    seen.add(new Seen(new LandedMoney.Moment(state.sequence(), state.books().postings()), shown));
  }

  /** Each as it was sent last. */
  private List<FinalBill> bills() {
    Map<Long, FinalBill> newest = new TreeMap<>();
    life.machine.bills.forEach(bill -> newest.put(bill.number(), bill));
    return List.copyOf(newest.values());
  }

  private PriceVersions prices() {
    PriceVersions prices = new PriceVersions();
    prices.add(
        record(
            new CatalogRecord.Resource.OfPriceBook(
                new PriceBook("b", life.terms.account().currency(), life.terms.prices()))));
    prices.add(record(new CatalogRecord.Resource.OfPlan(life.terms.plan())));
    return prices;
  }

  private static CatalogRecord record(CatalogRecord.Resource resource) {
    return new CatalogRecord("", 1, "", "", "", NOW, true, resource);
  }

  private LandedMoney landed(LandedMoney.Moment then) {
    return new LandedMoney() {
      @Override
      public boolean isComplete(String account, AccountState.Books books) {
        return true;
      }

      @Override
      public Moment moment(String account, long settled, Instant at) {
        return then;
      }

      @Override
      public Known known(String account, ZoneId zone, Moment moment) {
        try {
          return ClickHouseLandedMoney.known(
              LandedMachine.history(life.machine, life.terms, moment.sequence(), moment.posting())
                  .then(),
              zone);
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }
}
