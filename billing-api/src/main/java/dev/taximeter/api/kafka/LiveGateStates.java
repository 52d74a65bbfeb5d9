package dev.taximeter.api.kafka;

import dev.taximeter.api.gate.GateStates;
import dev.taximeter.contract.event.GateState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest record of each account in {@code gate.states.v1}: of accounts that people made. */
public final class LiveGateStates implements GateStates, TopicView.Sink {
  private final Records<GateState> records = new Records<>(GateState.class);
  private final Map<String, GateState> states = new ConcurrentHashMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      GateState state = records.read(record);
      if (state != null) {
        states.put(state.account(), state);
      }
    }
  }

  @Override
  public @Nullable GateState find(String account) {
    return states.get(account);
  }
}
