package dev.taximeter.api.kafka;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.MeteringProgress;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.MeteringStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What {@code metering.status.v1} and the account states say about the catalogue. */
public final class LiveMeteringProgress implements MeteringProgress, TopicView.Sink {
  private final Records<MeteringStatus> records = new Records<>(MeteringStatus.class);
  private final Map<String, Long> versions = new ConcurrentHashMap<>();
  private final AccountStates states;
  private final int partitions;

  /**
   * @param partitions partitions of the raw topic: parts of intake that must have said so
   */
  public LiveMeteringProgress(AccountStates states, int partitions) {
    this.states = states;
    this.partitions = partitions;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      MeteringStatus status = records.read(record);
      if (status != null) {
        versions.put(status.part(), status.catalogVersion());
      }
    }
  }

  @Override
  public long catalogVersion() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < partitions; i++) {
      least = Math.min(least, versions.getOrDefault("intake-" + i, 0L));
    }
    return least;
  }

  @Override
  public long termsVersion(String account) {
    AccountState state = states.find(account);
    return state == null ? 0 : state.termsVersion();
  }
}
