package dev.taximeter.api.settings;

import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything this process is told from outside.
 *
 * @param address where to listen: an IP address or a name that resolves to one
 * @param port 0 to 65,535; 0 takes a free one
 * @param hostNames further names under which people reach this server, lower case, without port
 * @param adminToken the administrator's bearer token, at least {@value #SHORTEST_TOKEN} characters
 * @param rootSecret from which key fingerprints derive
 * @param kafka client settings
 * @param partitions partitions of the partitioned topics, 1 to 1,000
 * @param access how often who may ask, and from which pages
 * @param auditPercent how much of its time the audit in the background works, 0 (off) to 50
 * @param demonstration where orders to break a demonstration are left; null if this is none
 * @param alerts when people are told that something is wrong, and how
 * @param gate where a gateway asks whether keys may pass; null if nobody does
 */
public record ApiSettings(
    String address,
    int port,
    List<String> hostNames,
    String adminToken,
    RootSecret rootSecret,
    Map<String, Object> kafka,
    int partitions,
    ClickHouse clickHouse,
    Access access,
    int auditPercent,
    @Nullable Path demonstration,
    AlertSettings alerts,
    @Nullable GateSettings gate) {
  private static final int DEFAULT_PORT = 8080;
  private static final int DEFAULT_PARTITIONS = 4;
  private static final int MOST_PARTITIONS = 1_000;
  private static final int DEFAULT_AUDIT_PERCENT = 5;
  private static final int MOST_AUDIT_PERCENT = 50;

  /** How long tokens that are made here may live. */
  public static final String TOKEN_LIFETIME = "TAXIMETER_TOKEN_LIFETIME";

  private static final int MOST_REQUESTS_PER_MINUTE = 100_000_000;

  private static final Pattern ORIGIN = Pattern.compile("https?://[A-Za-z0-9.\\[\\]:-]{1,255}");

  /** A shorter token could be guessed. */
  public static final int SHORTEST_TOKEN = 16;

  /** The database's name goes into statements, so it must be a plain identifier. */
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  /**
   * Where history is read.
   *
   * @param url JDBC URL without database
   * @param password empty if the server asks for none
   */
  public record ClickHouse(String url, String database, String user, String password) {
    @Override
    public String toString() {
      return "ClickHouse[url=%s, database=%s, user=%s]".formatted(url, database, user);
    }
  }

  /**
   * Who may ask, and how often; bounds are for this process alone.
   *
   * @param tokenRequestsPerMinute of each token with its browser sessions
   * @param failuresPerMinute requests without a valid proof, of each address
   * @param keyRequestsPerMinute of each API key that asks about itself
   * @param keyAddressRequestsPerMinute of each address from which API keys ask about themselves;
   *     one gateway asks for all of its clients
   * @param corsOrigins origins whose pages may ask from a browser; empty switches CORS off
   * @param oidc whose signed tokens are accepted; null for nobody's
   * @param longestTokenLife how long tokens that are made here may live; null for ever
   */
  public record Access(
      int tokenRequestsPerMinute,
      int failuresPerMinute,
      int keyRequestsPerMinute,
      int keyAddressRequestsPerMinute,
      List<String> corsOrigins,
      @Nullable OidcSettings oidc,
      @Nullable Duration longestTokenLife) {
    /** What holds unless it is set otherwise. A dashboard asks some 60 times a minute. */
    public static final Access USUAL = new Access(120_000, 120, 60, 6_000, List.of(), null, null);

    public Access {
      corsOrigins = List.copyOf(corsOrigins);
    }
  }

  /** Settings of an installation that is no demonstration. */
  public ApiSettings(
      String address,
      int port,
      List<String> hostNames,
      String adminToken,
      RootSecret rootSecret,
      Map<String, Object> kafka,
      int partitions,
      ClickHouse clickHouse,
      Access access,
      int auditPercent) {
    this(
        address,
        port,
        hostNames,
        adminToken,
        rootSecret,
        kafka,
        partitions,
        clickHouse,
        access,
        auditPercent,
        null,
        AlertSettings.USUAL,
        null);
  }

  /** The same with a gate. */
  public ApiSettings withGate(GateSettings other) {
    return new ApiSettings(
        address,
        port,
        hostNames,
        adminToken,
        rootSecret,
        kafka,
        partitions,
        clickHouse,
        access,
        auditPercent,
        demonstration,
        alerts,
        other);
  }

  public ApiSettings {
    hostNames = List.copyOf(hostNames);
    kafka = Map.copyOf(kafka);
  }

  /**
   * Reads the settings of a process.
   *
   * @throws SettingsException naming the variable, what it must hold and, unless it is a secret,
   *     what was found
   */
  public static ApiSettings from(Environment environment) {
    String token =
        environment.secret("TAXIMETER_ADMIN_TOKEN_FILE", "the administrator's token in one line");
    if (token.length() < SHORTEST_TOKEN) {
      throw new SettingsException(
          "the token in the file that TAXIMETER_ADMIN_TOKEN_FILE names must have at least "
              + SHORTEST_TOKEN
              + " characters");
    }
    return new ApiSettings(
        environment.text("TAXIMETER_ADDRESS", "127.0.0.1"),
        environment.number("TAXIMETER_PORT", DEFAULT_PORT, 0, 65_535),
        hostNames(environment.optional("TAXIMETER_HOST_NAMES")),
        token,
        rootSecret(environment),
        environment.kafka("TAXIMETER_KAFKA_CONFIG"),
        environment.number("TAXIMETER_PARTITIONS", DEFAULT_PARTITIONS, 1, MOST_PARTITIONS),
        clickHouse(environment),
        access(environment),
        environment.number("TAXIMETER_AUDIT_PERCENT", DEFAULT_AUDIT_PERCENT, 0, MOST_AUDIT_PERCENT),
        demonstration(environment.optional("TAXIMETER_DEMONSTRATION_DIR")),
        AlertSettings.from(environment),
        gate(environment));
  }

  /** Ports tell what is asked for: the gate needs its own. */
  private static @Nullable GateSettings gate(Environment environment) {
    GateSettings gate = GateSettings.from(environment);
    int port = environment.number("TAXIMETER_PORT", DEFAULT_PORT, 0, 65_535);
    if (gate != null && gate.port() != 0 && gate.port() == port) {
      throw new SettingsException(
          GateSettings.PORT + " must be another port than TAXIMETER_PORT, which is " + port);
    }
    return gate;
  }

  private static @Nullable Path demonstration(@Nullable String directory) {
    return directory == null ? null : Path.of(directory);
  }

  /** Whether only this machine can connect. */
  public boolean boundToLoopback() {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static List<String> hostNames(@Nullable String names) {
    return names == null
        ? List.of()
        : Stream.of(names.split("[,\\s]+", -1))
            .filter(name -> !name.isEmpty())
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList();
  }

  private static RootSecret rootSecret(Environment environment) {
    String variable = "TAXIMETER_ROOT_SECRET_FILE";
    Path file = environment.file(variable, "the path of a file with 64 hex digits");
    try {
      return RootSecret.read(file);
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingsException(variable + " names " + file + ", which holds no root secret");
    }
  }

  private static Access access(Environment environment) {
    return new Access(
        perMinute(
            environment,
            "TAXIMETER_TOKEN_REQUESTS_PER_MINUTE",
            Access.USUAL.tokenRequestsPerMinute()),
        perMinute(environment, "TAXIMETER_FAILURES_PER_MINUTE", Access.USUAL.failuresPerMinute()),
        perMinute(
            environment, "TAXIMETER_KEY_REQUESTS_PER_MINUTE", Access.USUAL.keyRequestsPerMinute()),
        perMinute(
            environment,
            "TAXIMETER_KEY_ADDRESS_REQUESTS_PER_MINUTE",
            Access.USUAL.keyAddressRequestsPerMinute()),
        corsOrigins(environment.optional("TAXIMETER_CORS_ORIGINS")),
        OidcSettings.from(environment),
        environment.optional(TOKEN_LIFETIME) == null
            ? null
            : environment.duration(TOKEN_LIFETIME, Duration.ZERO));
  }

  private static int perMinute(Environment environment, String variable, int usual) {
    return environment.number(variable, usual, 1, MOST_REQUESTS_PER_MINUTE);
  }

  private static List<String> corsOrigins(@Nullable String origins) {
    List<String> found =
        origins == null
            ? List.of()
            : Stream.of(origins.split("[,\\s]+", -1)).filter(it -> !it.isEmpty()).toList();
    for (String origin : found) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new SettingsException(
            "TAXIMETER_CORS_ORIGINS must hold origins such as https://portal.example.com, without a"
                + " path and without wildcards, not "
                + origin);
      }
    }
    return found;
  }

  private static ClickHouse clickHouse(Environment environment) {
    String url =
        environment.required(
            "TAXIMETER_CLICKHOUSE_URL",
            "a JDBC URL such as jdbc:clickhouse:http://127.0.0.1:8123/");
    if (!url.startsWith("jdbc:clickhouse:") && !url.startsWith("jdbc:ch:")) {
      throw new SettingsException(
          "TAXIMETER_CLICKHOUSE_URL must begin with jdbc:clickhouse:, as in"
              + " jdbc:clickhouse:http://127.0.0.1:8123/");
    }
    String database = environment.text("TAXIMETER_CLICKHOUSE_DATABASE", "taximeter");
    if (!IDENTIFIER.matcher(database).matches()) {
      throw new SettingsException(
          "TAXIMETER_CLICKHOUSE_DATABASE must be letters, digits and _, not " + database);
    }
    String password =
        environment.optional("TAXIMETER_CLICKHOUSE_PASSWORD_FILE") == null
            ? ""
            : environment.secret("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", "ClickHouse's password");
    return new ClickHouse(
        url, database, environment.text("TAXIMETER_CLICKHOUSE_USER", "default"), password);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "ApiSettings[address=%s, port=%d, partitions=%d, %s]"
        .formatted(address, port, partitions, clickHouse);
  }
}
