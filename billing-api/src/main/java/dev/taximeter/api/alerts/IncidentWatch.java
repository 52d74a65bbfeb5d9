package dev.taximeter.api.alerts;

import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.Incident;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what is wrong at each moment into incidents with a beginning and an end. Only the process
 * that owns the first partition of alerts asks it, so an incident begins once. Used by one thread.
 */
public final class IncidentWatch {
  /** Incidents that are kept, some 1 kB each. The oldest of those that are over go. */
  static final int MOST_INCIDENTS = 10_000;

  /** Of one kind at once: a system has one problem then, not many. */
  static final int MOST_OPEN_OF_A_KIND = 500;

  /** Numbers that are put together of several topics are off for moments. */
  private static final Duration UNSTEADY = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(IncidentWatch.class);

  private final List<ConditionSource> sources;
  private final Incidents incidents;

  /** When each condition was first seen, of those that are no incident yet. */
  private final Map<String, Instant> seen = new HashMap<>();

  /** Since when the condition of each open incident has been gone. */
  private final Map<String, Instant> gone = new HashMap<>();

  public IncidentWatch(List<ConditionSource> sources, Incidents incidents) {
    this.sources = List.copyOf(sources);
    this.incidents = incidents;
  }

  /** {@return incidents that begin or end now} */
  public List<Incident> changes(Instant now) {
    Map<String, Incident> open = open();
    List<Incident> changes = new ArrayList<>();
    for (ConditionSource source : sources) {
      try {
        changes.addAll(changes(source.kinds(), source.now(now), open, now));
      } catch (HistoryUnavailableException e) {
        LOG.debug("it cannot be said whether there is {}", source.kinds(), e);
      }
    }
    return changes;
  }

  /** {@return ids of incidents that are not kept any longer} */
  public List<String> forgotten() {
    List<Incident> all = incidents.all();
    return all.stream()
        .filter(incident -> incident.resolvedAt() != null)
        .sorted(Comparator.comparing(Incident::since))
        .limit(Math.max(0, all.size() - MOST_INCIDENTS))
        .map(Incident::id)
        .toList();
  }

  private Map<String, Incident> open() {
    Map<String, Incident> open = new LinkedHashMap<>();
    for (Incident incident : incidents.all()) {
      if (incident.resolvedAt() == null) {
        open.put(
            Condition.identity(incident.kind(), incident.account(), incident.subject()), incident);
      }
    }
    return open;
  }

  private List<Incident> changes(
      Set<AlertKind> kinds, List<Condition> conditions, Map<String, Incident> open, Instant now) {
    List<Incident> changes = new ArrayList<>();
    Map<AlertKind, Integer> counts = new HashMap<>();
    open.values().forEach(incident -> counts.merge(incident.kind(), 1, Integer::sum));
    Map<String, Condition> present = new LinkedHashMap<>();
    conditions.forEach(condition -> present.put(condition.identity(), condition));
    for (Map.Entry<String, Condition> entry : present.entrySet()) {
      Condition condition = entry.getValue();
      gone.remove(entry.getKey());
      if (open.containsKey(entry.getKey())) {
        continue;
      }
      Instant first = seen.computeIfAbsent(entry.getKey(), it -> now);
      boolean hasRoom = counts.getOrDefault(condition.kind(), 0) < MOST_OPEN_OF_A_KIND;
      if (hasRoom && !first.plus(patience(condition.kind())).isAfter(now)) {
        counts.merge(condition.kind(), 1, Integer::sum);
        changes.add(begun(condition, now));
      }
    }
    seen.keySet().removeIf(identity -> isOf(kinds, identity) && !present.containsKey(identity));
    open.forEach(
        (identity, incident) -> {
          if (kinds.contains(incident.kind()) && !present.containsKey(identity)) {
            Instant since = gone.computeIfAbsent(identity, it -> now);
            if (!since.plus(patience(incident.kind())).isAfter(now)) {
              gone.remove(identity);
              changes.add(incident.resolved(now));
            }
          }
        });
    changes.forEach(it -> seen.remove(Condition.identity(it.kind(), it.account(), it.subject())));
    return changes;
  }

  private static boolean isOf(Set<AlertKind> kinds, String identity) {
    return kinds.stream().anyMatch(kind -> identity.startsWith(kind.code() + "\t"));
  }

  private static Duration patience(AlertKind kind) {
    return switch (kind) {
      case RESIDUAL -> UNSTEADY;
      case QUOTA,
          BALANCE_LOW,
          BALANCE_EXHAUSTED,
          UNPRICED_MODEL,
          LEAKAGE,
          TAMPERING,
          GAP,
          SILENT_SOURCE,
          DRIFT,
          TEST ->
          Duration.ZERO;
    };
  }

  private static Incident begun(Condition condition, Instant now) {
    return new Incident(
        UUID.randomUUID().toString(),
        1,
        condition.kind(),
        condition.account(),
        condition.subject(),
        condition.text(),
        condition.details(),
        now,
        null);
  }
}
