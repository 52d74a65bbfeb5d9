package dev.taximeter.streams.landing;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * How to reach ClickHouse. Connections speak HTTP: opening one costs no handshake, and one that has
 * failed may simply be used again.
 *
 * @param url JDBC URL without a database, such as {@code jdbc:clickhouse:http://127.0.0.1:8123/};
 *     settings in its query part win over those set here
 * @param database database of all tables; a plain identifier
 * @param user name to sign in with
 * @param password its password; may be empty
 */
public record ClickHouseSettings(String url, String database, String user, String password) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  public ClickHouseSettings {
    if (!url.startsWith("jdbc:clickhouse:") && !url.startsWith("jdbc:ch:")) {
      throw new SettingsException(
          "TAXIMETER_CLICKHOUSE_URL must be a JDBC URL such as"
              + " jdbc:clickhouse:http://127.0.0.1:8123/, not "
              + url);
    }
    if (!IDENTIFIER.matcher(database).matches()) {
      throw new SettingsException(
          "TAXIMETER_CLICKHOUSE_DATABASE must be a plain identifier of letters, digits and"
              + " underscores, not "
              + database);
    }
  }

  /**
   * Reads {@code TAXIMETER_CLICKHOUSE_URL}, {@code TAXIMETER_CLICKHOUSE_DATABASE} (default {@code
   * taximeter}), {@code TAXIMETER_CLICKHOUSE_USER} (default {@code default}) and {@code
   * TAXIMETER_CLICKHOUSE_PASSWORD_FILE} (without it, no password).
   *
   * @throws SettingsException if the address is missing or a value is wrong
   */
  public static ClickHouseSettings from(Environment environment) {
    String passwordFile = "TAXIMETER_CLICKHOUSE_PASSWORD_FILE";
    return new ClickHouseSettings(
        environment.required(
            "TAXIMETER_CLICKHOUSE_URL",
            "ClickHouse's JDBC URL, such as jdbc:clickhouse:http://127.0.0.1:8123/"),
        environment.text("TAXIMETER_CLICKHOUSE_DATABASE", "taximeter"),
        environment.text("TAXIMETER_CLICKHOUSE_USER", "default"),
        environment.optional(passwordFile) == null
            ? ""
            : environment.secret(passwordFile, "ClickHouse's password"));
  }

  /**
   * @return a connection to the product's database
   * @throws SQLException if the driver refuses the settings; an unreachable server is found out on
   *     first use
   */
  public Connection connect() throws SQLException {
    return connect(database);
  }

  /**
   * @return a connection that works before the product's database exists
   */
  Connection connectToServer() throws SQLException {
    return connect("default");
  }

  private Connection connect(String initialDatabase) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("database", initialDatabase);
    properties.setProperty("client_name", "taximeter");
    properties.setProperty("connection_timeout", Long.toString(CONNECT_TIMEOUT.toMillis()));
    properties.setProperty("socket_timeout", Long.toString(ANSWER_TIMEOUT.toMillis()));
    // Repeating is the caller's decision: only it knows whether a statement may run twice.
    properties.setProperty("retry", "0");
    // Servers from 26.3 on would acknowledge inserts that they have not written yet.
    properties.setProperty("clickhouse_setting_async_insert", "0");
    if (!url.contains("compress=")) {
      properties.setProperty("compress", "false");
    }
    return new com.clickhouse.jdbc.Driver().connect(url, properties);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ClickHouseSettings[url=" + url + ", database=" + database + ", user=" + user + "]";
  }
}
