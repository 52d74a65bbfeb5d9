package dev.taximeter.streams.account;

import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.Period;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.Rating;
import dev.taximeter.streams.topology.parts.PackedReader;
import dev.taximeter.streams.topology.parts.PackedWriter;
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
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Heads and months of all accounts of a task. Those used lately are kept decoded, so that an event
 * touches two objects in memory; {@link #writeBack} writes what has changed to the stores, which
 * has to happen in the transaction of the change.
 *
 * <p>Stored are a value per head, per month, and per model of a month: what an event changes stays
 * small, however long the account's history is.
 */
final class AccountBooks {
  /** First byte of stored values: another layout gets another number. */
  private static final int LAYOUT = 1;

  /** Decoded heads kept by a task; about 1 kB each. */
  private static final int MOST_HEADS = 10_000;

  /** Decoded months are kept up to so many bill lines; about 150 bytes each. */
  private static final int MOST_LINES = 100_000;

  /** A month without lines takes memory, too; it counts as so many. */
  private static final int LINES_PER_MONTH = 5;

  /** Changed objects that wait for the commit. Beyond, they are written at once. */
  private static final int MOST_CHANGED = 20_000;

  private final KeyValueStore<String, byte[]> headStore;
  private final KeyValueStore<String, byte[]> monthStore;
  private final KeyValueStore<String, byte[]> lineStore;

  private final Map<String, Head> heads = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<MonthKey, MonthBook> months = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> changedHeads = new LinkedHashSet<>();
  private final Map<MonthKey, MonthBook> changedMonths = new LinkedHashMap<>();
  private int linesInMemory;

  AccountBooks(
      KeyValueStore<String, byte[]> headStore,
      KeyValueStore<String, byte[]> monthStore,
      KeyValueStore<String, byte[]> lineStore) {
    this.headStore = headStore;
    this.monthStore = monthStore;
    this.lineStore = lineStore;
  }

  private record MonthKey(String account, YearMonth period) {
    String storeKey() {
      return StoreKeys.of(account, period.toString());
    }
  }

  private static final class Head {
    private AccountHead head = AccountHead.NEW;
    private final Set<YearMonth> months = new TreeSet<>();
  }

  AccountHead head(String account) {
    return open(account).head;
  }

  /** What stands on a bill line already, 0 if there is none. */
  long quantity(String account, LineKey key) {
    return month(new MonthKey(account, key.period())).quantity(key);
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
   */
  void add(String account, AccountHead after, Rating rating) {
    MonthKey key = new MonthKey(account, rating.period());
    MonthBook month = month(key);
    int linesBefore = month.lineCount();
    month.add(rating);
    linesInMemory += month.lineCount() - linesBefore;
    changedMonths.put(key, month);
    Head head = open(account);
    head.months.add(rating.period());
    put(account, after);
  }

  /**
   * @return oldest first
   */
  List<Period> periodsOf(String account) {
    List<Period> periods = new ArrayList<>();
    for (YearMonth period : open(account).months) {
      periods.add(month(new MonthKey(account, period)).toPeriod());
    }
    return periods;
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

  private MonthBook month(MonthKey key) {
    MonthBook known = months.get(key);
    if (known != null) {
      return known;
    }
    String storeKey = key.storeKey();
    MonthBook month = new MonthBook(key.period(), monthStore.get(storeKey));
    try (KeyValueIterator<String, byte[]> lines =
        lineStore.prefixScan(storeKey, new StringSerializer())) {
      lines.forEachRemaining(line -> month.load(line.value));
    }
    months.put(key, month);
    linesInMemory += month.lineCount() + LINES_PER_MONTH;
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
    forgetLeastUsed();
  }

  private void write(MonthKey key, MonthBook month) {
    String storeKey = key.storeKey();
    byte[] totals =
        month.takeChanges((model, lines) -> lineStore.put(storeKey + StoreKeys.of(model), lines));
    if (totals != null) {
      monthStore.put(storeKey, totals);
    }
  }

  private void forgetLeastUsed() {
    Iterator<MonthBook> eldestMonths = months.values().iterator();
    while (linesInMemory > MOST_LINES && eldestMonths.hasNext()) {
      linesInMemory -= eldestMonths.next().lineCount() + LINES_PER_MONTH;
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
            .instant(head.lastCompletion())
            .number(head.credits().size());
    for (CreditState credit : head.credits()) {
      packed
          .text(credit.id())
          .decimal(credit.amount())
          .instant(credit.expiresAt())
          .decimal(credit.spentBeforeExpiry());
    }
    packed.number(entry.months.size());
    entry.months.forEach(month -> packed.number(MonthBook.pack(month)));
    return packed.toBytes();
  }

  private static Head unpack(byte[] stored) {
    PackedReader packed = new PackedReader(stored);
    MonthBook.requireLayout(packed, LAYOUT);
    long sequence = packed.number();
    BigDecimal spent = packed.decimal();
    @Nullable Instant lastCompletion = packed.optionalInstant();
    List<CreditState> credits = new ArrayList<>();
    int creditCount = packed.size();
    for (int i = 0; i < creditCount; i++) {
      credits.add(
          new CreditState(
              packed.text(), packed.decimal(), packed.optionalInstant(), packed.decimal()));
    }
    Head head = new Head();
    head.head = new AccountHead(sequence, spent, credits, lastCompletion);
    int monthCount = packed.size();
    for (int i = 0; i < monthCount; i++) {
      head.months.add(MonthBook.unpack(packed.number()));
    }
    return head;
  }
}
