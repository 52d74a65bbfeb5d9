package dev.taximeter.api.kafka;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest whole state of each account in {@code account.states.v1}. */
public final class LiveAccountStates implements AccountStates, TopicView.Sink {
  private final Records<AccountRecord> records = new Records<>(AccountRecord.class);

  /** Used by the view's thread only. */
  private final AccountAssembly assembly = new AccountAssembly();

  private final Map<String, AccountState> states = new ConcurrentHashMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      AccountRecord read = records.read(record);
      AccountState state = read == null ? null : assembly.accept(read);
      if (state != null) {
        states.put(state.account(), state);
      }
    }
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
