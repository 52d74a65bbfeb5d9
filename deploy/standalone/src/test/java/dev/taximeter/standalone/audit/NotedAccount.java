package dev.taximeter.standalone.audit;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.streams.account.policy.Billing;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.CreditNotes;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.account.policy.Wallet;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An account whose first bill is given back by two credit notes, to the last cent; then late usage
 * makes the month cheaper, and what that gives back is kept on the second bill.
 */
final class NotedAccount {
  static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  static final String GIFT = "ledger:gift";

  private static final Instant USED = Instant.parse("2026-10-10T12:00:00Z");

  final List<UsageEvent> events = new ArrayList<>();
  final List<LedgerPosting> postings = new ArrayList<>();
  final TreeMap<Long, FinalBill> bills = new TreeMap<>();
  final Map<LineKey, BillLine> lines = new LinkedHashMap<>();
  final Wallet wallet = new Wallet();

  private final AccountTerms terms;
  private final Instant arrival;
  private final LineSource source;
  private final String shipment;
  private List<BillLine> onBills = List.of();

  NotedAccount(AccountTerms terms, Instant arrival, LineSource source, String shipment) {
    this.terms = terms;
    this.arrival = arrival;
    this.source = source;
    this.shipment = shipment;
  }

  BigDecimal spent() {
    return events.stream().map(UsageEvent::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /**
   * @param ids of lines
   */
  void live(Supplier<String> ids) {
    BigDecimal gift = new BigDecimal("1.5");
    post(
        Kind.GRANT,
        0,
        "gift",
        List.of(
            new Entry(LedgerAccount.PROMOTION, null, GIFT, gift),
            new Entry(LedgerAccount.CREDITS, null, GIFT, gift.negate())));
    wallet.restore(Credit.of(GIFT, CreditKind.GRANT, 100, gift, null, null).withReason("outage"));
    // 600 of a price that falls with the total; output is dear, and reasoning rounds up.
    use(ids.get(), new TokenCounts(60, 0, 0, 50_000, 1_000));
    for (int i = 1; i < 10; i++) {
      use(ids.get(), new TokenCounts(60, 0, 0, 0, 0));
    }
    bill(OCTOBER);
    note("1.21");
    note("0.8");
    use(ids.get(), new TokenCounts(60, 0, 0, 0, 0));
    bill(NOVEMBER);
  }

  private void use(String id, TokenCounts tokens) {
    Usage usage =
        new Usage(
            "%32s".formatted(id).replace(' ', '0'),
            Fate.BILLED,
            terms.account().id() + "-key",
            null,
            null,
            "llama",
            tokens,
            USED,
            USED,
            arrival,
            source,
            events.size(),
            shipment,
            List.of(),
            null);
    Rating rating =
        new Rater(terms).rate(usage, key -> lines.containsKey(key) ? lines.get(key).quantity() : 0);
    events.add(
        new UsageEvent(
            terms.account().id(),
            events.size() + 1,
            usage,
            "USD",
            rating.cost(),
            rating.unpriced(),
            rating.charges()));
    for (UsageEvent.Charge charge : rating.charges()) {
      String version = String.valueOf(charge.priceVersion());
      lines.merge(
          new LineKey(OCTOBER, charge.model(), charge.tokenClass(), version),
          new BillLine(
              charge.model(), charge.tokenClass(), version, charge.quantity(), charge.amount()),
          (one, more) ->
              new BillLine(
                  one.model(),
                  one.tokenClass(),
                  version,
                  one.quantity() + more.quantity(),
                  one.amount().add(more.amount())));
    }
    wallet.add(rating, USED);
    wallet.keep(OCTOBER);
  }

  private void catchUp() {
    Draws draws = wallet.draws();
    post(Kind.USAGE, 0, null, wallet.postUsage(draws));
    post(Kind.ADJUSTMENT, 0, null, wallet.postKept());
  }

  private void bill(YearMonth period) {
    catchUp();
    List<YearMonth> billed = Billing.billedWith(wallet, period);
    Draws draws = wallet.draws();
    FinalBill.Content content =
        Billing.bill(
            terms.account().id(),
            "USD",
            ZoneOffset.UTC,
            period,
            wallet.bills + 1,
            events.size(),
            wallet,
            months());
    post(Kind.BILL, content.number(), null, Billing.entries(content));
    for (YearMonth each : billed) {
      wallet.period(each).settle(each.equals(OCTOBER) ? events.size() : 0, draws.of(each));
    }
    wallet.settle(period, content);
    wallet.billedSequence = events.size();
    onBills = List.copyOf(lines.values());
    bills.put(
        content.number(),
        new FinalBill(
            FinalBill.Status.FINAL, content, arrival, "ann", content.hash(), List.of(), null));
  }

  private void note(String amount) {
    FinalBill bill = bills.get(1L);
    BigDecimal note = new BigDecimal(amount);
    CreditNotes.Left left = CreditNotes.left(wallet, bill);
    List<CreditUse> returned = left.returned(note);
    post(
        Kind.CREDIT_NOTE,
        1,
        "note-" + amount,
        CreditNotes.entries(bill, left.due().min(note), returned));
    CreditNotes.write(wallet, bill, ZoneOffset.UTC, note, returned);
    bills.put(
        1L,
        bill.withNote(
            new FinalBill.CreditNote(wallet.notes, note, arrival, "ann", "outage", returned)));
  }

  private void post(Kind kind, long bill, @Nullable String command, List<Entry> entries) {
    if (!entries.isEmpty()) {
      postings.add(
          new LedgerPosting(
              terms.account().id(),
              ++wallet.postings,
              kind,
              arrival,
              events.size(),
              "USD",
              command,
              "ann",
              "outage",
              bill,
              entries));
    }
  }

  private Billing.Months months() {
    return new Billing.Months() {
      @Override
      public long requests(YearMonth period) {
        return period.equals(OCTOBER) ? events.size() : 0;
      }

      @Override
      public long unpriced(YearMonth period) {
        return 0;
      }

      @Override
      public List<BillLine> lines(YearMonth period) {
        return period.equals(OCTOBER) ? List.copyOf(lines.values()) : List.of();
      }

      @Override
      public List<BillLine> late(YearMonth period) {
        return Billing.difference(lines(period), onBills);
      }

      @Override
      public List<YearMonth> used() {
        return List.of(OCTOBER);
      }
    };
  }
}
