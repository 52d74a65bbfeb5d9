package dev.taximeter.api.metrics;

import dev.taximeter.api.accounting.Conservation;
import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.audit.AuditTrouble;
import dev.taximeter.api.gate.GateObserver;
import dev.taximeter.api.status.HistoryStatus;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.api.webhooks.DeliveryHealth;
import dev.taximeter.contract.event.Fate;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Instant;

/** All metrics of this process. Numbers of one scrape are of one moment. */
public final class ApiMetrics {
  private final LineCounts counts;
  private final RawBacklog backlog;
  private final ViewPositions views;
  private final HistoryStatus history;
  private final DeliveryHealth delivery;
  private final Clock clock;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  // Guarded by this.
  private boolean linesKnown;
  private LineTotals totals = LineTotals.NONE;
  private Conservation.Counts conservation = Conservation.Counts.NONE;

  public ApiMetrics(
      LineCounts counts,
      RawBacklog backlog,
      ViewPositions views,
      HistoryStatus history,
      AuditProgress audit,
      DeliveryHealth delivery,
      Clock clock) {
    this.counts = counts;
    this.backlog = backlog;
    this.views = views;
    this.history = history;
    this.delivery = delivery;
    this.clock = clock;
    gauge("taximeter.views.ready", "1 if every live view has been read, else 0", this::viewsReady);
    gauge("taximeter.history.reachable", "1 if ClickHouse answers, else 0", this::reachable);
    gauge(
        "taximeter.audit.drift",
        "Differences that the audit finds between the landed events and what was made of them: 0, or"
            + " something is wrong",
        () -> audit.state().drift());
    gauge(
        "taximeter.audit.stalled",
        "1 if nothing could be audited for an hour, so that nobody would hear of drift; else 0",
        () -> {
          AuditTrouble trouble = audit.state().trouble();
          return trouble != null && trouble.kind() == AuditTrouble.Kind.STALLED ? 1 : 0;
        });
    gauge(
        "taximeter.audit.completed.timestamp.seconds",
        "When the audit was last through with everything, in seconds since 1970; 0 before",
        () -> {
          Instant completed = audit.state().roundCompletedAt();
          return completed == null ? 0 : completed.getEpochSecond();
        });
    gauge(
        "taximeter.delivery.alive",
        "1 if this process delivers alerts or could take over, else 0",
        () -> delivery.alive() ? 1 : 0);
    gauge(
        "taximeter.delivery.waiting",
        "Messages that wait for their recipients, of all processes",
        delivery::waiting);
    FunctionCounter.builder("taximeter.delivery.failed", this, metrics -> metrics.delivery.failed())
        .description("Messages given up: recipients' deliveries say why")
        .register(registry);
    FunctionCounter.builder(
            "taximeter.delivery.defects", this, metrics -> metrics.delivery.defects())
        .description(
            "Alerts, orders and conditions that could not be dealt with: the log says which")
        .register(registry);
  }

  /** {@return what counts the gate's answers; to be called once, and only if there is a gate} */
  public GateObserver gate() {
    return new GateMetrics(registry);
  }

  private interface Reading {
    double value();
  }

  /** {@return all metrics in Prometheus's text format} */
  public synchronized String scrape() {
    if (counts.caughtUp()) {
      // First, so that what was pending and got decided meanwhile is not taken for missing.
      boolean catchingUp = backlog.pending() || !counts.caughtUp();
      conservation =
          Conservation.total(Conservation.rows(counts.tallies(), catchingUp, clock.instant()));
      totals = counts.totals();
      if (!linesKnown) {
        linesKnown = true;
        registerLines();
      }
    }
    return registry.scrape();
  }

  private void registerLines() {
    FunctionCounter.builder("taximeter.lines.read", this, metrics -> metrics.totals.read())
        .description("Lines that shippers handed over")
        .register(registry);
    for (Fate fate : Fate.values()) {
      FunctionCounter.builder(
              "taximeter.lines", this, metrics -> metrics.totals.decided().getOrDefault(fate, 0L))
          .tag("fate", fate.code())
          .description("Fates decided; a line that moves to another fate counts under both")
          .register(registry);
    }
    gauge(
        "taximeter.lines.in.flight",
        "Lines read and not yet decided, of the hours held in memory",
        () -> conservation.inFlight());
    gauge(
        "taximeter.lines.residual",
        "Lines missing, of the hours held in memory: 0, or something is wrong",
        () -> conservation.residual());
    gauge(
        "taximeter.lines.unsettled",
        "Usage decided and not yet in an account's state, of the hours held in memory",
        () -> conservation.unsettled());
    gauge(
        "taximeter.lines.in.suspense",
        "Lines whose fate is suspense now",
        () -> totals.present().getOrDefault(Fate.SUSPENSE, 0L));
  }

  private void gauge(String name, String description, Reading reading) {
    // Held by the registry alone, hence strongly.
    Gauge.builder(name, reading, Reading::value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private double viewsReady() {
    return views.waiting().isEmpty() ? 1 : 0;
  }

  private double reachable() {
    return history.reachable() ? 1 : 0;
  }
}
