package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.CreditUse;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which credits pay for what is not billed: in the order of completion, each part takes from the
 * credits that cover it. A pure function of totals, so that the order of arrival does not matter.
 */
public final class Draws {
  private final Map<YearMonth, Map<String, BigDecimal>> byPeriod = new LinkedHashMap<>();
  private final Map<String, BigDecimal> byCredit = new LinkedHashMap<>();

  private Draws() {}

  /** What is left of a credit while it is being matched. */
  private static final class Open {
    private final Credit credit;
    private BigDecimal left;

    Open(Credit credit) {
      this.credit = credit;
      this.left = credit.amount().subtract(credit.applied()).max(BigDecimal.ZERO);
    }
  }

  static Draws of(Collection<Credit> credits, Map<YearMonth, PeriodBook> periods) {
    List<Open> open = new ArrayList<>();
    credits.stream()
        .sorted(Credit.DRAW_DOWN_ORDER)
        .map(Open::new)
        .filter(credit -> credit.left.signum() > 0)
        .forEach(open::add);
    Draws draws = new Draws();
    // What re-ratings give back beyond the cost of their month takes from what follows.
    BigDecimal below = BigDecimal.ZERO;
    for (Map.Entry<YearMonth, PeriodBook> period : periods.entrySet()) {
      for (Map.Entry<Instant, BigDecimal> part : period.getValue().due().entrySet()) {
        BigDecimal cost = part.getValue().add(below);
        below = cost.min(BigDecimal.ZERO);
        draws.pay(period.getKey(), part.getKey(), cost, open);
      }
    }
    return draws;
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
    byPeriod
        .computeIfAbsent(period, first -> new LinkedHashMap<>())
        .merge(credit, amount, BigDecimal::add);
    byCredit.merge(credit, amount, BigDecimal::add);
  }

  /** What is drawn of a credit, beyond what final bills took. */
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
        .map(entry -> new CreditUse(entry.getKey(), entry.getValue()))
        .toList();
  }
}
