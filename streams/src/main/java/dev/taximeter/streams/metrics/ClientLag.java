package dev.taximeter.streams.metrics;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** Reads from the metrics of Kafka's consumers how far they are behind. */
public final class ClientLag {
  private static final String GROUP = "consumer-fetch-manager-metrics";
  private static final String LAG = "records-lag";

  private ClientLag() {}

  /** Consumers tell some numbers twice, under the topic's name and with underscores in it. */
  private record Place(String client, String partition) {}

  /**
   * Adds up over all partitions that are being read.
   *
   * @param metrics of one or many consumers
   * @return records of the topic that are not read yet
   */
  public static double of(Map<MetricName, ? extends Metric> metrics, String topic) {
    Map<Place, Double> lag = new HashMap<>();
    metrics.forEach(
        (name, metric) -> {
          if (name.name().equals(LAG)
              && name.group().equals(GROUP)
              && underscored(topic).equals(underscored(tag(name, "topic")))
              && metric.metricValue() instanceof Double records
              && !records.isNaN()) {
            lag.merge(
                new Place(tag(name, "client-id"), tag(name, "partition")), records, Math::max);
          }
        });
    return lag.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static String tag(MetricName name, String tag) {
    return name.tags().getOrDefault(tag, "");
  }

  private static String underscored(String topic) {
    return topic.replace('.', '_');
  }
}
