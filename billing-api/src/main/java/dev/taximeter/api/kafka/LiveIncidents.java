package dev.taximeter.api.kafka;

import dev.taximeter.api.alerts.Incidents;
import dev.taximeter.contract.event.Incident;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest record of each incident in {@code incidents.v1}; their writer bounds their number. */
public final class LiveIncidents implements Incidents, TopicView.Sink {
  private final Records<Incident> records = new Records<>(Incident.class);
  private final Map<String, Incident> incidents = new ConcurrentHashMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      if (record.value() == null && record.key() != null) {
        incidents.remove(record.key());
        continue;
      }
      Incident incident = records.read(record);
      if (incident != null) {
        put(incident);
      }
    }
  }

  /** Takes in what was committed a moment ago: it comes by the topic, too, but later. */
  void put(Incident incident) {
    incidents.merge(
        incident.id(), incident, (old, next) -> next.revision() >= old.revision() ? next : old);
  }

  @Override
  public List<Incident> all() {
    return List.copyOf(incidents.values());
  }

  @Override
  public @Nullable Incident find(String id) {
    return incidents.get(id);
  }
}
