package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountRecord.MonthTotals;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.Billing;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Heads and months of all accounts of a task. Those used lately are kept decoded, so that an event
 * touches two objects in memory; {@link #writeBack} writes what has changed to the stores, which
 * has to happen in the transaction of the change.
 *
 * <p>Stored are a value per account, with the totals of its months, and one per model of a month:
 * what an event changes stays small, however long the account's history is.
 */
final class AccountBooks {
  /** First byte of stored values: another layout gets another number. */
  static final int LAYOUT = 2;

  /** Decoded heads kept by a task; about 1 kB each. */
  private static final int MOST_HEADS = 10_000;

  /** Decoded months are kept up to so many bill lines; about 150 bytes each. */
  private static final int MOST_LINES = 100_000;

  /** A month without lines takes memory, too; it counts as so many. */
  private static final int LINES_PER_MONTH = 5;

  /** Changed objects that wait for the commit. Beyond, they are written at once. */
  private static final int MOST_CHANGED = 20_000;

  private final KeyValueStore<String, byte[]> headStore;
  private final KeyValueStore<String, byte[]> lineStore;
  private final KeyValueStore<String, BilledLines> billedLines;
  private final SpendHistory spending;
  private final FoldedCredits folded;

  private final Map<String, Head> heads = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<MonthKey, MonthLines> months = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> changedHeads = new LinkedHashSet<>();
  private final Map<MonthKey, MonthLines> changedMonths = new LinkedHashMap<>();
  private int linesInMemory;

  /**
   * @param headStore heads, wallets and totals of months, by account
   * @param lineStore bill lines by account, month and model
   * @param spendStore what was spent by account, month and quarter of an hour
   * @param billedLines lines that final bills have, by account and month
   * @param folded credits that are over
   */
  AccountBooks(
      KeyValueStore<String, byte[]> headStore,
      KeyValueStore<String, byte[]> lineStore,
      KeyValueStore<String, byte[]> spendStore,
      KeyValueStore<String, BilledLines> billedLines,
      FoldedCredits folded) {
    this.folded = folded;
    this.headStore = headStore;
    this.lineStore = lineStore;
    this.spending = new SpendHistory(spendStore);
    this.billedLines = billedLines;
  }

  /** What of a month's lines stands on final bills. */
  record BilledLines(List<BillLine> lines) {
    static final BilledLines NONE = new BilledLines(List.of());

    BilledLines {
      lines = List.copyOf(lines);
    }
  }

  private record MonthKey(String account, YearMonth period) {
    String storeKey() {
      return StoreKeys.of(account, period.toString());
    }

    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof MonthKey that
          && account.equals(that.account)
          && period.equals(that.period);
    }

    @Override
    public int hashCode() {
      return 31 * account.hashCode() + period.hashCode();
    }
  }

  private static final class Head {
    private AccountHead head = AccountHead.NEW;
    private Wallet wallet = new Wallet();
    private final TreeMap<YearMonth, MonthTotals> months = new TreeMap<>();
  }

  AccountHead head(String account) {
    return open(account).head;
  }

  /** The account's wallet. Whoever changes it works on a copy and {@link #put puts} that. */
  Wallet wallet(String account) {
    return open(account).wallet;
  }

  void put(String account, Wallet wallet) {
    open(account).wallet = wallet;
    changedHeads.add(account);
    boundChanges();
  }

  SpendHistory spending() {
    return spending;
  }

  FoldedCredits folded() {
    return folded;
  }

  /** Running totals of what the provider charges for the account's usage. */
  Rater.Lines costLinesOf(String account) {
    return linesOf(costsOf(account));
  }

  /** No account id has a colon. */
  private static String costsOf(String account) {
    return "cost:" + account;
  }

  /** The bill lines that an event of the account may add to. */
  Rater.Lines linesOf(String account) {
    return new Rater.Lines() {
      @Override
      public long quantity(LineKey line) {
        return month(account, line).quantity(line);
      }

      @Override
      public boolean hasRoomFor(LineKey line, int opened) {
        return month(account, line).hasRoomFor(line, opened);
      }
    };
  }

  private MonthLines month(String account, LineKey line) {
    return month(new MonthKey(account, line.period()));
  }

  void put(String account, AccountHead head) {
    open(account).head = head;
    changedHeads.add(account);
    boundChanges();
  }

  /**
   * Adds an event.
   *
   * @param after the account's head with the event
   * @param completion the event's
   */
  void add(String account, AccountHead after, Rating rating, Instant completion) {
    YearMonth period = rating.period();
    Head head = open(account);
    MonthTotals before = head.months.getOrDefault(period, new MonthTotals(period, 0, 0, 0, 0));
    head.months.put(
        period,
        new MonthTotals(
            period,
            before.requests() + 1,
            before.unpriced() + (rating.unpriced() ? 1 : 0),
            before.merged() + (rating.merged() ? 1 : 0),
            after.sequence()));
    add(account, period, rating.charges());
    add(costsOf(account), period, rating.runningCosts());
    spend(account, head.wallet, rating, completion);
    put(account, after);
  }

  private void add(String account, YearMonth period, List<Charge> charges) {
    if (charges.isEmpty()) {
      return;
    }
    MonthKey key = new MonthKey(account, period);
    MonthLines month = month(key);
    int linesBefore = month.size();
    charges.forEach(month::add);
    linesInMemory += month.size() - linesBefore;
    changedMonths.put(key, month);
  }

  private void spend(String account, Wallet wallet, Rating rating, Instant completion) {
    folded.unfold(account, wallet, rating.period(), completion);
    wallet.add(rating, completion);
    Wallet.Kept kept = wallet.keep(rating.period());
    if (kept != null) {
      spend(account, wallet, rating.period(), kept);
    }
    BigDecimal flat = rating.flatCost();
    if (flat.signum() == 0 && rating.tiered().isEmpty()) {
      return;
    }
    YearMonth period = rating.period();
    long revision = wallet.period(period).revision;
    Instant cut = wallet.cutBefore(completion);
    if (flat.signum() != 0) {
      spending.add(account, period, revision, Wallet.Spending.FLAT, completion, cut, flat);
    }
    for (Rating.Tiered tiered : rating.tiered()) {
      BigDecimal quantity = BigDecimal.valueOf(tiered.charge().quantity());
      spending.add(account, period, revision, tiered.line(), completion, cut, quantity);
    }
  }

  /** Notes when a charge of a month counts that nobody asked for. */
  void spend(String account, Wallet wallet, YearMonth period, Wallet.Kept kept) {
    spending.add(
        account,
        period,
        wallet.period(period).revision,
        Wallet.Spending.FLAT,
        kept.at(),
        wallet.cutBefore(kept.at()),
        kept.amount());
  }

  /**
   * @return the account's sequence number of the month's last event; 0 if it has none
   */
  long lastSequence(String account, YearMonth period) {
    return totals(open(account), period).sequence();
  }

  /**
   * @return months with usage, charges or a bill, oldest first
   */
  List<MonthTotals> monthsOf(String account, Draws draws) {
    Head head = open(account);
    TreeSet<YearMonth> periods = new TreeSet<>(head.months.keySet());
    periods.addAll(head.wallet.periods().keySet());
    List<MonthTotals> months = new ArrayList<>();
    for (YearMonth period : periods) {
      MonthTotals totals = totals(head, period);
      months.add(
          new MonthTotals(
              period,
              totals.requests(),
              totals.unpriced(),
              totals.merged(),
              totals.sequence(),
              head.wallet.billing(period, draws)));
    }
    return months;
  }

  private static MonthTotals totals(Head head, YearMonth period) {
    return head.months.getOrDefault(period, new MonthTotals(period, 0, 0, 0, 0));
  }

  /**
   * @param period one of {@link #monthsOf}
   */
  AccountRecord.Month monthOf(String account, YearMonth period) {
    Head head = open(account);
    PeriodBook book = head.wallet.periods().get(period);
    boolean late = book != null && book.isLate();
    return new AccountRecord.Month(
        account,
        period,
        totals(head, period).sequence(),
        linesOf(account, period),
        book == null ? 0 : book.revision,
        late ? lateLinesOf(account, period) : List.of());
  }

  private List<BillLine> linesOf(String account, YearMonth period) {
    return month(new MonthKey(account, period)).toBillLines();
  }

  private List<BillLine> lateLinesOf(String account, YearMonth period) {
    List<BillLine> all = linesOf(account, period);
    List<BillLine> late = Billing.difference(all, billedLinesOf(account, period).lines());
    // Bills before may have had models.
    return BillLines.areFull(all) ? BillLines.ofEntries(late) : late;
  }

  private BilledLines billedLinesOf(String account, YearMonth period) {
    BilledLines billed = billedLines.get(StoreKeys.of(account, period.toString()));
    return billed == null ? BilledLines.NONE : billed;
  }

  /** All of a month's lines stand on final bills now. */
  void settleLines(String account, YearMonth period) {
    billedLines.put(
        StoreKeys.of(account, period.toString()), new BilledLines(linesOf(account, period)));
  }

  /** Of a month's lines these do not stand on final bills any more. */
  void releaseLines(String account, YearMonth period, List<BillLine> lines) {
    List<BillLine> rest = Billing.difference(billedLinesOf(account, period).lines(), lines);
    billedLines.put(StoreKeys.of(account, period.toString()), new BilledLines(rest));
  }

  /** An account's months, as bills need them. */
  Billing.Months billingOf(String account) {
    Head head = open(account);
    return new Billing.Months() {
      @Override
      public long requests(YearMonth period) {
        return totals(head, period).requests();
      }

      @Override
      public long unpriced(YearMonth period) {
        return totals(head, period).unpriced();
      }

      @Override
      public List<BillLine> lines(YearMonth period) {
        return linesOf(account, period);
      }

      @Override
      public List<BillLine> late(YearMonth period) {
        return lateLinesOf(account, period);
      }

      @Override
      public List<YearMonth> used() {
        return List.copyOf(head.months.keySet());
      }
    };
  }

  /**
   * Some accounts, in the order of their ids.
   *
   * @param after the last id of the step before; null begins
   * @return at most so many; none behind the last
   */
  List<String> accountsAfter(@Nullable String after, int most) {
    writeBack();
    List<String> accounts = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        after == null ? headStore.all() : headStore.range(after, null)) {
      while (entries.hasNext() && accounts.size() < most) {
        String account = entries.next().key;
        if (!account.equals(after)) {
          accounts.add(account);
        }
      }
    }
    return accounts;
  }

  private Head open(String account) {
    Head known = heads.get(account);
    if (known == null) {
      byte[] stored = headStore.get(account);
      known = stored == null ? new Head() : unpack(stored);
      heads.put(account, known);
    }
    return known;
  }

  private MonthLines month(MonthKey key) {
    MonthLines known = months.get(key);
    if (known != null) {
      return known;
    }
    String storeKey = key.storeKey();
    MonthLines month = new MonthLines();
    try (KeyValueIterator<String, byte[]> lines =
        lineStore.prefixScan(storeKey, new StringSerializer())) {
      lines.forEachRemaining(line -> month.load(line.value));
    }
    months.put(key, month);
    linesInMemory += month.size() + LINES_PER_MONTH;
    return month;
  }

  private void boundChanges() {
    if (changedHeads.size() + changedMonths.size() >= MOST_CHANGED
        || linesInMemory >= 2 * MOST_LINES) {
      writeBack();
    }
  }

  /** Writes what has changed to the stores, and forgets what was not used for longest. */
  void writeBack() {
    changedMonths.forEach(this::write);
    changedMonths.clear();
    for (String account : changedHeads) {
      headStore.put(account, pack(open(account)));
    }
    changedHeads.clear();
    spending.writeBack();
    forgetLeastUsed();
  }

  private void write(MonthKey key, MonthLines month) {
    String storeKey = key.storeKey();
    month.takeChanges((model, lines) -> lineStore.put(storeKey + StoreKeys.of(model), lines));
  }

  private void forgetLeastUsed() {
    Iterator<MonthLines> eldestMonths = months.values().iterator();
    while (linesInMemory > MOST_LINES && eldestMonths.hasNext()) {
      linesInMemory -= eldestMonths.next().size() + LINES_PER_MONTH;
      eldestMonths.remove();
    }
    Iterator<Head> eldestHeads = heads.values().iterator();
    while (heads.size() > MOST_HEADS) {
      eldestHeads.next();
      eldestHeads.remove();
    }
  }

  private static byte[] pack(Head entry) {
    AccountHead head = entry.head;
    PackedWriter packed =
        new PackedWriter()
            .number(LAYOUT)
            .number(head.sequence())
            .decimal(head.spent())
            .instant(head.lastCompletion());
    WalletPacking.pack(entry.wallet, packed);
    packed.number(entry.months.size());
    for (MonthTotals month : entry.months.values()) {
      packed
          .number(month.period().getYear())
          .number(month.period().getMonthValue())
          .number(month.requests())
          .number(month.unpriced())
          .number(month.merged())
          .number(month.sequence());
    }
    WalletPacking.packLater(entry.wallet, packed);
    return packed.toBytes();
  }

  private static Head unpack(byte[] stored) {
    PackedReader packed = reader(stored);
    long sequence = packed.number();
    BigDecimal spent = packed.decimal();
    @Nullable Instant lastCompletion = packed.optionalInstant();
    Head head = new Head();
    head.head = new AccountHead(sequence, spent, lastCompletion);
    head.wallet = WalletPacking.unpack(packed);
    int monthCount = packed.size();
    for (int i = 0; i < monthCount; i++) {
      YearMonth period = YearMonth.of(packed.size(), packed.size());
      head.months.put(
          period,
          new MonthTotals(
              period, packed.number(), packed.number(), packed.number(), packed.number()));
    }
    WalletPacking.unpackLater(head.wallet, packed);
    return head;
  }

  /**
   * @throws ProcessorStateException if another version of this program wrote the value
   */
  static PackedReader reader(byte[] stored) {
    PackedReader packed = new PackedReader(stored);
    long layout = packed.number();
    if (layout != LAYOUT) {
      throw new ProcessorStateException(
          "account state has layout %d where %d is expected; start the version that wrote it"
              .formatted(layout, LAYOUT));
    }
    return packed;
  }
}
