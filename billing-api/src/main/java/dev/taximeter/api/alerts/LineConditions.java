package dev.taximeter.api.alerts;

import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.catalog.AlertKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lines that leaked or were tampered with. Used by one thread. */
public final class LineConditions implements ConditionSource {
  /** Such lines keep an incident open for so long. */
  private static final Duration LATELY = Duration.ofHours(1);

  /** A statement each time would be too much. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  private final OddLines odd;
  private Instant asked = Instant.EPOCH;
  private List<Condition> found = List.of();

  /** Why the last look failed; null if it did not. */
  private @Nullable HistoryUnavailableException failure;

  public LineConditions(OddLines odd) {
    this.odd = odd;
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.LEAKAGE, AlertKind.TAMPERING);
  }

  @Override
  public List<Condition> now(Instant now) {
    if (Duration.between(asked, now).abs().compareTo(FRESH) >= 0) {
      // Also if it fails: other sources must not wait for history all the time.
      asked = now;
      try {
        found = look(now);
        failure = null;
      } catch (HistoryUnavailableException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return found;
  }

  private List<Condition> look(Instant now) {
    OddLines.Counts lately = odd.since(now.minus(LATELY));
    List<Condition> all = new ArrayList<>();
    add(
        all,
        AlertKind.LEAKAGE,
        lately.leaked(),
        "%d answers of the last hour have no counts but cost money; GET /v1/leakage shows whose.");
    add(
        all,
        AlertKind.TAMPERING,
        lately.tampered(),
        "Clients wrote into %d lines of the last hour what only the gateway should write.");
    return List.copyOf(all);
  }

  private static void add(List<Condition> all, AlertKind kind, long value, String sentence) {
    if (value != 0) {
      all.add(
          new Condition(
              kind,
              null,
              "",
              sentence.formatted(value),
              Map.of("value", Long.toString(value), "limit", "0")));
    }
  }
}
