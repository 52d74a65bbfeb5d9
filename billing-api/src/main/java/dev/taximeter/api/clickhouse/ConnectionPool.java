package dev.taximeter.api.clickhouse;

import com.clickhouse.client.api.ClickHouseException;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.web.HistoryUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Deque;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A few connections to ClickHouse, opened when they are first needed. A connection speaks HTTP and
 * keeps no session, so there is nothing to test before use; one that has failed is closed.
 */
public final class ConnectionPool implements AutoCloseable {
  /** Statements at once; each may hold the rows of one answer in memory. */
  static final int MOST_CONNECTIONS = 4;

  private static final Duration TURN = Duration.ofSeconds(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration PATIENT_ANSWER_TIMEOUT = Duration.ofMinutes(10);

  private final ApiSettings.ClickHouse settings;
  private final Semaphore places = new Semaphore(MOST_CONNECTIONS, true);
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

  public ConnectionPool(ApiSettings.ClickHouse settings) {
    this.settings = settings;
  }

  /** What is done with a connection. */
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * @throws HistoryUnavailableException if the work fails, or there is no connection in time
   */
  <T> T with(Work<T> work) {
    Connection connection = null;
    boolean good = false;
    boolean admitted = false;
    try {
      admitted = places.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS);
      if (!admitted) {
        throw new HistoryUnavailableException(
            "all connections are busy", new TimeoutException("no connection within " + TURN));
      }
      Connection spare = idle.pollFirst();
      connection = spare == null ? connect(ANSWER_TIMEOUT) : spare;
      T result = work.on(connection);
      good = true;
      return result;
    } catch (SQLException | ClickHouseException e) {
      throw new HistoryUnavailableException("ClickHouse failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HistoryUnavailableException("interrupted", e);
    } finally {
      if (connection != null) {
        if (good) {
          idle.addFirst(connection);
        } else {
          closeQuietly(connection);
        }
      }
      if (admitted) {
        places.release();
      }
    }
  }

  /**
   * A connection outside the pool, for work in the background; who asks closes it.
   *
   * @throws SQLException if it cannot be made
   */
  public Connection patient() throws SQLException {
    return connect(PATIENT_ANSWER_TIMEOUT);
  }

  private Connection connect(Duration answerTimeout) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password());
    properties.setProperty("database", settings.database());
    properties.setProperty("client_name", "taximeter-api");
    properties.setProperty("connection_timeout", Long.toString(CONNECT_TIMEOUT.toMillis()));
    properties.setProperty("socket_timeout", Long.toString(answerTimeout.toMillis()));
    // Who asks decides whether to ask again; trying four times only hides that nothing answers.
    properties.setProperty("retry", "0");
    if (!settings.url().contains("compress=")) {
      properties.setProperty("compress", "false");
    }
    return new com.clickhouse.jdbc.Driver().connect(settings.url(), properties);
  }

  @Override
  public void close() {
    for (Connection connection = idle.pollFirst();
        connection != null;
        connection = idle.pollFirst()) {
      closeQuietly(connection);
    }
  }

  private static void closeQuietly(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It is of no further use either way.
    }
  }
}
