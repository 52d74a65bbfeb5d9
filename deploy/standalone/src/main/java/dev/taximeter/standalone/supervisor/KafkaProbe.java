package dev.taximeter.standalone.supervisor;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/** Healthy once a cluster has a broker that serves. */
final class KafkaProbe implements Probe {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final Admin admin;

  KafkaProbe(Map<String, Object> settings) {
    Map<String, Object> quick = new HashMap<>(settings);
    quick.put("client.id", "taximeter-launcher");
    quick.put("reconnect.backoff.ms", 50);
    quick.put("reconnect.backoff.max.ms", 200);
    quick.put("retry.backoff.ms", 50);
    quick.put("default.api.timeout.ms", TIMEOUT_MILLIS);
    quick.put("request.timeout.ms", TIMEOUT_MILLIS);
    quick.put("enable.metrics.push", false);
    admin = Admin.create(quick);
  }

  @Override
  public boolean isHealthy() throws InterruptedException {
    try {
      // Brokers that are not yet allowed to serve are left out of the answer.
      return !admin
          .describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MILLIS))
          .nodes()
          .get()
          .isEmpty();
    } catch (ExecutionException e) {
      return false;
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
