package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.FinalBill.LateLine;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.streams.account.MoneyDecision.Settled;
import dev.taximeter.streams.account.MoneyDecision.StoredBill;
import dev.taximeter.streams.account.MoneyDecision.Tiers;
import dev.taximeter.streams.account.policy.Billing;
import dev.taximeter.streams.account.policy.CreditNotes;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.TieredUsage;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Makes bills final, voids them, and writes credit notes on them. */
final class BillDesk {
  /** Closed bills after which none is open: a bill may have nothing to close. */
  private static final int CLOSED_IN_A_ROW = 4;

  /**
   * Final bills that can be voided, the newest first: an account's quarter. What was used by
   * quarter of an hour is kept for them. Older ones are corrected by credit notes.
   */
  static final int MOST_VOIDABLE = 3;

  /** Bills that a new one closes at most: their histories are deleted in its transaction. */
  static final int MOST_CLOSED = 3;

  /** Bills, from the newest on, among which a new one looks for those: five years of them. */
  private static final int MOST_LOOKED_AT = 60;

  private final AccountBooks books;
  private final KeyValueStore<String, StoredBill> bills;
  private final Duration grace;
  private final Completeness completeness;

  BillDesk(
      AccountBooks books,
      KeyValueStore<String, StoredBill> bills,
      Duration grace,
      Completeness completeness) {
    this.books = books;
    this.bills = bills;
    this.grace = grace;
    this.completeness = completeness;
  }

  /** Finalising a month that has a final bill changes nothing and answers with it. */
  void finalizeBill(MoneyDecision decision, YearMonth period) {
    Wallet wallet = decision.wallet;
    PeriodBook known = wallet.periods().get(period);
    if (known != null && known.isFinal()) {
      decision.billNumber = known.bill;
      return;
    }
    Billing.Months months = books.billingOf(decision.account);
    Billing.Objection objection =
        Billing.objection(wallet, months, period, decision.zone(), decision.at);
    if (objection != null) {
      decision.refuse(objection.kind(), objection.sentence());
      return;
    }
    decision.catchUp();
    FinalBill.Content content =
        Billing.bill(
            decision.account,
            decision.terms.account().currency(),
            decision.zone(),
            period,
            wallet.bills + 1,
            decision.head.sequence(),
            wallet,
            months);
    FinalBill bill =
        new FinalBill(
            FinalBill.Status.FINAL,
            content,
            decision.at,
            decision.author(),
            content.hash(),
            List.of(),
            null);
    decision.post(Kind.BILL, content.number(), Billing.entries(content));
    decision.billed = Billing.billedWith(wallet, period);
    List<Settled> settled = new ArrayList<>();
    Draws draws = wallet.draws();
    for (YearMonth billed : decision.billed) {
      settled.add(settle(wallet.period(billed), billed, months.requests(billed), draws.of(billed)));
    }
    wallet.settle(period, content);
    decision.bill = new StoredBill(bill, settled, wallet.billedSequence);
    decision.billNumber = content.number();
    wallet.billedSequence = decision.head.sequence();
  }

  private static Settled settle(
      PeriodBook book, YearMonth period, long requests, List<CreditUse> paid) {
    Settled settled =
        new Settled(
            period,
            book.revision,
            book.billedRequests,
            book.lateFrom,
            book.lateTo,
            book.charges,
            tiersOf(book),
            paid);
    book.settle(requests, paid);
    return settled;
  }

  private static Map<String, Tiers> tiersOf(PeriodBook book) {
    Map<String, Tiers> tiers = new HashMap<>();
    book.tiered.forEach((line, usage) -> tiers.put(line, new Tiers(usage.schedule, usage.billed)));
    return tiers;
  }

  /** Only the newest can be voided: later ones stand on what earlier ones left. */
  void voidBill(MoneyDecision decision, long number) {
    StoredBill stored = find(decision, number);
    if (stored == null) {
      return;
    }
    for (long later = number + 1; later <= decision.wallet.bills; later++) {
      StoredBill other = bills.get(billKey(decision.account, later));
      if (other != null && other.bill().status() == FinalBill.Status.FINAL) {
        decision.refuse(
            Refusal.NOT_POSSIBLE,
            "only the newest bill that counts can be voided, and bill %d came after bill %d; void the later ones first, the newest first, or write a credit note on bill %d"
                .formatted(later, number, number));
        return;
      }
    }
    if (stored.settled().isEmpty()) {
      decision.refuse(
          Refusal.NOT_POSSIBLE,
          "bill %d stands for good, because %d bills came after it; write a credit note"
              .formatted(number, MOST_VOIDABLE));
      return;
    }
    if (!stored.bill().notes().isEmpty()) {
      decision.refuse(
          Refusal.NOT_POSSIBLE,
          "bill %d has credit notes and cannot be voided; write another note".formatted(number));
      return;
    }
    decision.catchUp();
    FinalBill.Content content = stored.bill().content();
    decision.post(Kind.VOID, number, Billing.reversed(content));
    Wallet wallet = decision.wallet;
    wallet.reopen(content);
    for (Settled settled : stored.settled()) {
      reopen(decision, settled, settled.period().equals(content.period()));
    }
    wallet.billedSequence = stored.sequenceBefore();
    decision.undone = stored;
    decision.bill =
        stored.with(
            stored
                .bill()
                .voided(new FinalBill.Voided(decision.at, decision.author(), decision.reason())));
    decision.billNumber = number;
  }

  private void reopen(MoneyDecision decision, Settled settled, boolean ownMonth) {
    PeriodBook book = decision.wallet.period(settled.period());
    long before = book.revision;
    book.reopen(
        settled.lateFrom(),
        settled.lateTo(),
        settled.charges(),
        settled.billedRequests(),
        settled.paid());
    if (ownMonth) {
      book.open();
    }
    book.unbilled.clear();
    book.tiered.replaceAll((line, usage) -> new TieredUsage(usage.schedule, usage.billed));
    settled
        .tiered()
        .forEach(
            (line, tiers) ->
                book.tiered.put(line, new TieredUsage(tiers.schedule(), tiers.billed())));
    restore(decision, book, settled.period(), settled.revision());
    restore(decision, book, settled.period(), before);
  }

  /** Takes what came under a revision as unbilled. */
  private void restore(MoneyDecision decision, PeriodBook book, YearMonth period, long revision) {
    books
        .spending()
        .read(decision.account, period, revision)
        .forEach(
            (piece, amount) -> {
              Instant cut = decision.wallet.cutBefore(piece.from());
              TieredUsage usage = book.tiered.get(piece.line());
              if (usage == null) {
                book.unbilled.merge(cut, amount, BigDecimal::add);
              } else {
                usage.unbilled.merge(cut, amount.longValueExact(), Long::sum);
              }
            });
  }

  void note(MoneyDecision decision, long number, BigDecimal amount) {
    StoredBill stored = find(decision, number);
    if (stored == null) {
      return;
    }
    FinalBill bill = stored.bill();
    Wallet wallet = decision.wallet;
    CreditNotes.Left left = CreditNotes.left(wallet, bill);
    if (amount.compareTo(left.amount()) > 0) {
      decision.refuse(Refusal.NOT_POSSIBLE, left.refusal(bill, amount));
      return;
    }
    String fraction = CreditNotes.fraction(bill, left, amount);
    if (fraction != null) {
      decision.refuse(Refusal.NOT_POSSIBLE, fraction);
      return;
    }
    decision.catchUp();
    List<CreditUse> returned = left.returned(amount);
    BigDecimal lessDue = left.due().min(amount);
    decision.post(Kind.CREDIT_NOTE, number, CreditNotes.entries(bill, lessDue, returned));
    CreditNotes.write(wallet, bill, decision.zone(), amount, returned);
    decision.catchUp();
    decision.bill =
        stored.with(
            bill.withNote(
                new FinalBill.CreditNote(
                    wallet.notes,
                    amount,
                    decision.at,
                    decision.author(),
                    decision.reason(),
                    returned)));
    decision.billNumber = number;
  }

  /** Fetches the credits that paid for a bill, to which it may give back. */
  void unfold(String account, Wallet wallet, ZoneId zone, long number) {
    StoredBill stored = bills.get(billKey(account, number));
    if (stored == null) {
      return;
    }
    FinalBill.Content content = stored.bill().content();
    for (YearMonth period : CreditNotes.months(content)) {
      books.folded().unfold(account, wallet, period, Billing.start(period, zone));
    }
    for (Settled settled : stored.settled()) {
      Instant start = Billing.start(settled.period(), zone);
      books.folded().unfold(account, wallet, settled.period(), start);
    }
    content.creditsApplied().forEach(use -> books.folded().unfold(account, wallet, use.credit()));
  }

  private @Nullable StoredBill find(MoneyDecision decision, long number) {
    StoredBill stored = bills.get(billKey(decision.account, number));
    if (stored == null) {
      decision.refuse(
          Refusal.NO_SUCH_BILL, "account %s has no bill %d".formatted(decision.account, number));
      return null;
    }
    if (stored.bill().status() == FinalBill.Status.VOID) {
      decision.refuse(Refusal.NOT_POSSIBLE, "bill %d is void".formatted(number));
      return null;
    }
    return stored;
  }

  /**
   * Needs no terms, which are large.
   *
   * @return false only if {@link #due} finds nothing, wherever the account has its months
   */
  boolean mayBeDue(Wallet wallet, Instant now) {
    if (wallet.opened == null) {
      return false;
    }
    YearMonth period = Billing.firstPeriod(wallet, ZoneOffset.MIN, now);
    while (Billing.isFinal(wallet, period)) {
      period = period.plusMonths(1);
    }
    return !Billing.end(period, ZoneOffset.MAX).plus(grace).isAfter(now);
  }

  /**
   * @param closing last instant of the account's business; null if it goes on
   * @return the month whose bill is to become final by itself now; null if there is none
   */
  @Nullable YearMonth due(Wallet wallet, ZoneId zone, Instant now, @Nullable Instant closing) {
    if (wallet.opened == null) {
      return null;
    }
    YearMonth period = Billing.firstPeriod(wallet, zone, now);
    while (Billing.isFinal(wallet, period)) {
      period = period.plusMonths(1);
    }
    if (closing != null
        && Billing.start(period, zone).isAfter(closing)
        && !Billing.hasMore(wallet, period)) {
      return null;
    }
    Instant end = Billing.end(period, zone);
    PeriodBook book = wallet.periods().get(period);
    boolean waits = book != null && book.manual;
    return !waits && !end.plus(grace).isAfter(now) && completeness.reaches(end) ? period : null;
  }

  /**
   * Writes what was decided.
   *
   * @param changed hears of months that are to be published
   */
  void write(MoneyDecision decision, Consumer<YearMonth> changed) {
    StoredBill stored = decision.bill;
    if (stored == null) {
      return;
    }
    bills.put(billKey(decision.account, stored.bill().number()), stored);
    for (YearMonth period : decision.billed) {
      books.settleLines(decision.account, period);
      changed.accept(period);
    }
    StoredBill undone = decision.undone;
    if (undone != null) {
      undo(decision, undone, changed);
    } else if (!decision.billed.isEmpty()) {
      closeOld(decision.account, stored.bill().number());
    }
  }

  /**
   * What can be voided no more leaves its history: usually one bill, more if bills were made under
   * a version that kept more of them.
   */
  private void closeOld(String account, long newest) {
    int counting = 0;
    int closed = 0;
    int before = 0;
    for (long number = newest; number > newest - MOST_LOOKED_AT && number > 0; number--) {
      StoredBill stored = bills.get(billKey(account, number));
      boolean counts = stored != null && stored.bill().status() == FinalBill.Status.FINAL;
      counting += counts ? 1 : 0;
      if (stored != null && counting > MOST_VOIDABLE && !stored.settled().isEmpty()) {
        for (Settled settled : stored.settled()) {
          books.spending().drop(account, settled.period(), settled.revision());
        }
        bills.put(billKey(account, number), stored.forGood());
        closed++;
        if (closed == MOST_CLOSED) {
          return;
        }
      } else if (stored != null && counting > MOST_VOIDABLE && ++before == CLOSED_IN_A_ROW) {
        return; // Those before were closed with them.
      }
    }
  }

  private void undo(MoneyDecision decision, StoredBill undone, Consumer<YearMonth> changed) {
    FinalBill.Content content = undone.bill().content();
    for (Settled settled : undone.settled()) {
      YearMonth period = settled.period();
      List<BillLine> lines =
          period.equals(content.period())
              ? content.lines()
              : content.lateLines().stream()
                  .filter(late -> late.period().equals(period))
                  .map(LateLine::line)
                  .toList();
      books.releaseLines(decision.account, period, lines);
      long into = decision.wallet.period(period).revision;
      books.spending().merge(decision.account, period, settled.revision(), into - 1, into);
      changed.accept(period);
    }
  }

  private static String billKey(String account, long number) {
    return StoreKeys.of(account) + "%019d".formatted(number);
  }
}
