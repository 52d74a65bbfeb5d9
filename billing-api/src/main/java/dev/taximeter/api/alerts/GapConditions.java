package dev.taximeter.api.alerts;

import dev.taximeter.api.sources.SourceStates;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.SourceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sources that miss bytes. */
public final class GapConditions implements ConditionSource {
  private final SourceStates sources;

  public GapConditions(SourceStates sources) {
    this.sources = sources;
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.GAP);
  }

  @Override
  public List<Condition> now(Instant now) {
    List<Condition> found = new ArrayList<>();
    for (SourceState state : sources.all().values()) {
      String subject = state.source().host() + ":" + state.source().path();
      boolean retired = state.status() == SourceState.Status.RETIRED;
      if (state.gapCount() > 0 && !retired) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("value", Long.toString(state.gapCount()));
        details.put("limit", "0");
        if (!state.gaps().isEmpty()) {
          details.put("from", Long.toString(state.gaps().get(0).from()));
          details.put("reason", state.gaps().get(0).reason());
        }
        found.add(
            new Condition(
                AlertKind.GAP,
                null,
                subject,
                "%d ranges of bytes are missing; GET /v1/sources/gaps names them for backfill."
                    .formatted(state.gapCount()),
                details));
      }
    }
    return found;
  }
}
