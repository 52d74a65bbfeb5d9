package dev.taximeter.api.kafka;

import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.contract.event.SourceState;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The latest record of each source in {@code sources.v1}; metering bounds their number. */
public final class LiveSources implements SourceStates, TopicView.Sink {
  private final Records<SourceState> records = new Records<>(SourceState.class);
  private final NavigableMap<String, SourceState> states = new ConcurrentSkipListMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      if (record.value() == null && record.key() != null) {
        states.remove(record.key());
        continue;
      }
      SourceState state = records.read(record);
      if (state != null) {
        states.put(state.recordKey(), state);
      }
    }
  }

  @Override
  public NavigableMap<String, SourceState> all() {
    return Collections.unmodifiableNavigableMap(states);
  }
}
