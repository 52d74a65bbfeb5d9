package dev.taximeter.standalone.supervisor;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ClickHouseTarget;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to start, and where.
 *
 * @param dataDirectory created if it is missing
 * @param port of the API, 1 to 65535; null: the one used last, else 8080, else any free one
 * @param address the API binds to; everything else stays on loopback
 * @param catalog loaded before the system counts as ready; null: the catalogue stays as it is
 * @param logs access logs to follow
 * @param gateway what those logs look like; null: plain lines of the default template
 * @param kafkaConfig client settings of an existing Kafka; null: an own broker is started
 * @param clickHouse an existing ClickHouse; null: the own engine is started
 * @param demonstration where the API leaves orders to break something on purpose; null: it cannot
 * @param gatePort where a gateway may ask on this machine whether a key may pass, 1 to 65535; null:
 *     nowhere, unless the environment says so
 */
public record UpOptions(
    DataDirectory dataDirectory,
    @Nullable Integer port,
    String address,
    @Nullable Path catalog,
    List<Path> logs,
    @Nullable Path gateway,
    @Nullable Path kafkaConfig,
    @Nullable ClickHouseTarget clickHouse,
    @Nullable Path demonstration,
    @Nullable Integer gatePort) {

  public static final String LOOPBACK = "127.0.0.1";

  public UpOptions {
    logs = List.copyOf(logs);
  }

  /** Everything on this machine, nothing loaded, nothing followed. */
  public static UpOptions of(DataDirectory dataDirectory) {
    return new UpOptions(
        dataDirectory, null, LOOPBACK, null, List.of(), null, null, null, null, null);
  }

  public UpOptions withPort(@Nullable Integer newPort) {
    return new UpOptions(
        dataDirectory,
        newPort,
        address,
        catalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse,
        demonstration,
        gatePort);
  }

  public UpOptions withAddress(String newAddress) {
    return new UpOptions(
        dataDirectory,
        port,
        newAddress,
        catalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse,
        demonstration,
        gatePort);
  }

  public UpOptions withCatalog(@Nullable Path newCatalog) {
    return new UpOptions(
        dataDirectory,
        port,
        address,
        newCatalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse,
        demonstration,
        gatePort);
  }

  public UpOptions withLogs(List<Path> newLogs) {
    return new UpOptions(
        dataDirectory,
        port,
        address,
        catalog,
        newLogs,
        gateway,
        kafkaConfig,
        clickHouse,
        demonstration,
        gatePort);
  }

  /** For demonstrations only. */
  public UpOptions withDemonstration(Path directory) {
    return new UpOptions(
        dataDirectory,
        port,
        address,
        catalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse,
        directory,
        gatePort);
  }

  public UpOptions withGatePort(@Nullable Integer newGatePort) {
    return new UpOptions(
        dataDirectory,
        port,
        address,
        catalog,
        logs,
        gateway,
        kafkaConfig,
        clickHouse,
        demonstration,
        newGatePort);
  }
}
