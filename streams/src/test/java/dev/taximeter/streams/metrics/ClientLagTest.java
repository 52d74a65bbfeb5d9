package dev.taximeter.streams.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

class ClientLagTest {
  private final Map<MetricName, Metric> metrics = new HashMap<>();

  private void add(String name, String client, String topic, String partition, Object value) {
    MetricName metricName =
        new MetricName(
            name,
            "consumer-fetch-manager-metrics",
            "",
            Map.of("client-id", client, "topic", topic, "partition", partition));
    metrics.put(
        metricName,
        new Metric() {
          @Override
          public MetricName metricName() {
            return metricName;
          }

          @Override
          public Object metricValue() {
            return value;
          }
        });
  }

  @Test
  void partitionsAreAddedUpOnceEach() {
    add("records-lag", "c1", "usage.events.v1", "0", 5.0);
    add("records-lag", "c1", "usage_events_v1", "0", 5.0);
    add("records-lag", "c1", "usage.events.v1", "1", 2.0);
    add("records-lag", "c2", "usage.events.v1", "2", Double.NaN);
    add("records-lag", "c2", "bills.v1", "0", 100.0);
    add("records-lag-max", "c2", "usage.events.v1", "0", 100.0);

    assertThat(ClientLag.of(metrics, "usage.events.v1")).isEqualTo(7.0);
    assertThat(ClientLag.of(metrics, "catalog.v1")).isZero();
  }
}
