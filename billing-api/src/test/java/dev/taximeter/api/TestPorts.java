package dev.taximeter.api;

import dev.taximeter.api.accounting.LineCountHistory;
import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.alerts.AlertHistory;
import dev.taximeter.api.alerts.InMemoryIncidents;
import dev.taximeter.api.alerts.InMemoryMarks;
import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.auditlog.AuditLog;
import dev.taximeter.api.auditlog.AuditLogHistory;
import dev.taximeter.api.bills.FinalBills;
import dev.taximeter.api.bills.InMemoryLandedMoney;
import dev.taximeter.api.bills.InMemoryLandedUsage;
import dev.taximeter.api.catalog.InMemoryCatalog;
import dev.taximeter.api.deadletters.InMemoryDeadLetters;
import dev.taximeter.api.gate.GateStates;
import dev.taximeter.api.ledger.LedgerHistory;
import dev.taximeter.api.ledger.LedgerQuery;
import dev.taximeter.api.lines.InMemoryLineHistory;
import dev.taximeter.api.live.LineTail;
import dev.taximeter.api.margin.MarginHistory;
import dev.taximeter.api.sources.Metered;
import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.api.status.HistoryStatus;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.api.suspense.SuspenseItems;
import dev.taximeter.api.tokens.TokenUses;
import dev.taximeter.api.unattributed.UnattributedKeys;
import dev.taximeter.api.usage.InMemoryUsageHistory;
import dev.taximeter.api.webhooks.DeliveryHealth;
import dev.taximeter.api.webhooks.InMemoryDeliveries;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.UnattributedKey;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** All ports, in memory. */
@Configuration(proxyBeanMethods = false)
class TestPorts {
  @Bean
  TestClock clock() {
    return new TestClock();
  }

  @Bean
  States states() {
    return new States();
  }

  /** Sums that a test has put there, and the last question. */
  static final class Margins implements MarginHistory {
    final List<MarginSum> sums = new ArrayList<>();
    MarginQuery asked;

    @Override
    public List<MarginSum> sums(MarginQuery query, int most) {
      asked = query;
      return sums.stream().limit(most).toList();
    }
  }

  @Bean
  InMemoryCatalog catalog() {
    return new InMemoryCatalog();
  }

  @Bean
  Margins margins() {
    return new Margins();
  }

  @Bean
  InMemoryLandedMoney landedMoney() {
    return new InMemoryLandedMoney();
  }

  @Bean
  InMemoryLandedUsage landedUsage() {
    return new InMemoryLandedUsage();
  }

  @Bean
  InMemoryUsageHistory usageHistory() {
    return new InMemoryUsageHistory();
  }

  @Bean
  InMemoryLineHistory lineHistory() {
    return new InMemoryLineHistory();
  }

  @Bean
  Counts counts() {
    return new Counts();
  }

  @Bean
  Unattributed unattributed() {
    return new Unattributed();
  }

  @Bean
  Sources sources() {
    return new Sources();
  }

  @Bean
  Finals finals() {
    return new Finals();
  }

  @Bean
  Ledger ledger() {
    return new Ledger();
  }

  @Bean
  Suspense suspense() {
    return new Suspense();
  }

  @Bean
  InMemoryDeadLetters deadLetters() {
    return new InMemoryDeadLetters();
  }

  @Bean
  Tail tail() {
    return new Tail();
  }

  /** Metering is as far as the sources are. */
  @Bean
  Metered metered() {
    return shipped -> shipped;
  }

  @Bean
  Audited audited() {
    return new Audited();
  }

  /** What a test says that the audit has found. */
  static final class Audited implements AuditProgress {
    static final State NOTHING = new State(true, null, null, 0, 0, 0, List.of(), null, null);

    volatile State state = NOTHING;

    @Override
    public State state() {
      return state;
    }
  }

  @Bean
  Positions positions() {
    return new Positions();
  }

  @Bean
  Alerts alerts() {
    return new Alerts();
  }

  @Bean
  InMemoryDeliveries deliveries() {
    return new InMemoryDeliveries();
  }

  @Bean
  Health health() {
    return new Health();
  }

  @Bean
  InMemoryMarks marks() {
    return new InMemoryMarks();
  }

  @Bean
  InMemoryIncidents incidents() {
    return new InMemoryIncidents();
  }

  @Bean
  Audits audits() {
    return new Audits();
  }

  @Bean
  Gates gates() {
    return new Gates();
  }

  /** What accounts' writers would have told. */
  static final class Gates implements GateStates {
    final Map<String, GateState> states = new ConcurrentHashMap<>();

    @Override
    public GateState find(String account) {
      return states.get(account);
    }
  }

  @Bean
  Uses uses() {
    return new Uses();
  }

  /** Alerts that have landed. */
  static final class Alerts implements AlertHistory {
    final List<Alert> landed = new CopyOnWriteArrayList<>();

    @Override
    public List<Alert> page(Query query, int most) {
      Comparator<Alert> ascending = Comparator.comparing(Alert::crossedAt).thenComparing(Alert::id);
      Comparator<Alert> order = query.descending() ? ascending.reversed() : ascending;
      return landed.stream()
          .filter(it -> query.account() == null || it.account().equals(query.account()))
          .filter(it -> query.quota() == null || it.quota().equals(query.quota()))
          .filter(it -> query.from() == null || !it.crossedAt().isBefore(query.from()))
          .filter(it -> query.to() == null || it.crossedAt().isBefore(query.to()))
          .sorted(order)
          .filter(it -> query.after() == null || follows(it, query))
          .limit(most)
          .toList();
    }

    @Override
    public Alert find(String id) {
      return landed.stream().filter(it -> it.id().equals(id)).findFirst().orElse(null);
    }

    private static boolean follows(Alert alert, Query query) {
      int order = alert.crossedAt().compareTo(query.after().at());
      int place = order == 0 ? alert.id().compareTo(query.after().id()) : order;
      return query.descending() ? place < 0 : place > 0;
    }
  }

  /**
   * The audit log, written and landed at once; the later record of a request replaces the first.
   */
  static final class Audits implements AuditLog, AuditLogHistory {
    private final Map<String, AuditRecord> records = new ConcurrentHashMap<>();
    final List<AuditRecord> written = new CopyOnWriteArrayList<>();
    volatile boolean broken;

    void clear() {
      records.clear();
      written.clear();
      broken = false;
    }

    @Override
    public boolean write(AuditRecord record) {
      if (broken) {
        return false;
      }
      written.add(record);
      records.put(record.id(), record);
      return true;
    }

    @Override
    public List<AuditRecord> page(Query query, int most) {
      Comparator<AuditRecord> order =
          Comparator.comparing(AuditRecord::at).thenComparing(AuditRecord::id);
      return records.values().stream()
          .filter(it -> query.from() == null || !it.at().isBefore(query.from()))
          .filter(it -> query.to() == null || it.at().isBefore(query.to()))
          .filter(it -> query.token() == null || it.token().equals(query.token()))
          .filter(it -> query.outcome() == null || it.outcome() == query.outcome())
          .filter(it -> query.after() == null || isAfter(it, query))
          .sorted(query.descending() ? order.reversed() : order)
          .limit(most)
          .toList();
    }

    private static boolean isAfter(AuditRecord record, Query query) {
      int instants = record.at().compareTo(query.after().at());
      int order = instants != 0 ? instants : record.id().compareTo(query.after().id());
      return query.descending() ? order < 0 : order > 0;
    }
  }

  /** Uses of tokens, known at once; and how often one was told. */
  static final class Uses implements TokenUses {
    private final Map<String, Instant> last = new ConcurrentHashMap<>();
    final List<String> noted = new CopyOnWriteArrayList<>();

    void clear() {
      last.clear();
      noted.clear();
    }

    @Override
    public Instant lastUse(String token) {
      return last.get(token);
    }

    @Override
    public void note(String token, Instant at) {
      noted.add(token);
      last.put(token, at);
    }
  }

  static final class TestClock extends Clock {
    private Instant now = Instant.parse("2026-11-24T09:30:00Z");

    void set(String instant) {
      now = Instant.parse(instant);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  static final class States implements AccountStates {
    private final Map<String, AccountState> states = new ConcurrentHashMap<>();
    boolean complete = true;

    void put(AccountState state) {
      states.put(state.account(), state);
    }

    void clear() {
      states.clear();
    }

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public AccountState find(String account) {
      return states.get(account);
    }

    @Override
    public Collection<AccountState> all() {
      return states.values();
    }
  }

  static final class Health implements DeliveryHealth {
    volatile long waiting;
    volatile long failed;

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public long waiting() {
      return waiting;
    }

    @Override
    public long failed() {
      return failed;
    }

    @Override
    public long defects() {
      return 0;
    }
  }

  static final class Counts implements LineCounts, LineCountHistory, RawBacklog {
    final List<Tally> held = new ArrayList<>();
    final List<Tally> old = new ArrayList<>();
    Instant heldFrom = Instant.EPOCH;
    boolean pending;
    boolean caughtUp = true;
    LineTotals totals = LineTotals.NONE;

    @Override
    public Instant heldFrom() {
      return heldFrom;
    }

    @Override
    public List<Tally> tallies() {
      return held;
    }

    @Override
    public LineTotals totals() {
      return totals;
    }

    @Override
    public boolean caughtUp() {
      return caughtUp;
    }

    @Override
    public List<Tally> tallies(Instant from, Instant before, int mostTallies) {
      return old.stream()
          .filter(tally -> !tally.hour().isBefore(from) && tally.hour().isBefore(before))
          .toList();
    }

    @Override
    public boolean pending() {
      return pending;
    }
  }

  static final class Unattributed implements UnattributedKeys {
    final ConcurrentSkipListMap<String, UnattributedKey> keys = new ConcurrentSkipListMap<>();
    boolean complete = true;

    void put(UnattributedKey key) {
      keys.put(key.recordKey(), key);
    }

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public UnattributedKey find(String id) {
      return keys.get(id);
    }

    @Override
    public NavigableMap<String, UnattributedKey> all() {
      return keys;
    }
  }

  static final class Sources implements SourceStates {
    final ConcurrentSkipListMap<String, SourceState> states = new ConcurrentSkipListMap<>();

    void put(SourceState state) {
      states.put(state.recordKey(), state);
    }

    @Override
    public NavigableMap<String, SourceState> all() {
      return states;
    }
  }

  static final class Finals implements FinalBills {
    final Map<String, FinalBill> bills = new ConcurrentHashMap<>();

    void put(FinalBill bill) {
      bills.put(bill.recordKey(), bill);
    }

    @Override
    public FinalBill find(String account, long number) {
      return bills.get(account + '\t' + number);
    }

    @Override
    public List<FinalBill> of(String account) {
      return bills.values().stream()
          .filter(bill -> bill.account().equals(account))
          .sorted(Comparator.comparing(FinalBill::number))
          .toList();
    }
  }

  static final class Ledger implements LedgerHistory {
    final List<LedgerPosting> postings = new ArrayList<>();

    @Override
    public List<LedgerPosting> postings(LedgerQuery query, int most) {
      Comparator<LedgerPosting> order = Comparator.comparing(LedgerPosting::number);
      return postings.stream()
          .filter(posting -> posting.account().equals(query.account()))
          .filter(
              posting ->
                  query.after() == null
                      || (query.descending()
                          ? posting.number() < query.after()
                          : posting.number() > query.after()))
          .filter(posting -> query.from() == null || !posting.at().isBefore(query.from()))
          .filter(posting -> query.to() == null || posting.at().isBefore(query.to()))
          .filter(posting -> query.kind() == null || posting.kind() == query.kind())
          .sorted(query.descending() ? order.reversed() : order)
          .limit(most)
          .toList();
    }
  }

  static final class Suspense implements SuspenseItems {
    final Map<String, SuspenseItem> items = new ConcurrentHashMap<>();
    boolean complete = true;

    void put(SuspenseItem item) {
      items.put(item.lineId(), item);
    }

    @Override
    public SuspenseItem find(String id) {
      return items.get(id);
    }

    @Override
    public List<SuspenseItem> all() {
      return List.copyOf(items.values());
    }

    @Override
    public boolean complete() {
      return complete;
    }
  }

  static final class Tail implements LineTail {
    volatile Listener listener;

    @Override
    public void follow(Listener following) {
      listener = following;
    }

    @Override
    public void rest() {
      listener = null;
    }
  }

  static final class Positions implements ViewPositions, HistoryStatus {
    final Map<String, String> waiting = new TreeMap<>();
    boolean reachable = true;

    @Override
    public Map<String, Map<Integer, Long>> positions() {
      return Map.of("account.states.v1", Map.of(0, 123L));
    }

    @Override
    public Map<String, String> waiting() {
      return waiting;
    }

    @Override
    public boolean reachable() {
      return reachable;
    }

    @Override
    public Optional<Map<String, Map<Integer, Long>>> landed() {
      return reachable
          ? Optional.of(Map.of("account.states.v1", Map.of(0, 120L)))
          : Optional.empty();
    }
  }
}
