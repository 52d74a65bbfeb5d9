package dev.taximeter.api.alerts;

import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.Incident;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what is wrong at each moment into incidents with a beginning and an end. Only the process
 * that owns the first partition of alerts asks it, so an incident begins once. Used by one thread.
 */
public final class IncidentWatch {
  /** Incidents that are kept, some 1 kB each. The oldest of those that are over go. */
  static final int MOST_INCIDENTS = 10_000;

  /**
   * Of one kind that concerns the installation: it has one problem then, not many. What concerns an
   * account is told of each.
   */
  static final int MOST_OPEN_OF_A_KIND = 500;

  /** Incidents that begin or end in one look; the others follow in the next ones. */
  static final int MOST_CHANGES = 100;

  /** Numbers that are put together of several topics are off for moments. */
  private static final Duration UNSTEADY = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(IncidentWatch.class);

  private final List<ConditionSource> sources;
  private final Incidents incidents;

  /** When each condition was first seen, of those that are no incident yet. */
  private final Map<String, Instant> seen = new HashMap<>();

  /** Since when the condition of each open incident has been gone. */
  private final Map<String, Instant> gone = new HashMap<>();

  private final AtomicLong defects = new AtomicLong();

  /** Whether it was said that there is no room for more incidents of a kind. */
  private final Set<AlertKind> crowded = EnumSet.noneOf(AlertKind.class);

  public IncidentWatch(List<ConditionSource> sources, Incidents incidents) {
    this.sources = List.copyOf(sources);
    this.incidents = incidents;
  }

  /** {@return incidents that begin or end now; more may follow} */
  public List<Incident> changes(Instant now) {
    Map<String, Incident> open = new LinkedHashMap<>();
    Map<String, Incident> latest = new HashMap<>();
    for (Incident incident : incidents.all()) {
      String identity = identity(incident);
      latest.merge(
          identity, incident, (one, other) -> one.since().isAfter(other.since()) ? one : other);
      if (incident.resolvedAt() == null) {
        open.put(identity, incident);
      }
    }
    List<Incident> changes = new ArrayList<>();
    for (ConditionSource source : sources) {
      List<Condition> conditions = conditions(source, now);
      if (conditions != null) {
        Look look = new Look(now, open, latest, MOST_CHANGES - changes.size());
        changes.addAll(changes(source.kinds(), conditions, look));
      }
    }
    return changes;
  }

  /** {@return null if it cannot be said: incidents stay as they are} */
  private @Nullable List<Condition> conditions(ConditionSource source, Instant now) {
    try {
      return source.now(now);
    } catch (HistoryUnavailableException | UnknownConditionException e) {
      LOG.debug("it cannot be said whether there is {}", source.kinds(), e);
    } catch (RuntimeException e) {
      defects.incrementAndGet();
      LOG.error("it cannot be said whether there is {}", source.kinds(), e);
    }
    return null;
  }

  /** {@return how often a source failed in a way that nobody has foreseen} */
  public long defects() {
    return defects.get();
  }

  /**
   * One look.
   *
   * @param open incidents, by what they are about
   * @param latest incident about each, open or over
   * @param room for so many changes
   */
  private record Look(
      Instant now, Map<String, Incident> open, Map<String, Incident> latest, int room) {}

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

  private static String identity(Incident incident) {
    return Condition.identity(incident.kind(), incident.account(), incident.subject());
  }

  private List<Incident> changes(Set<AlertKind> kinds, List<Condition> conditions, Look look) {
    Map<String, Condition> present = new LinkedHashMap<>();
    conditions.forEach(condition -> present.put(condition.identity(), condition));
    List<Incident> changes = new ArrayList<>(ended(kinds, present.keySet(), look));
    Map<AlertKind, Integer> counts = new EnumMap<>(AlertKind.class);
    look.open().values().forEach(incident -> counts.merge(incident.kind(), 1, Integer::sum));
    for (Map.Entry<String, Condition> entry : present.entrySet()) {
      Condition condition = entry.getValue();
      gone.remove(entry.getKey());
      if (look.open().containsKey(entry.getKey())) {
        continue;
      }
      Instant first = seen.computeIfAbsent(entry.getKey(), it -> look.now());
      if (changes.size() < look.room()
          && !first.plus(patience(condition.kind())).isAfter(look.now())
          && hasRoom(condition, counts)) {
        counts.merge(condition.kind(), 1, Integer::sum);
        changes.add(begun(condition, look.latest().get(entry.getKey()), look.now()));
      }
    }
    seen.keySet().removeIf(identity -> isOf(kinds, identity) && !present.containsKey(identity));
    changes.forEach(it -> seen.remove(identity(it)));
    return changes;
  }

  private List<Incident> ended(Set<AlertKind> kinds, Set<String> present, Look look) {
    List<Incident> ended = new ArrayList<>();
    look.open()
        .forEach(
            (identity, incident) -> {
              if (kinds.contains(incident.kind()) && !present.contains(identity)) {
                Instant since = gone.computeIfAbsent(identity, it -> look.now());
                if (ended.size() < look.room()
                    && !since.plus(patience(incident.kind())).isAfter(look.now())) {
                  gone.remove(identity);
                  ended.add(incident.resolved(look.now()));
                }
              }
            });
    return ended;
  }

  private boolean hasRoom(Condition condition, Map<AlertKind, Integer> counts) {
    AlertKind kind = condition.kind();
    if (condition.account() != null || counts.getOrDefault(kind, 0) < MOST_OPEN_OF_A_KIND) {
      crowded.remove(kind);
      return true;
    }
    if (crowded.add(kind)) {
      LOG.warn(
          "There are {} open incidents of the kind {}; further ones are not told until some are"
              + " over",
          MOST_OPEN_OF_A_KIND,
          kind.code());
    }
    return false;
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

  /**
   * Its id follows from what it is about and the incident before, so that two who find the same
   * begin the same.
   */
  private static Incident begun(Condition condition, @Nullable Incident before, Instant now) {
    String follows = before == null ? now.truncatedTo(ChronoUnit.HOURS).toString() : before.id();
    String name = condition.identity() + '\t' + follows;
    return new Incident(
        UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString(),
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
