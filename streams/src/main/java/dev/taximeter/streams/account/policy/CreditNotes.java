package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What of a final bill can still be given back, and to whom: first less is due, then the credits
 * that paid for it get back what they paid, the last one drawn first. So a promotion is a promotion
 * again and never money. What re-ratings, late usage and other notes gave back is not given back
 * once more. Pure.
 */
public final class CreditNotes {
  private CreditNotes() {}

  /**
   * What is left of a bill.
   *
   * @param amount what can be given back in all; may be less than the parts together
   * @param due how much less can be due
   * @param credits how much each credit can get back, in the order in which they do
   */
  public record Left(BigDecimal amount, BigDecimal due, List<CreditUse> credits) {
    public Left {
      credits = List.copyOf(credits);
    }

    /**
     * @param note at most {@link #amount}
     * @return which credits get back how much of it
     */
    public List<CreditUse> returned(BigDecimal note) {
      List<CreditUse> returned = new ArrayList<>();
      BigDecimal rest = note.subtract(due.min(note));
      for (CreditUse credit : credits) {
        BigDecimal back = credit.amount().min(rest);
        if (back.signum() > 0) {
          returned.add(new CreditUse(credit.credit(), back, credit.kind(), credit.reason()));
          rest = rest.subtract(back);
        }
      }
      return returned;
    }

    /** What to tell who asked for more. */
    public String refusal(FinalBill bill, BigDecimal asked) {
      FinalBill.Content content = bill.content();
      String currency = content.currency();
      String most =
          amount.signum() == 0
              ? "nothing is left to be credited"
              : "at most %s %s can be credited".formatted(Decimals.plain(amount), currency);
      BigDecimal billed = content.exactTotal().add(content.lateTotal()).add(content.chargesTotal());
      return "of bill %d, %s %s in all, %s, not %s: credit notes on it gave %s back, %s is due, and re-ratings and cheaper late usage count, too; to give the account more than it was billed, grant a credit or post an adjustment"
          .formatted(
              content.number(),
              Decimals.plain(billed),
              currency,
              most,
              Decimals.plain(asked),
              Decimals.plain(bill.notedTotal()),
              Decimals.plain(bill.leftDue()));
    }
  }

  public static Left left(Wallet wallet, FinalBill bill) {
    List<YearMonth> months = months(bill.content());
    BigDecimal due = bill.leftDue().max(BigDecimal.ZERO);
    Draws draws = wallet.draws();
    List<CreditUse> credits = new ArrayList<>();
    List<Credit> order =
        wallet.credits().stream().sorted(Credit.DRAW_DOWN_ORDER.reversed()).toList();
    BigDecimal parts = due;
    for (Credit credit : order) {
      BigDecimal back = left(credit, wallet, bill, months, draws);
      if (back.signum() > 0) {
        credits.add(new CreditUse(credit.id(), back, credit.kind(), credit.reason()));
        parts = parts.add(back);
      }
    }
    BigDecimal bound = creditable(wallet, bill, months, parts);
    return new Left(Decimals.canonical(parts.min(bound)), due, credits);
  }

  /** What the bill took of a credit, less what the credit has got back or waits to get back. */
  private static BigDecimal left(
      Credit credit, Wallet wallet, FinalBill bill, List<YearMonth> months, Draws draws) {
    BigDecimal taken =
        bill.content().creditsApplied().stream()
            .filter(use -> use.credit().equals(credit.id()))
            .map(CreditUse::amount)
            .reduce(BigDecimal.ZERO, BigDecimal::add)
            .subtract(bill.returnedTo(credit.id()));
    BigDecimal paid = BigDecimal.ZERO;
    for (YearMonth month : months) {
      PeriodBook book = wallet.periods().get(month);
      if (book != null) {
        BigDecimal waits =
            draws.of(month).stream()
                .filter(use -> use.credit().equals(credit.id()))
                .map(use -> use.amount().min(BigDecimal.ZERO))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        paid = paid.add(book.paid.getOrDefault(credit.id(), BigDecimal.ZERO)).add(waits);
      }
    }
    return taken.min(paid).max(BigDecimal.ZERO);
  }

  /** What of the bill's months nothing has given back; all of it where that is not known. */
  private static BigDecimal creditable(
      Wallet wallet, FinalBill bill, List<YearMonth> months, BigDecimal all) {
    FinalBill.Content content = bill.content();
    // Rounding is due, and of no month.
    BigDecimal sum = content.amountDue().subtract(content.exactDue()).max(BigDecimal.ZERO);
    for (YearMonth month : months) {
      PeriodBook book = wallet.periods().get(month);
      BigDecimal creditable = book == null ? BigDecimal.ZERO : book.creditable();
      if (creditable == null) {
        return all;
      }
      sum = sum.add(creditable.max(BigDecimal.ZERO));
    }
    return sum;
  }

  /** The bill's own month, then the others that stand on it, the latest first. */
  static List<YearMonth> months(FinalBill.Content content) {
    TreeSet<YearMonth> others = new TreeSet<>();
    content.lateLines().forEach(late -> others.add(late.period()));
    ZoneId zone = ZoneId.of(content.zone());
    content
        .charges()
        .forEach(
            charge ->
                others.add(
                    charge.period() == null
                        ? YearMonth.from(charge.at().atZone(zone))
                        : charge.period()));
    others.remove(content.period());
    List<YearMonth> months = new ArrayList<>();
    months.add(content.period());
    months.addAll(others.descendingSet());
    return months;
  }

  public static List<Entry> entries(FinalBill bill, BigDecimal lessDue, List<CreditUse> returned) {
    List<Entry> entries = new ArrayList<>();
    BigDecimal sum = lessDue;
    if (lessDue.signum() != 0) {
      entries.add(new Entry(LedgerAccount.RECEIVABLE, bill.period(), null, lessDue.negate()));
    }
    for (CreditUse use : returned) {
      sum = sum.add(use.amount());
      entries.add(
          new Entry(LedgerAccount.CREDITS, bill.period(), use.credit(), use.amount().negate()));
    }
    entries.add(0, new Entry(LedgerAccount.ADJUSTMENTS, bill.period(), null, sum));
    return entries;
  }

  /** Takes a note into the wallet: into credits, and into the months that it gives back of. */
  public static void write(
      Wallet wallet, FinalBill bill, ZoneId zone, BigDecimal amount, List<CreditUse> returned) {
    List<YearMonth> months = months(bill.content());
    returned.forEach(use -> wallet.giveBack(use, months));
    BigDecimal rest = amount;
    for (YearMonth month : months) {
      PeriodBook book = wallet.period(month);
      BigDecimal creditable = book.creditable();
      BigDecimal part = creditable == null ? rest : rest.min(creditable.max(BigDecimal.ZERO));
      if (part.signum() > 0) {
        book.noted = book.noted.add(part);
        book.end = Billing.end(month, zone).minusMillis(1);
        rest = rest.subtract(part);
      }
    }
    wallet.noted = wallet.noted.add(amount);
    wallet.notes++;
  }
}
