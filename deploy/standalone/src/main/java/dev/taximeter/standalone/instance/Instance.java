package dev.taximeter.standalone.instance;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What runs on a data directory, and where; other commands find the running system by it.
 *
 * @param supervisor the launcher that started everything
 * @param processes process by name: {@code broker}, {@code clickhouse}, {@code metering}, {@code
 *     api}; external ones are missing
 * @param apiUrl without a trailing slash, such as {@code http://127.0.0.1:8080}
 * @param healthPorts loopback ports of {@code GET /readyz} by process name
 * @param kafkaConfig path of the Kafka client settings
 * @param clickHouse how to reach ClickHouse
 * @param gatewayConfig path of the gateway configuration that metering reads lines by; null: plain
 *     lines of the default template
 */
public record Instance(
    ProcessIdentity supervisor,
    Map<String, ProcessIdentity> processes,
    String apiUrl,
    Map<String, Integer> healthPorts,
    String kafkaConfig,
    ClickHouseTarget clickHouse,
    @Nullable String gatewayConfig) {

  public Instance {
    processes = Map.copyOf(processes);
    healthPorts = Map.copyOf(healthPorts);
  }

  /** Whether the launcher that recorded this still runs. */
  @JsonIgnore
  public boolean isRunning() {
    return supervisor.handle().isPresent();
  }

  /**
   * A process, told apart from a later one that got the same number.
   *
   * @param pid number of the process
   * @param startedAt when it started, as the operating system tells
   */
  public record ProcessIdentity(long pid, Instant startedAt) {
    /** The time of a start is told from the time of boot, which moves when the clock is set. */
    private static final Duration CLOCK_CORRECTION = Duration.ofSeconds(5);

    public static ProcessIdentity of(ProcessHandle handle) {
      return new ProcessIdentity(handle.pid(), handle.info().startInstant().orElse(Instant.EPOCH));
    }

    /**
     * @return empty if that process no longer runs
     */
    public Optional<ProcessHandle> handle() {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(handle -> isSame(of(handle).startedAt()));
    }

    private boolean isSame(Instant other) {
      return Duration.between(startedAt, other).abs().compareTo(CLOCK_CORRECTION) <= 0;
    }
  }

  /**
   * How to reach ClickHouse.
   *
   * @param url JDBC URL without a database, such as {@code jdbc:clickhouse:http://127.0.0.1:8123/}
   * @param user who may create databases and write
   * @param passwordFile holds that user's password
   * @param reader who reads for the API; may be the same user
   * @param readerPasswordFile holds the reader's password
   */
  public record ClickHouseTarget(
      String url, String user, String passwordFile, String reader, String readerPasswordFile) {
    public Path password() {
      return Path.of(passwordFile);
    }
  }
}
