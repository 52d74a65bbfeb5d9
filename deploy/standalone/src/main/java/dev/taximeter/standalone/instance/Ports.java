package dev.taximeter.standalone.instance;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The ports of an installation: chosen once and kept, so that clients and bookmarks survive a
 * restart. An internal one that another program has taken meanwhile is replaced.
 */
public final class Ports {
  private static final int DEFAULT_API_PORT = 8080;

  private final Map<Role, Integer> ports;

  private Ports(Map<Role, Integer> ports) {
    this.ports = new EnumMap<>(ports);
  }

  /** What a port is for. */
  public enum Role {
    BROKER("broker"),
    CONTROLLER("controller"),
    CLICKHOUSE("clickhouse"),
    METERING_HEALTH("metering-health"),
    API("api");

    private final String key;

    Role(String key) {
      this.key = key;
    }
  }

  public int of(Role role) {
    Integer port = ports.get(role);
    if (port == null) {
      throw new IllegalStateException("no port was chosen for " + role);
    }
    return port;
  }

  /**
   * Chooses free ports, the earlier ones where possible, and records them.
   *
   * @param apiPort demanded by the operator, or null
   * @param apiAddress the API binds to
   * @throws PortInUseException if the demanded port is taken
   */
  public static Ports choose(
      DataDirectory directory, @Nullable Integer apiPort, InetAddress apiAddress)
      throws IOException, PortInUseException {
    Properties recorded = read(directory);
    Map<Role, Integer> chosen = new EnumMap<>(Role.class);
    // All stay taken until all are chosen, so that no port is chosen twice.
    List<ServerSocket> taken = new ArrayList<>();
    try {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      chosen.put(Role.API, api(recorded, apiPort, apiAddress, taken));
      for (Role role : Role.values()) {
        if (role != Role.API) {
          chosen.put(role, earlierOrFree(recorded(recorded, role), loopback, taken));
        }
      }
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
    Ports ports = new Ports(chosen);
    ports.write(directory);
    return ports;
  }

  private static int api(
      Properties recorded,
      @Nullable Integer demanded,
      InetAddress address,
      List<ServerSocket> taken)
      throws IOException, PortInUseException {
    if (demanded == null) {
      return earlierOrFree(
          recorded(recorded, Role.API).or(() -> Optional.of(DEFAULT_API_PORT)), address, taken);
    }
    if (!take(demanded, address, taken)) {
      throw new PortInUseException(
          "port %d on %s is in use; choose another with --port"
              .formatted(demanded, address.getHostAddress()));
    }
    return demanded;
  }

  private static int earlierOrFree(
      Optional<Integer> earlier, InetAddress address, List<ServerSocket> taken) throws IOException {
    if (earlier.isPresent() && take(earlier.get(), address, taken)) {
      return earlier.get();
    }
    ServerSocket socket = new ServerSocket();
    taken.add(socket);
    socket.bind(new InetSocketAddress(address, 0));
    return socket.getLocalPort();
  }

  private static boolean take(int port, InetAddress address, List<ServerSocket> taken)
      throws IOException {
    ServerSocket socket = new ServerSocket();
    taken.add(socket);
    try {
      socket.bind(new InetSocketAddress(address, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<Integer> recorded(Properties recorded, Role role) {
    try {
      return Optional.ofNullable(recorded.getProperty(role.key)).map(Integer::valueOf);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Properties read(DataDirectory directory) throws IOException {
    Properties properties = new Properties();
    if (Files.exists(directory.portsFile())) {
      try (Reader reader = Files.newBufferedReader(directory.portsFile(), StandardCharsets.UTF_8)) {
        properties.load(reader);
      }
    }
    return properties;
  }

  private void write(DataDirectory directory) throws IOException {
    Properties properties = new Properties();
    ports.forEach((role, port) -> properties.setProperty(role.key, Integer.toString(port)));
    StringWriter text = new StringWriter();
    properties.store(text, "Kept over restarts; may be changed while nothing runs.");
    PrivateFiles.write(directory.portsFile(), text.toString());
  }

  /** The port that the operator demanded is taken. */
  public static final class PortInUseException extends Exception {
    private static final long serialVersionUID = 1;

    PortInUseException(String message) {
      super(message);
    }
  }
}
