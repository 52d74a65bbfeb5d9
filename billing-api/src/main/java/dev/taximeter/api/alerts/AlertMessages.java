package dev.taximeter.api.alerts;

import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Incident;
import dev.taximeter.contract.money.Decimals;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says in words what an alert is. Pure. */
public final class AlertMessages {
  /** How long an alert lasts that would be over when it is decided. */
  private static final Duration SHORTEST = Duration.ofHours(1);

  private static final Duration OF_A_TEST = Duration.ofMinutes(5);

  private AlertMessages() {}

  /** {@return what recipients are told of a threshold that was reached} */
  public static AlertMessage of(Alert alert) {
    String unit =
        switch (alert.metric()) {
          case COST -> alert.currency();
          case REQUESTS -> "requests";
          default -> "tokens";
        };
    String value = Decimals.plain(alert.value());
    String limit = Decimals.plain(alert.limit());
    Map<String, String> details = new LinkedHashMap<>();
    details.put("quota", alert.quota());
    details.put("metric", alert.metric().name().toLowerCase(Locale.ROOT));
    details.put("window", alert.window().name().toLowerCase(Locale.ROOT));
    put(details, "key", alert.key());
    put(details, "model", alert.model());
    details.put("period", alert.period());
    details.put("threshold", Integer.toString(alert.threshold()));
    details.put("value", value);
    details.put("limit", limit);
    if (alert.metric() == Quota.Metric.COST) {
      details.put("currency", alert.currency());
    }
    details.put("crossedAt", alert.crossedAt().toString());
    put(details, "line", alert.line());
    details.put("late", Boolean.toString(alert.late()));
    details.put("sequence", Long.toString(alert.sequence()));
    details.put("decidedAt", alert.decidedAt().toString());
    Instant arrival = alert.arrival();
    if (arrival != null) {
      details.put(
          "delayMillis", Long.toString(Duration.between(arrival, alert.decidedAt()).toMillis()));
    }
    return new AlertMessage(
        alert.id(),
        AlertKind.QUOTA,
        false,
        alert.account(),
        alert.quota(),
        "Quota %s of %s has reached %d %%"
            .formatted(alert.quota(), alert.account(), alert.threshold()),
        "%s of %s %s are used in %s%s."
            .formatted(
                value,
                limit,
                unit,
                alert.period(),
                alert.late() ? ", by usage that came late" : ""),
        alert.decidedAt(),
        // Alert managers repeat an alert while it lasts: until the window ends, but for a late one.
        lasts(alert),
        details);
  }

  /** Never before it began: who decides may be behind. */
  private static Instant lasts(Alert alert) {
    Instant least = alert.decidedAt().plus(SHORTEST);
    return alert.late() || alert.periodEnd().isBefore(least) ? least : alert.periodEnd();
  }

  private static void put(Map<String, String> details, String name, @Nullable String value) {
    if (value != null) {
      details.put(name, value);
    }
  }

  /** {@return what recipients are told when an incident begins or ends} */
  public static AlertMessage of(Incident incident) {
    boolean over = incident.resolvedAt() != null;
    String account = incident.account();
    String about =
        (account == null ? "" : " of " + account)
            + (incident.subject().isEmpty() ? "" : ": " + incident.subject());
    return new AlertMessage(
        incident.id(),
        incident.kind(),
        over,
        account,
        incident.subject(),
        (over ? "Over: " : "") + name(incident.kind()) + about,
        incident.text(),
        incident.since(),
        incident.resolvedAt(),
        incident.details());
  }

  /** What a recipient is told that somebody tries. */
  public static AlertMessage test(String id, String author, Instant at) {
    return new AlertMessage(
        id,
        AlertKind.TEST,
        false,
        null,
        "",
        "Test message of Taximeter",
        "%s tries whether alerts arrive here. Nothing is wrong.".formatted(author),
        at,
        at.plus(OF_A_TEST),
        Map.of());
  }

  private static String name(AlertKind kind) {
    return switch (kind) {
      case QUOTA -> "Quota reached";
      case BALANCE_LOW -> "Low balance";
      case BALANCE_EXHAUSTED -> "Balance used up";
      case UNPRICED_MODEL -> "Requests without a price";
      case LEAKAGE -> "Usage without counts";
      case TAMPERING -> "Tampered lines";
      case GAP -> "Missing bytes";
      case SILENT_SOURCE -> "Silent source";
      case RESIDUAL -> "Lines without a fate";
      case DRIFT -> "Audit differences";
      case TEST -> "Test";
    };
  }
}
