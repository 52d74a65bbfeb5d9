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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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
   * @param amount what can be given back in all: the parts together
   * @param due how much less can be due: what is left of it is whole minor units of the currency
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
      // What is due is rounded: notes give that back, and not the exact sum of the lines.
      BigDecimal billed = content.amountDue().add(content.creditsTotal());
      boolean isRounded = content.amountDue().compareTo(content.exactDue()) != 0;
      return "of bill %d, %s %s in all%s, %s, not %s: credit notes on it gave %s back, %s is due, and re-ratings and cheaper late usage count, too; to give the account more than it was billed, grant a credit or post an adjustment"
          .formatted(
              content.number(),
              Decimals.plain(billed),
              currency,
              isRounded ? " with its rounding" : "",
              most,
              Decimals.plain(asked),
              Decimals.plain(bill.notedTotal()),
              Decimals.plain(bill.leftDue()));
    }
  }

  public static Left left(Wallet wallet, FinalBill bill) {
    List<YearMonth> months = months(bill.content());
    Draws draws = wallet.draws();
    BigDecimal due = due(wallet, bill, months, draws);
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
    return new Left(Decimals.canonical(parts), due, credits);
  }

  /** How much less can be due: what money is to pay of the months, and credits do not. */
  private static BigDecimal due(
      Wallet wallet, FinalBill bill, List<YearMonth> months, Draws draws) {
    BigDecimal left = bill.leftDue().max(BigDecimal.ZERO);
    BigDecimal cash = BigDecimal.ZERO;
    for (YearMonth month : months) {
      BigDecimal ofMonth = cash(wallet, month, draws);
      if (ofMonth == null) {
        return left;
      }
      cash = cash.add(ofMonth);
    }
    // Rounding is due, and of no month: it goes with the last of what is due.
    FinalBill.Content content = bill.content();
    BigDecimal rounding = content.amountDue().subtract(content.exactDue()).max(BigDecimal.ZERO);
    return left.subtract(cash).compareTo(rounding) <= 0
        ? left
        : Decimals.roundedDown(cash, content.currency());
  }

  /**
   * What is due is money, and nobody can pay a fraction of a cent: a note makes whole minor units
   * less due. What goes back to credits is exact, as what they paid.
   *
   * @return why the note would leave something else due; null if it would not
   */
  public static @Nullable String fraction(FinalBill bill, Left left, BigDecimal amount) {
    BigDecimal lessDue = left.due().min(amount);
    String currency = bill.content().currency();
    BigDecimal stays = bill.leftDue().subtract(lessDue);
    if (lessDue.signum() == 0 || Decimals.rounded(stays, currency).compareTo(stays) == 0) {
      return null;
    }
    BigDecimal less = Decimals.roundedDown(lessDue, currency);
    BigDecimal more = left.due().min(less.add(Decimals.minorUnit(currency)));
    String choice =
        less.signum() == 0
            ? Decimals.plain(more)
            : Decimals.plain(less) + " or " + Decimals.plain(more);
    return "a credit note makes whole minor units of %s less due, and %s would be due after one of %s; write one of %s"
        .formatted(currency, Decimals.plain(stays), Decimals.plain(amount), choice);
  }

  /** What of a month nothing has given back and no credit pays; null if that is not known. */
  private static @Nullable BigDecimal cash(Wallet wallet, YearMonth month, Draws draws) {
    PeriodBook book = wallet.periods().get(month);
    if (book == null) {
      return BigDecimal.ZERO;
    }
    BigDecimal cash = book.creditable();
    if (cash == null) {
      return null;
    }
    for (Map.Entry<String, BigDecimal> paid : book.paid.entrySet()) {
      BigDecimal kept = paid.getValue().add(waits(draws, month, paid.getKey()));
      cash = cash.subtract(kept.max(BigDecimal.ZERO));
    }
    return cash.max(BigDecimal.ZERO);
  }

  /** What a credit is to get back on the month's next bill, below 0. */
  private static BigDecimal waits(Draws draws, YearMonth month, String credit) {
    return draws.of(month).stream()
        .filter(use -> use.credit().equals(credit))
        .map(use -> use.amount().min(BigDecimal.ZERO))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /**
   * What the bill took of a credit, less what the credit has got back. Of several months nothing
   * can be told apart while one of them waits to give back: the next bill comes first.
   */
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
      BigDecimal waits = waits(draws, month, credit.id());
      if (waits.signum() < 0 && months.size() > 1) {
        return BigDecimal.ZERO;
      }
      if (book != null) {
        BigDecimal ofMonth = book.paid.getOrDefault(credit.id(), BigDecimal.ZERO).add(waits);
        BigDecimal creditable = book.creditable();
        paid =
            paid.add(creditable == null ? ofMonth : ofMonth.min(creditable.max(BigDecimal.ZERO)));
      }
    }
    return taken.min(paid).max(BigDecimal.ZERO);
  }

  /** The bill's own month, then the others that stand on it, the latest first. */
  public static List<YearMonth> months(FinalBill.Content content) {
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
    Draws draws = wallet.draws();
    Map<YearMonth, BigDecimal> parts = new LinkedHashMap<>();
    BigDecimal rest = amount;
    for (CreditUse use : returned) {
      rest = rest.subtract(use.amount());
    }
    for (YearMonth month : months) {
      BigDecimal cash = cash(wallet, month, draws);
      BigDecimal part = cash == null ? rest : rest.min(cash);
      parts.put(month, part);
      rest = rest.subtract(part);
    }
    for (CreditUse use : returned) {
      wallet.giveBack(use, months, (month, back) -> parts.merge(month, back, BigDecimal::add));
    }
    parts.forEach(
        (month, part) -> {
          if (part.signum() > 0) {
            PeriodBook book = wallet.period(month);
            book.noted = book.noted.add(part);
            book.end = Billing.end(month, zone).minusMillis(1);
          }
        });
    wallet.noted = wallet.noted.add(amount);
    wallet.notes++;
  }
}
