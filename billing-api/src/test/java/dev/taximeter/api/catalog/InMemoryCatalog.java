package dev.taximeter.api.catalog;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A catalogue with its writer and a metering that keeps up, all in one place. */
public final class InMemoryCatalog
    implements CatalogView, CommandGateway, MeteringProgress, CatalogHistory {
  private final List<CatalogRecord> all = new ArrayList<>();
  private final Map<String, CatalogRecord> records = new LinkedHashMap<>();
  private final Map<String, Long> terms = new LinkedHashMap<>();
  private final List<Command> commands = new ArrayList<>();
  private CatalogSnapshot snapshot = CatalogSnapshot.EMPTY;
  private PriceVersions priceVersions = new PriceVersions();
  private BiConsumer<Account, Long> opener = (account, version) -> {};
  private Function<Command, List<String>> orderTaker = command -> List.of();
  private Function<Command, @Nullable CommandResult> moneyTaker = command -> null;
  private List<String> refusal = List.of();
  private @Nullable Runnable beforeDeciding;
  private CatalogSnapshot late = CatalogSnapshot.EMPTY;
  private long lateUntilNanos = System.nanoTime();
  private boolean silent;
  private boolean slowIntake;
  private boolean slowTerms;

  /** Told of each account whose terms change. */
  public void onTerms(BiConsumer<Account, Long> opened) {
    opener = opened;
  }

  /** Carries orders out, and says what is wrong with them. */
  public void onOrders(Function<Command, List<String>> taker) {
    orderTaker = taker;
  }

  /** Decides commands about an account's money. */
  public void onMoney(Function<Command, @Nullable CommandResult> taker) {
    moneyTaker = taker;
  }

  /** Somebody else is faster: this happens when the next command has been sent. */
  public void beforeNextDecision(Runnable others) {
    beforeDeciding = others;
  }

  /** For so long the view does not see what changes from now on. */
  public void seeLate(Duration delay) {
    late = snapshot;
    lateUntilNanos = System.nanoTime() + delay.toNanos();
  }

  public void refuse(String... sentences) {
    refusal = List.of(sentences);
  }

  public void setSilent(boolean silent) {
    this.silent = silent;
  }

  public void setSlowIntake(boolean slow) {
    this.slowIntake = slow;
  }

  public void setSlowTerms(boolean slow) {
    this.slowTerms = slow;
  }

  public List<Command> commands() {
    return List.copyOf(commands);
  }

  public void clear() {
    records.clear();
    all.clear();
    terms.clear();
    commands.clear();
    snapshot = CatalogSnapshot.EMPTY;
    priceVersions = new PriceVersions();
    refusal = List.of();
    beforeDeciding = null;
    lateUntilNanos = System.nanoTime();
    orderTaker = command -> List.of();
    moneyTaker = command -> null;
    silent = false;
    slowIntake = false;
    slowTerms = false;
  }

  @Override
  public CatalogSnapshot snapshot() {
    return System.nanoTime() < lateUntilNanos ? late : snapshot;
  }

  @Override
  public PriceVersions priceVersions() {
    return priceVersions;
  }

  @Override
  public CommandResult decide(Command command, Duration patience) throws TimeoutException {
    commands.add(command);
    Runnable others = beforeDeciding;
    beforeDeciding = null;
    if (others != null) {
      others.run();
    }
    if (silent) {
      throw new TimeoutException();
    }
    if (!refusal.isEmpty()) {
      return new CommandResult(command.id(), false, snapshot.version(), List.of(), refusal);
    }
    CommandResult decided = moneyTaker.apply(command);
    if (decided != null) {
      return decided;
    }
    List<String> problems = command.orders().isEmpty() ? List.of() : orderTaker.apply(command);
    if (!problems.isEmpty()) {
      return new CommandResult(command.id(), false, snapshot.version(), List.of(), problems);
    }
    List<String> outdated =
        command.expected().entrySet().stream()
            .filter(it -> snapshot.versionOf(it.getKey()) != it.getValue())
            .map(it -> it.getKey() + " was changed meanwhile")
            .toList();
    if (!outdated.isEmpty()) {
      return new CommandResult(command.id(), false, snapshot.version(), List.of(), outdated);
    }
    Map<String, Resource> changes = changes(command.upsert());
    long version = changes.isEmpty() ? snapshot.version() : snapshot.version() + 1;
    changes.forEach(
        (id, resource) -> {
          CatalogRecord record =
              new CatalogRecord(
                  id,
                  version,
                  command.id(),
                  command.author(),
                  command.reason(),
                  Instant.EPOCH,
                  true,
                  resource);
          records.put(id, record);
          all.add(record);
          priceVersions.add(record);
        });
    snapshot = new CatalogSnapshot(version, records.values());
    if (!slowTerms) {
      for (String account : snapshot.accountsDependingOn(command.upsert())) {
        terms.put(account, snapshot.termsVersion(account));
        opener.accept(snapshot.account(account), snapshot.termsVersion(account));
      }
    }
    return new CommandResult(command.id(), true, version, List.copyOf(changes.keySet()), List.of());
  }

  private Map<String, Resource> changes(Catalog upsert) {
    Map<String, Resource> changes = new LinkedHashMap<>();
    upsert
        .priceBooks()
        .forEach(it -> changes.put("priceBook/" + it.id(), new Resource.OfPriceBook(it)));
    upsert.plans().forEach(it -> changes.put("plan/" + it.id(), new Resource.OfPlan(it)));
    upsert.accounts().forEach(it -> changes.put("account/" + it.id(), new Resource.OfAccount(it)));
    upsert.keys().forEach(it -> changes.put("key/" + it.fingerprint(), new Resource.OfKey(it)));
    upsert.quotas().forEach(it -> changes.put("quota/" + it.id(), new Resource.OfQuota(it)));
    upsert.teams().forEach(it -> changes.put("team/" + it.id(), new Resource.OfTeam(it)));
    upsert.credits().forEach(it -> changes.put("credit/" + it.id(), new Resource.OfCredit(it)));
    upsert.tokens().forEach(it -> changes.put("token/" + it.id(), new Resource.OfToken(it)));
    upsert
        .recipients()
        .forEach(it -> changes.put("recipient/" + it.id(), new Resource.OfRecipient(it)));
    changes
        .entrySet()
        .removeIf(
            change ->
                records.containsKey(change.getKey())
                    && records.get(change.getKey()).resource().equals(change.getValue()));
    return changes;
  }

  @Override
  public List<Revision> of(String recordId, boolean descending, Long after, int most) {
    Comparator<CatalogRecord> ascending = Comparator.comparing(CatalogRecord::version);
    return all.stream()
        .filter(record -> record.id().equals(recordId))
        .filter(
            record ->
                after == null || (descending ? record.version() < after : record.version() > after))
        .sorted(descending ? ascending.reversed() : ascending)
        .limit(most)
        .map(
            record ->
                new Revision(
                    record.id(),
                    record.version(),
                    record.at(),
                    record.author(),
                    record.reason(),
                    record.commandId(),
                    Json.MAPPER.writerFor(Resource.class).writeValueAsString(record.resource())))
        .toList();
  }

  @Override
  public long catalogVersion() {
    return slowIntake ? 0 : snapshot.version();
  }

  @Override
  public long termsVersion(String account) {
    return terms.getOrDefault(account, 0L);
  }
}
