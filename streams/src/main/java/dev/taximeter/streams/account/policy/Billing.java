package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.FinalBill.LateLine;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When a bill may become final, and what stands on it. Pure. */
public final class Billing {
  private static final Comparator<BillLine> LINE_ORDER =
      Comparator.comparing(BillLine::model)
          .thenComparing(BillLine::tokenClass)
          .thenComparing(BillLine::priceVersion);

  private Billing() {}

  /** What is counted of a month. */
  public interface Months {
    long requests(YearMonth period);

    long unpriced(YearMonth period);

    /** All usage of the month, billed or not. */
    List<BillLine> lines(YearMonth period);

    /** What of the usage of a month no final bill has, though the month has one. */
    List<BillLine> late(YearMonth period);

    /** Months with requests, oldest first. */
    List<YearMonth> used();
  }

  /** Why a bill cannot become final. */
  public record Objection(Refusal kind, String sentence) {}

  public static Instant start(YearMonth period, ZoneId zone) {
    return period.atDay(1).atStartOfDay(zone).toInstant();
  }

  public static Instant end(YearMonth period, ZoneId zone) {
    return start(period.plusMonths(1), zone);
  }

  /**
   * The month from which on every month gets a bill, in order and by itself. Earlier ones, of a
   * first backfill, wait for a person.
   */
  public static YearMonth firstPeriod(Wallet wallet, ZoneId zone, Instant now) {
    Instant opened = wallet.opened == null ? now : wallet.opened;
    return YearMonth.from(opened.atZone(zone));
  }

  /**
   * @return null if the month's bill may become final
   */
  public static @Nullable Objection objection(
      Wallet wallet, Months months, YearMonth period, ZoneId zone, Instant now) {
    if (now.isBefore(end(period, zone))) {
      return new Objection(
          Refusal.PERIOD_NOT_ENDED,
          "%s goes on until %s; its bill can be final then".formatted(period, end(period, zone)));
    }
    YearMonth first = firstPeriod(wallet, zone, now);
    if (period.isBefore(first)) {
      if (!hasContent(wallet, months, period)) {
        return new Objection(
            Refusal.NO_SUCH_BILL,
            "%s lies before the account's first bill, %s, and has no usage"
                .formatted(period, first));
      }
      return months.used().stream()
          .filter(earlier -> earlier.isBefore(period) && !isFinal(wallet, earlier))
          .findFirst()
          .map(Billing::earlier)
          .orElse(null);
    }
    for (YearMonth earlier = first; earlier.isBefore(period); earlier = earlier.plusMonths(1)) {
      if (!isFinal(wallet, earlier)) {
        return earlier(earlier);
      }
    }
    return null;
  }

  private static Objection earlier(YearMonth period) {
    return new Objection(
        Refusal.EARLIER_PERIOD_OPEN,
        "the bill of %s is still open; finalise it first, so that bills are numbered in order"
            .formatted(period));
  }

  private static boolean hasContent(Wallet wallet, Months months, YearMonth period) {
    return wallet.periods().containsKey(period) || months.requests(period) > 0;
  }

  /** Whether there is anything for a bill of the month or a later one. */
  public static boolean hasMore(Wallet wallet, YearMonth period) {
    return !wallet.periods().tailMap(period).isEmpty() || billedWith(wallet, period).size() > 1;
  }

  public static boolean isFinal(Wallet wallet, YearMonth period) {
    PeriodBook book = wallet.periods().get(period);
    return book != null && book.isFinal();
  }

  /** The month itself, and earlier ones that were billed before all of their usage had come. */
  public static List<YearMonth> billedWith(Wallet wallet, YearMonth period) {
    List<YearMonth> billed = new ArrayList<>();
    wallet
        .periods()
        .headMap(period)
        .forEach(
            (earlier, book) -> {
              if (book.isLate()) {
                billed.add(earlier);
              }
            });
    billed.add(period);
    return billed;
  }

  /**
   * The bill as it stands.
   *
   * @param number its number
   * @param sequence the account's sequence number
   */
  public static FinalBill.Content bill(
      String account,
      String currency,
      ZoneId zone,
      YearMonth period,
      long number,
      long sequence,
      Wallet wallet,
      Months months) {
    List<YearMonth> billed = billedWith(wallet, period);
    List<BillLine> all = months.lines(period);
    List<BillLine> lines = BillLines.shown(all).stream().sorted(LINE_ORDER).toList();
    List<LateLine> late = new ArrayList<>();
    List<Charge> charges = new ArrayList<>();
    long requests = months.requests(period);
    for (YearMonth each : billed) {
      PeriodBook book = wallet.periods().get(each);
      if (book == null) {
        continue;
      }
      charges.addAll(book.charges);
      if (!each.equals(period)) {
        requests += months.requests(each) - book.billedRequests;
        Instant from = book.lateFrom == null ? start(each, zone) : book.lateFrom;
        Instant to = book.lateTo == null ? from : book.lateTo;
        months.late(each).stream()
            .sorted(LINE_ORDER)
            .forEach(line -> late.add(new LateLine(each, from, to, line)));
      }
    }
    charges.sort(Comparator.comparing(Charge::at).thenComparing(Charge::id));
    List<CreditUse> credits =
        wallet.draws().of(billed).stream().map(use -> told(use, wallet)).toList();
    BigDecimal exactTotal = sum(lines.stream().map(BillLine::amount).toList());
    BigDecimal lateTotal = sum(late.stream().map(item -> item.line().amount()).toList());
    BigDecimal chargesTotal = sum(charges.stream().map(Charge::amount).toList());
    BigDecimal creditsTotal = sum(credits.stream().map(CreditUse::amount).toList());
    BigDecimal due = exactTotal.add(lateTotal).add(chargesTotal).subtract(creditsTotal);
    return new FinalBill.Content(
        account,
        number,
        period,
        currency,
        zone.getId(),
        start(period, zone),
        end(period, zone),
        months.requests(period),
        months.unpriced(period),
        lines,
        exactTotal,
        Decimals.rounded(exactTotal, currency),
        late,
        lateTotal,
        charges,
        chargesTotal,
        credits,
        creditsTotal,
        due,
        Decimals.rounded(due, currency),
        new FinalBill.Covers(
            Math.min(wallet.billedSequence + 1, sequence),
            sequence,
            lines.size() + (long) late.size(),
            requests,
            BillLines.areFull(all) ? months.requests(period) : 0));
  }

  /** A bill says itself what its credits are: it outlives the account's state. */
  private static CreditUse told(CreditUse use, Wallet wallet) {
    Credit credit = wallet.credit(use.credit());
    return credit == null
        ? use
        : new CreditUse(use.credit(), use.amount(), credit.kind(), credit.reason());
  }

  private static BigDecimal sum(List<BigDecimal> amounts) {
    return amounts.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** What no credit paid moves from what is not billed to what is due. */
  public static List<Entry> entries(FinalBill.Content bill) {
    return moves(bill, false);
  }

  /** The same the other way round. */
  public static List<Entry> reversed(FinalBill.Content bill) {
    return moves(bill, true);
  }

  private static List<Entry> moves(FinalBill.Content bill, boolean back) {
    List<Entry> entries = new ArrayList<>();
    add(entries, LedgerAccount.UNBILLED, bill, bill.exactDue(), !back);
    add(entries, LedgerAccount.RECEIVABLE, bill, bill.amountDue(), back);
    add(entries, LedgerAccount.ROUNDING, bill, bill.amountDue().subtract(bill.exactDue()), !back);
    if (entries.isEmpty()) {
      // What credits paid depends on when it was: the ledger has every bill's place. That no credit
      // is named tells nothing: one may give to one month what it gets back of another.
      entries.add(new Entry(LedgerAccount.RECEIVABLE, bill.period(), null, BigDecimal.ZERO));
    }
    return entries;
  }

  private static void add(
      List<Entry> entries,
      LedgerAccount ledger,
      FinalBill.Content bill,
      BigDecimal amount,
      boolean negated) {
    if (amount.signum() != 0) {
      entries.add(new Entry(ledger, bill.period(), null, negated ? amount.negate() : amount));
    }
  }

  /** What {@code all} has more than {@code billed}, line by line; less is below 0. */
  public static List<BillLine> difference(List<BillLine> all, List<BillLine> billed) {
    record Key(String model, Enum<?> tokenClass, String priceVersion) {}
    Map<Key, BillLine> known = new LinkedHashMap<>();
    billed.forEach(
        line -> known.put(new Key(line.model(), line.tokenClass(), line.priceVersion()), line));
    List<BillLine> more = new ArrayList<>();
    for (BillLine line : all) {
      BillLine before = known.remove(new Key(line.model(), line.tokenClass(), line.priceVersion()));
      long quantity = line.quantity() - (before == null ? 0 : before.quantity());
      BigDecimal amount =
          line.amount().subtract(before == null ? BigDecimal.ZERO : before.amount());
      if (quantity != 0 || amount.signum() != 0) {
        more.add(
            new BillLine(line.model(), line.tokenClass(), line.priceVersion(), quantity, amount));
      }
    }
    for (BillLine gone : known.values()) {
      more.add(
          new BillLine(
              gone.model(),
              gone.tokenClass(),
              gone.priceVersion(),
              -gone.quantity(),
              gone.amount().negate()));
    }
    return more;
  }
}
