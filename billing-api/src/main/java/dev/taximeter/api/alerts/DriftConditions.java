package dev.taximeter.api.alerts;

import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.audit.AuditTrouble;
import dev.taximeter.contract.catalog.AlertKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Differences that the audit in the background finds, and that it could not look for long. */
public final class DriftConditions implements ConditionSource {
  private final AuditProgress audit;

  public DriftConditions(AuditProgress audit) {
    this.audit = audit;
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.DRIFT);
  }

  @Override
  public List<Condition> now(Instant now) {
    AuditProgress.State state = audit.state();
    long drift = state.drift();
    AuditTrouble trouble = state.trouble();
    if (drift == 0 && trouble != null && trouble.kind() == AuditTrouble.Kind.STALLED) {
      return List.of(condition(trouble.sentence(), drift));
    }
    // After a start it has found nothing because it has not looked.
    if (drift == 0
        && (!state.on() || state.roundCompletedAt() == null || state.failure() != null)) {
      throw new UnknownConditionException("the audit has not been through with everything");
    }
    return drift == 0
        ? List.of()
        : List.of(
            condition(
                "The audit finds %d differences between landed events and what was made of them; GET /v1/audit names them."
                    .formatted(drift),
                drift));
  }

  private static Condition condition(String sentence, long drift) {
    return new Condition(
        AlertKind.DRIFT, null, "", sentence, Map.of("value", Long.toString(drift), "limit", "0"));
  }
}
