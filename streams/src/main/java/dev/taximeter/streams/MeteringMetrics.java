package dev.taximeter.streams;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.landing.Landing;
import dev.taximeter.streams.landing.LandingFigures;
import dev.taximeter.streams.topology.MeteringStreams;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What metering exports for Prometheus. Conservation and fates stand in the API's metrics, which
 * sees the counters of all instances. No label names a tenant, a key or a file.
 *
 * <table>
 *   <caption>Metrics of metering</caption>
 *   <tr><th>Name</th><th>Meaning</th><th>Alert when</th></tr>
 *   <tr>
 *     <td>{@code taximeter_metering_ready}</td>
 *     <td>1 if lines are metered, landed and shipped, else 0; {@code /readyz} says why not</td>
 *     <td>it is 0 for a minute</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_metering_lag_records{topic}}</td>
 *     <td>records that the topology has not read yet</td>
 *     <td>it grows for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_stream_thread_replacements_total}</td>
 *     <td>stream threads that died and were replaced</td>
 *     <td>it grows again and again</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_landing_healthy}</td>
 *     <td>1 if landing makes progress, else 0</td>
 *     <td>it is 0 for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_landing_lag_records}</td>
 *     <td>records that landing has not read yet</td>
 *     <td>it grows for minutes</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_landing_freshness_seconds}</td>
 *     <td>from the arrival of the newest line to the moment it could be read in ClickHouse, when
 *     last everything had landed; NaN before the first line</td>
 *     <td>it is above a few seconds</td>
 *   </tr>
 *   <tr>
 *     <td>{@code taximeter_leakage_lines_total{reason}}</td>
 *     <td>answers that the provider charges for although the log has no counts</td>
 *     <td>{@code success-without-usage} grows</td>
 *   </tr>
 * </table>
 */
final class MeteringMetrics {
  /** What the topology reads; the label's only values. */
  private static final List<Topics> SOURCES =
      List.of(Topics.ACCESS_LOG, Topics.ACCOUNT_INPUTS, Topics.COMMANDS);

  private static final List<Reason> LEAKAGE =
      List.of(Reason.CLIENT_LEFT, Reason.SUCCESS_WITHOUT_USAGE, Reason.LINE_TOO_LONG);

  private static final double MILLIS_PER_SECOND = 1_000;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Whether metering does its work. */
  interface Readiness {
    boolean isReady();
  }

  MeteringMetrics(Readiness readiness) {
    gauge(
        "taximeter.metering.ready",
        "1 if metering does its work, else 0",
        readiness,
        ready -> ready.isReady() ? 1 : 0);
  }

  /** Adds what the topology tells. */
  void add(MeteringStreams streams) {
    for (Topics topic : SOURCES) {
      Gauge.builder("taximeter.metering.lag.records", streams, of -> of.lag(topic))
          .description("Records that the topology has not read yet")
          .tag("topic", topic.topicName())
          .strongReference(true)
          .register(registry);
    }
    FunctionCounter.builder(
            "taximeter.stream.thread.replacements", streams, MeteringStreams::replacedThreads)
        .description("Stream threads that died and were replaced")
        .register(registry);
  }

  /** Adds what landing tells. */
  void add(Landing landing) {
    gauge(
        "taximeter.landing.healthy",
        "1 if landing makes progress, else 0",
        landing,
        of -> of.isHealthy() ? 1 : 0);
    gauge(
        "taximeter.landing.lag.records",
        "Records that landing has not read yet",
        landing,
        Landing::lag);
    add(landing.figures());
  }

  void add(LandingFigures figures) {
    Gauge.builder("taximeter.landing.freshness", figures, of -> seconds(of.freshness()))
        .description(
            "From the arrival of the newest line to the moment it could be read in ClickHouse")
        .baseUnit("seconds")
        .strongReference(true)
        .register(registry);
    for (Reason reason : LEAKAGE) {
      FunctionCounter.builder("taximeter.leakage.lines", figures, of -> of.leakage(reason))
          .description("Answers that the provider charges for although the log has no counts")
          .tag("reason", reason.code())
          .register(registry);
    }
  }

  /**
   * @return all metrics in Prometheus's text format
   */
  String scrape() {
    return registry.scrape();
  }

  private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private static double seconds(Optional<Duration> duration) {
    return duration.map(time -> time.toMillis() / MILLIS_PER_SECOND).orElse(Double.NaN);
  }
}
