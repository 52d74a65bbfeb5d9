package dev.taximeter.streams.topology;

import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.GateSecrets;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of the metering process.
 *
 * @param kafka client settings: {@code TAXIMETER_KAFKA_CONFIG}
 * @param partitions of partitioned topics, 1 to 1,000: {@code TAXIMETER_PARTITIONS}, default 4
 * @param replication factor of topics, 1 to 100: {@code TAXIMETER_REPLICATION}, default 3
 * @param rootSecret {@code TAXIMETER_ROOT_SECRET_FILE}
 * @param stateDirectory of the stores: {@code TAXIMETER_STATE_DIR}
 * @param threads stream threads, 1 to 64: {@code TAXIMETER_STREAM_THREADS}, default 2
 * @param duplicateHorizon history is asked about lines that completed longer ago, 1 hour or more:
 *     {@code TAXIMETER_DUPLICATE_HORIZON}, default 24 hours
 * @param identityRetention how long history keeps the identities of lines, 30 days or more: {@code
 *     TAXIMETER_IDENTITY_RETENTION}, default 400 days
 * @param windowRetention how long a window stays open after the last usage in it: {@code
 *     TAXIMETER_WINDOW_RETENTION}, default 2 hours
 * @param billGrace how long after the end of a month its bill becomes final by itself: {@code
 *     TAXIMETER_BILL_GRACE}, default 3 days
 * @param gate whose word for a key is believed: {@code TAXIMETER_GATE_SIGNING_SECRETS_FILE}, by
 *     default that of gates with the same root secret
 */
public record MeteringSettings(
    Map<String, Object> kafka,
    int partitions,
    short replication,
    RootSecret rootSecret,
    Path stateDirectory,
    int threads,
    Duration duplicateHorizon,
    Duration identityRetention,
    Duration windowRetention,
    Duration billGrace,
    GateIdentity gate) {
  private static final int DEFAULT_PARTITIONS = 4;
  private static final int MOST_PARTITIONS = 1_000;
  private static final int DEFAULT_REPLICATION = 3;
  private static final int MOST_REPLICATION = 100;
  private static final int DEFAULT_THREADS = 2;
  private static final int MOST_THREADS = 64;
  private static final Duration DEFAULT_HORIZON = Duration.ofHours(24);

  /** Clocks that differ by minutes, and verdicts on their way, must fit into a part of it. */
  private static final Duration SHORTEST_HORIZON = Duration.ofHours(1);

  private static final Duration DEFAULT_IDENTITY_RETENTION = Duration.ofDays(400);

  /** As long as topics keep lines that wait. */
  private static final Duration SHORTEST_IDENTITY_RETENTION = Duration.ofDays(30);

  private static final Duration DEFAULT_WINDOW_RETENTION = Duration.ofHours(2);

  /** Late files of a month's last days are found and shipped within. */
  private static final Duration DEFAULT_BILL_GRACE = Duration.ofDays(3);

  public MeteringSettings {
    kafka = Map.copyOf(kafka);
  }

  /** Settings that believe gates with the same root secret. */
  public MeteringSettings(
      Map<String, Object> kafka,
      int partitions,
      short replication,
      RootSecret rootSecret,
      Path stateDirectory,
      int threads,
      Duration duplicateHorizon,
      Duration identityRetention,
      Duration windowRetention,
      Duration billGrace) {
    this(
        kafka,
        partitions,
        replication,
        rootSecret,
        stateDirectory,
        threads,
        duplicateHorizon,
        identityRetention,
        windowRetention,
        billGrace,
        GateIdentity.of(rootSecret));
  }

  /**
   * @throws SettingsException if a variable is missing or wrong
   */
  public static MeteringSettings from(Environment environment) {
    RootSecret rootSecret = rootSecret(environment);
    return new MeteringSettings(
        environment.kafka("TAXIMETER_KAFKA_CONFIG"),
        environment.number("TAXIMETER_PARTITIONS", DEFAULT_PARTITIONS, 1, MOST_PARTITIONS),
        (short)
            environment.number("TAXIMETER_REPLICATION", DEFAULT_REPLICATION, 1, MOST_REPLICATION),
        rootSecret,
        Path.of(environment.required("TAXIMETER_STATE_DIR", "the path of a directory for state")),
        environment.number("TAXIMETER_STREAM_THREADS", DEFAULT_THREADS, 1, MOST_THREADS),
        atLeast(environment, "TAXIMETER_DUPLICATE_HORIZON", DEFAULT_HORIZON, SHORTEST_HORIZON),
        atLeast(
            environment,
            "TAXIMETER_IDENTITY_RETENTION",
            DEFAULT_IDENTITY_RETENTION,
            SHORTEST_IDENTITY_RETENTION),
        environment.duration("TAXIMETER_WINDOW_RETENTION", DEFAULT_WINDOW_RETENTION),
        environment.duration("TAXIMETER_BILL_GRACE", DEFAULT_BILL_GRACE),
        GateSecrets.identity(GateSecrets.read(environment), rootSecret));
  }

  private static Duration atLeast(
      Environment environment, String name, Duration fallback, Duration least) {
    Duration value = environment.duration(name, fallback);
    if (value.compareTo(least) < 0) {
      throw new SettingsException(name + " must be " + least + " or more, not " + value);
    }
    return value;
  }

  private static RootSecret rootSecret(Environment environment) {
    Path file = environment.file("TAXIMETER_ROOT_SECRET_FILE", "64 hex digits");
    try {
      return RootSecret.read(file);
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingsException(
          "TAXIMETER_ROOT_SECRET_FILE names " + file + ", which must hold 64 hex digits");
    }
  }
}
