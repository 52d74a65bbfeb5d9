package dev.taximeter.api.audit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * To whom a credit note on a bill gives back. What money paid of the bill's months is due less;
 * then the credits that paid for it get back what they paid, the last one first. Nothing is given
 * back that something else has given back: a re-rating, cheaper late usage, another note.
 */
final class NoteSplit {
  private final int digits;
  private final ReplayedBill bill;
  private final List<ReplayedMonth> months;
  private final List<ReplayedCredit> credits;

  /** What credits wait to get back of months that became cheaper is below 0. */
  private final Map<String, Map<String, BigDecimal>> uses;

  /**
   * @param months those of the bill, in the order in which they give back
   * @param credits in the order in which they are drawn down
   * @param uses what would pay for what no bill has
   * @param digits of the currency behind the point
   */
  NoteSplit(
      int digits,
      ReplayedBill bill,
      List<ReplayedMonth> months,
      List<ReplayedCredit> credits,
      Map<String, Map<String, BigDecimal>> uses) {
    this.digits = digits;
    this.bill = bill;
    this.months = months;
    this.credits = credits;
    this.uses = uses;
  }

  /** Whether what the note makes less due can be paid, or owed. */
  boolean isWhole(Note note) {
    return note.lessDue().stripTrailingZeros().scale() <= digits;
  }

  /** Whether everything that the split depends on is. */
  boolean isKnown() {
    return bill.isPosted() && months.stream().allMatch(month -> month.isKnown);
  }

  /**
   * @param whole false for notes of an earlier version, which could leave a fraction of a cent due
   * @return the note of the amount, as far as so much can be given back
   */
  Note of(BigDecimal amount, boolean whole) {
    BigDecimal lessDue = lessDue(whole).min(amount);
    BigDecimal rest = amount.subtract(lessDue);
    Map<String, BigDecimal> returned = new LinkedHashMap<>();
    for (int i = credits.size() - 1; i >= 0 && rest.signum() > 0; i--) {
      BigDecimal back = most(credits.get(i).id).min(rest);
      if (back.signum() > 0) {
        returned.put(credits.get(i).id, back);
        rest = rest.subtract(back);
      }
    }
    return new Note(lessDue, returned);
  }

  /** What of the amount due is left, as far as it is money that pays for the months. */
  private BigDecimal lessDue(boolean whole) {
    BigDecimal left = bill.amountDue().subtract(bill.lessDue).max(BigDecimal.ZERO);
    BigDecimal money = BigDecimal.ZERO;
    for (ReplayedMonth month : months) {
      BigDecimal ofMonth = money(month);
      if (ofMonth == null) {
        return left;
      }
      money = money.add(ofMonth);
    }
    // What rounding added belongs to no month, and goes with the last of it.
    boolean isLast = left.compareTo(money.add(bill.roundedUp())) <= 0;
    if (isLast) {
      return left;
    }
    return whole ? money.setScale(digits, RoundingMode.DOWN) : money;
  }

  /** What bills have of the month, and nothing has given back yet; null if it is not known. */
  private static @Nullable BigDecimal worth(ReplayedMonth month) {
    BigDecimal all = month.cost.add(month.charged).add(month.kept);
    BigDecimal waits = month.unbilled().max(BigDecimal.ZERO);
    return month.isKnown ? all.subtract(waits).subtract(month.noted) : null;
  }

  /** What of that no credit pays. */
  private @Nullable BigDecimal money(ReplayedMonth month) {
    BigDecimal money = worth(month);
    if (money == null) {
      return null;
    }
    for (Map.Entry<String, BigDecimal> paid : month.paid.entrySet()) {
      BigDecimal pays = paid.getValue().add(waits(month, paid.getKey()));
      money = money.subtract(pays.max(BigDecimal.ZERO));
    }
    return money.max(BigDecimal.ZERO);
  }

  private BigDecimal waits(ReplayedMonth month, String credit) {
    return uses.getOrDefault(month.period, Map.of())
        .getOrDefault(credit, BigDecimal.ZERO)
        .min(BigDecimal.ZERO);
  }

  /** What a credit can get back: nothing while one of several months waits to give it some. */
  private BigDecimal most(String credit) {
    BigDecimal taken =
        bill.statedUses()
            .getOrDefault(credit, BigDecimal.ZERO)
            .subtract(bill.returned.getOrDefault(credit, BigDecimal.ZERO));
    BigDecimal paid = BigDecimal.ZERO;
    for (ReplayedMonth month : months) {
      BigDecimal waits = waits(month, credit);
      if (waits.signum() < 0 && months.size() > 1) {
        return BigDecimal.ZERO;
      }
      BigDecimal pays = month.paidBy(credit).add(waits);
      BigDecimal worth = worth(month);
      paid = paid.add(worth == null ? pays : pays.min(worth.max(BigDecimal.ZERO)));
    }
    return taken.min(paid);
  }

  /** Takes a note into the bill, its months and the credits. */
  void write(Note note) {
    List<BigDecimal> parts = new ArrayList<>();
    BigDecimal rest = note.lessDue();
    for (ReplayedMonth month : months) {
      BigDecimal money = money(month);
      BigDecimal part = money == null ? rest : rest.min(money);
      parts.add(part);
      rest = rest.subtract(part);
    }
    for (ReplayedCredit credit : credits) {
      BigDecimal left = note.returned().getOrDefault(credit.id, BigDecimal.ZERO);
      credit.applied = credit.applied.subtract(left);
      for (int i = 0; i < months.size(); i++) {
        BigDecimal back = months.get(i).paidBy(credit.id).min(left).max(BigDecimal.ZERO);
        months.get(i).pay(credit.id, back.negate());
        parts.set(i, parts.get(i).add(back));
        left = left.subtract(back);
      }
    }
    for (int i = 0; i < months.size(); i++) {
      months.get(i).noted = months.get(i).noted.add(parts.get(i).max(BigDecimal.ZERO));
    }
    bill.lessDue = bill.lessDue.add(note.lessDue());
    note.returned().forEach((credit, back) -> bill.returned.merge(credit, back, BigDecimal::add));
  }
}
