package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.jspecify.annotations.Nullable;

/** Healthy once a cluster has a broker that serves. For one thread at a time. */
final class KafkaProbe implements Probe {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final Map<String, Object> settings;
  private @Nullable Admin admin;

  /**
   * @param settings with {@code bootstrap.servers}
   */
  KafkaProbe(Map<String, Object> settings) {
    this.settings = new HashMap<>(settings);
    this.settings.put("client.id", "taximeter-launcher");
    this.settings.put("reconnect.backoff.ms", 50);
    this.settings.put("reconnect.backoff.max.ms", 200);
    this.settings.put("retry.backoff.ms", 50);
    this.settings.put("default.api.timeout.ms", TIMEOUT_MILLIS);
    this.settings.put("request.timeout.ms", TIMEOUT_MILLIS);
    this.settings.put("enable.metrics.push", false);
    // Asking for addresses anew would keep a processor busy while no broker listens.
    this.settings.put("metadata.recovery.strategy", "none");
  }

  @Override
  public boolean isHealthy() throws InterruptedException {
    // A client tries too hard to reach a broker that is not there yet, and then waits too long.
    if (admin == null && !anyListens()) {
      return false;
    }
    if (admin == null) {
      admin = Admin.create(settings);
    }
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

  /**
   * @return the cluster's id, empty if it has none; only once it is healthy
   * @throws LaunchException if it is not told
   */
  String clusterId() throws InterruptedException, LaunchException {
    Admin client = admin;
    if (client == null) {
      throw new IllegalStateException("not healthy yet");
    }
    try {
      return Objects.requireNonNullElse(
          client
              .describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MILLIS))
              .clusterId()
              .get(),
          "");
    } catch (ExecutionException e) {
      throw new LaunchException("the Kafka cluster does not tell its id: " + e.getCause());
    }
  }

  private boolean anyListens() {
    String servers = String.valueOf(settings.get("bootstrap.servers"));
    return List.of(servers.split(",")).stream().anyMatch(server -> listens(server.strip()));
  }

  private static boolean listens(String server) {
    int colon = server.lastIndexOf(':');
    if (colon < 0) {
      return false;
    }
    String host = server.substring(0, colon).replaceAll("^\\[|]$", "");
    try (Socket socket = new Socket()) {
      int port = Integer.parseInt(server.substring(colon + 1));
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
