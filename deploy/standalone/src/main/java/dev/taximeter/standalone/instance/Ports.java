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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ports of an installation: chosen once and kept, so that clients and bookmarks survive a
 * restart. An internal one that another program has taken meanwhile is replaced, and so is the
 * API's if nobody asked for it: clients know the one that somebody named.
 */
public final class Ports {
  private static final int DEFAULT_API_PORT = 8080;

  /** Holds the API's port if nobody asked for that one. */
  private static final String AUTOMATIC = "api-automatic";

  private final Map<Role, Integer> ports;
  private final boolean automatic;

  private Ports(Map<Role, Integer> ports, boolean automatic) {
    this.ports = new EnumMap<>(ports);
    this.automatic = automatic;
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
   * @param notes hears if the API moves to another port than the one used last, or the usual one
   * @throws PortInUseException if the demanded port is taken, now or when the system last ran
   */
  public static Ports choose(
      DataDirectory directory,
      @Nullable Integer apiPort,
      InetAddress apiAddress,
      Consumer<String> notes)
      throws IOException, PortInUseException {
    Properties recorded = read(directory);
    Optional<Integer> last = recorded(recorded, Role.API.key);
    boolean automatic =
        apiPort == null && (last.isEmpty() || last.equals(recorded(recorded, AUTOMATIC)));
    Map<Role, Integer> chosen = new EnumMap<>(Role.class);
    // All stay taken until all are chosen, so that no port is chosen twice.
    List<ServerSocket> taken = new ArrayList<>();
    try {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      chosen.put(
          Role.API,
          automatic
              ? automatic(last.orElse(DEFAULT_API_PORT), apiAddress, taken, notes)
              : demanded(apiPort, last.orElse(DEFAULT_API_PORT), apiAddress, taken));
      for (Role role : Role.values()) {
        if (role != Role.API) {
          chosen.put(role, earlierOrFree(recorded(recorded, role.key), loopback, taken));
        }
      }
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
    Ports ports = new Ports(chosen, automatic);
    ports.write(directory);
    return ports;
  }

  private static int automatic(
      int wanted, InetAddress address, List<ServerSocket> taken, Consumer<String> notes)
      throws IOException {
    int port = earlierOrFree(Optional.of(wanted), address, taken);
    if (port != wanted) {
      notes.accept(
          "port %d on %s is in use by %s; using port %d instead (--port N chooses one)"
              .formatted(wanted, address.getHostAddress(), PortUser.of(wanted), port));
    }
    return port;
  }

  private static int demanded(
      @Nullable Integer now, int last, InetAddress address, List<ServerSocket> taken)
      throws IOException, PortInUseException {
    int port = now == null ? last : now;
    if (take(port, address, taken)) {
      return port;
    }
    String where = "port %d on %s".formatted(port, address.getHostAddress());
    String who = PortUser.of(port);
    throw new PortInUseException(
        now == null
            ? "%s, which this data directory was given, is in use by %s; end that, or choose another port with --port"
                .formatted(where, who)
            : "%s is in use by %s; choose another with --port".formatted(where, who));
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

  private static Optional<Integer> recorded(Properties recorded, String key) {
    try {
      return Optional.ofNullable(recorded.getProperty(key)).map(Integer::valueOf);
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
    if (automatic) {
      properties.setProperty(AUTOMATIC, Integer.toString(of(Role.API)));
    }
    StringWriter text = new StringWriter();
    properties.store(text, "Kept over restarts; may be changed while nothing runs.");
    PrivateFiles.write(directory.portsFile(), text.toString());
  }

  /** The port that the operator demands, or once demanded, is taken. */
  public static final class PortInUseException extends Exception {
    private static final long serialVersionUID = 1;

    PortInUseException(String message) {
      super(message);
    }
  }
}
