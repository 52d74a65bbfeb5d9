package dev.taximeter.api.kafka;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Holders;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest whole state of each account in {@code account.states.v1}. Accounts of the catalogue
 * are as many as people have made; unknown keys are as many as somebody guesses, so that only the
 * first of them have a state here.
 */
public final class LiveAccountStates implements AccountStates, TopicView.Sink {
  /** States of unknown keys: some 1 kB each, they have no bill lines. */
  static final int MOST_HOLDERS = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(LiveAccountStates.class);

  private final Records<AccountRecord> records = new Records<>(AccountRecord.class);

  /** Used by the view's thread only. */
  private final AccountAssembly assembly = new AccountAssembly();

  private final Map<String, AccountState> states = new ConcurrentHashMap<>();
  private final int mostHolders;

  /** Used by the view's thread only. */
  private final Set<String> holders = new HashSet<>();

  private volatile boolean complete = true;

  public LiveAccountStates() {
    this(MOST_HOLDERS);
  }

  LiveAccountStates(int mostHolders) {
    this.mostHolders = mostHolders;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      AccountRecord read = records.read(record);
      AccountState state = read == null || !hasRoom(read.account()) ? null : assembly.accept(read);
      if (state != null) {
        states.put(state.account(), state);
      }
    }
  }

  private boolean hasRoom(String account) {
    if (!account.startsWith(Holders.UNATTRIBUTED) || holders.contains(account)) {
      return true;
    }
    if (holders.size() < mostHolders) {
      return holders.add(account);
    }
    if (complete) {
      complete = false;
      LOG.warn(
          "More than {} unknown keys: further ones have no live state here; the table usage_events has their usage",
          mostHolders);
    }
    return false;
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public @Nullable AccountState find(String account) {
    return states.get(account);
  }

  @Override
  public Collection<AccountState> all() {
    return Collections.unmodifiableCollection(states.values());
  }
}
