package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.CreditUse;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which credits pay for what is not billed: in the order of completion, each part takes from the
 * credits that cover it. Before that, billed months that have become cheaper give back to the
 * credits that paid for them, but never to a month that may get its bill before them: what a bill
 * draws must not be what another one has yet to give back. A pure function of totals, so that the
 * order of arrival does not matter.
 */
public final class Draws {
  private final Map<YearMonth, Map<String, BigDecimal>> byPeriod = new LinkedHashMap<>();
  private final Map<String, BigDecimal> byCredit = new LinkedHashMap<>();

  /** What the account itself was billed and gets back takes from what follows: 0 or below. */
  private BigDecimal below = BigDecimal.ZERO;

  private Draws() {}

  /**
   * What is left of a credit while it is being matched. Below 0 if bills took more than a credit of
   * the catalogue has been lowered to: what comes back makes up for that first.
   */
  private static final class Open {
    private final Credit credit;
    private BigDecimal left;

    Open(Credit credit) {
      this.credit = credit;
      this.left = credit.amount().subtract(credit.applied());
    }
  }

  static Draws of(Collection<Credit> credits, Map<YearMonth, PeriodBook> periods) {
    List<Open> open = credits.stream().sorted(Credit.DRAW_DOWN_ORDER).map(Open::new).toList();
    Draws draws = new Draws();
    TreeMap<YearMonth, TreeMap<Instant, BigDecimal>> together = new TreeMap<>();
    for (Map.Entry<YearMonth, PeriodBook> period : new TreeMap<>(periods).entrySet()) {
      PeriodBook before = periods.get(period.getKey().minusMonths(1));
      if (before == null || !before.isFinal()) {
        // The month before may be billed on its own; final ones only together with this one.
        draws.payAll(together, open);
        together.clear();
      }
      together.put(period.getKey(), draws.giveBack(period.getKey(), period.getValue(), open));
    }
    draws.payAll(together, open);
    return draws;
  }

  /**
   * A billed month that has become cheaper gives back to the credits that paid for it, to the last
   * one first: what was given for nothing must not become money that is owed to the account.
   *
   * @return what is left to be paid; one part below 0 if the account itself was billed for what it
   *     gets back
   */
  private TreeMap<Instant, BigDecimal> giveBack(
      YearMonth period, PeriodBook book, List<Open> open) {
    TreeMap<Instant, BigDecimal> due = book.due();
    BigDecimal sum = due.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    if (sum.signum() >= 0) {
      return due;
    }
    BigDecimal back = sum.negate();
    for (int i = open.size() - 1; i >= 0 && back.signum() > 0; i--) {
      Open credit = open.get(i);
      BigDecimal paid = book.paid.getOrDefault(credit.credit.id(), BigDecimal.ZERO);
      BigDecimal returned = paid.min(back).max(BigDecimal.ZERO);
      credit.left = credit.left.add(returned);
      back = back.subtract(returned);
      add(period, credit.credit.id(), returned.negate());
    }
    TreeMap<Instant, BigDecimal> left = new TreeMap<>();
    left.put(due.firstKey(), back.negate());
    return left;
  }

  private void payAll(TreeMap<YearMonth, TreeMap<Instant, BigDecimal>> periods, List<Open> open) {
    periods.forEach(
        (period, due) ->
            due.forEach(
                (from, cost) -> {
                  BigDecimal left = cost.add(below);
                  below = left.min(BigDecimal.ZERO);
                  pay(period, from, left, open);
                }));
  }

  private void pay(YearMonth period, Instant from, BigDecimal cost, List<Open> open) {
    BigDecimal due = cost;
    for (Open credit : open) {
      if (due.signum() <= 0) {
        return;
      }
      if (credit.left.signum() > 0 && credit.credit.covers(from)) {
        BigDecimal paid = credit.left.min(due);
        credit.left = credit.left.subtract(paid);
        due = due.subtract(paid);
        add(period, credit.credit.id(), paid);
      }
    }
  }

  private void add(YearMonth period, String credit, BigDecimal amount) {
    if (amount.signum() == 0) {
      return;
    }
    byPeriod
        .computeIfAbsent(period, first -> new LinkedHashMap<>())
        .merge(credit, amount, BigDecimal::add);
    byCredit.merge(credit, amount, BigDecimal::add);
  }

  /** What is drawn of a credit beyond what final bills took; below 0 if it gets something back. */
  BigDecimal of(String credit) {
    return byCredit.getOrDefault(credit, BigDecimal.ZERO);
  }

  /** What pays for the unbilled part of a month. */
  public List<CreditUse> of(YearMonth period) {
    return uses(byPeriod.getOrDefault(period, Map.of()));
  }

  /** What pays for the unbilled parts of several months together. */
  List<CreditUse> of(Collection<YearMonth> periods) {
    Map<String, BigDecimal> sums = new LinkedHashMap<>();
    for (YearMonth period : periods) {
      byPeriod
          .getOrDefault(period, Map.of())
          .forEach((credit, amount) -> sums.merge(credit, amount, BigDecimal::add));
    }
    return uses(sums);
  }

  private static List<CreditUse> uses(Map<String, BigDecimal> amounts) {
    return amounts.entrySet().stream()
        .filter(entry -> entry.getValue().signum() != 0)
        .map(entry -> new CreditUse(entry.getKey(), entry.getValue()))
        .toList();
  }
}
