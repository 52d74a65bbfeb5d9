package dev.taximeter.api.gate;

import dev.taximeter.api.settings.GateSettings;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.jspecify.annotations.Nullable;

/**
 * The gate's own port. A gateway sends its clients' methods, paths and host names as they are, so
 * nothing of the API is reachable there, and nothing of it limits what may be asked.
 */
public final class GateListener {
  /** A check waits for nothing. */
  private static final int THREADS = 16;

  /** Gateways keep their connections: each worker of each of them has some. */
  private static final int MOST_CONNECTIONS = 2_048;

  /** A client's path may be long, and a gateway may send on its headers. */
  private static final int MOST_HEADER_BYTES = 64 * 1024;

  private static final int HEADERS_TIMEOUT_MILLIS = 5_000;
  private static final int IDLE_TIMEOUT_MILLIS = 120_000;

  /** What clients write into paths and queries although they should not. */
  private static final String RELAXED = "\"<>[\\]^`{|}";

  private final @Nullable Connector connector;

  /**
   * @param settings null if there is no gate
   */
  public GateListener(@Nullable GateSettings settings) {
    this.connector = settings == null ? null : connector(settings);
  }

  private static Connector connector(GateSettings settings) {
    Connector connector = new Connector();
    connector.setPort(settings.port());
    connector.setAllowTrace(true);
    connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    set(connector, "address", settings.address());
    set(connector, "maxThreads", Integer.toString(THREADS));
    set(connector, "minSpareThreads", "2");
    set(connector, "maxConnections", Integer.toString(MOST_CONNECTIONS));
    set(connector, "maxKeepAliveRequests", "-1");
    set(connector, "maxHttpRequestHeaderSize", Integer.toString(MOST_HEADER_BYTES));
    set(connector, "connectionTimeout", Integer.toString(HEADERS_TIMEOUT_MILLIS));
    set(connector, "keepAliveTimeout", Integer.toString(IDLE_TIMEOUT_MILLIS));
    set(connector, "relaxedPathChars", RELAXED);
    set(connector, "relaxedQueryChars", RELAXED);
    return connector;
  }

  private static void set(Connector connector, String property, String value) {
    if (!connector.setProperty(property, value)) {
      throw new IllegalStateException("the server knows no " + property);
    }
  }

  /** {@return null if there is no gate} */
  public @Nullable Connector connector() {
    return connector;
  }

  /** {@return what answers on the gate's port before anything else does} */
  public Valve valve() {
    return new GateValve(this);
  }

  /** {@return the port it listens on; -1 before it does, and if there is no gate} */
  public int port() {
    return connector == null ? -1 : connector.getLocalPort();
  }
}
