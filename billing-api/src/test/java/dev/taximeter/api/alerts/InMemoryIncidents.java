package dev.taximeter.api.alerts;

import dev.taximeter.contract.event.Incident;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Incidents that a test has put there. */
public final class InMemoryIncidents implements Incidents {
  private final Map<String, Incident> incidents = new ConcurrentSkipListMap<>();

  public void clear() {
    incidents.clear();
  }

  public void put(Incident incident) {
    incidents.put(incident.id(), incident);
  }

  @Override
  public List<Incident> all() {
    return List.copyOf(incidents.values());
  }

  @Override
  public Incident find(String id) {
    return incidents.get(id);
  }
}
