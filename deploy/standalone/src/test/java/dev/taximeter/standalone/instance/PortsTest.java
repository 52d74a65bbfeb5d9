package dev.taximeter.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.standalone.instance.Ports.PortInUseException;
import dev.taximeter.standalone.instance.Ports.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();
  private DataDirectory directory;

  @BeforeEach
  void create() throws IOException {
    directory = new DataDirectory(folder);
    directory.create();
  }

  @Test
  void portsDifferAndSurviveARestart() throws Exception {
    Ports first = Ports.choose(directory, free(), LOOPBACK, notes::add);
    Ports second = Ports.choose(directory, null, LOOPBACK, notes::add);

    assertThat(all(second)).isEqualTo(all(first)).doesNotHaveDuplicates();
  }

  @Test
  void takenInternalPortIsReplacedAndOthersStay() throws Exception {
    Ports first = Ports.choose(directory, free(), LOOPBACK, notes::add);
    try (ServerSocket other = new ServerSocket(first.of(Role.BROKER), 1, LOOPBACK)) {
      Ports second = Ports.choose(directory, null, LOOPBACK, notes::add);

      assertThat(second.of(Role.BROKER)).isNotEqualTo(other.getLocalPort());
      assertThat(second.of(Role.CLICKHOUSE)).isEqualTo(first.of(Role.CLICKHOUSE));
      assertThat(second.of(Role.API)).isEqualTo(first.of(Role.API));
    }
  }

  @Test
  void takenPortThatWasDemandedIsAnError() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
      assertThatThrownBy(() -> Ports.choose(directory, other.getLocalPort(), LOOPBACK, notes::add))
          .isInstanceOf(PortInUseException.class)
          .hasMessage(
              "port %d on 127.0.0.1 is in use by %s; choose another with --port",
              other.getLocalPort(), thisProcess());
    }
  }

  @Test
  void takenPortThatWasDemandedAtAnEarlierStartIsAnError() throws Exception {
    int port = Ports.choose(directory, free(), LOOPBACK, notes::add).of(Role.API);
    // A start that asks for nothing remembers that somebody once did.
    Ports.choose(directory, null, LOOPBACK, notes::add);
    try (ServerSocket other = new ServerSocket(port, 1, LOOPBACK)) {
      assertThatThrownBy(() -> Ports.choose(directory, null, LOOPBACK, notes::add))
          .isInstanceOf(PortInUseException.class)
          .hasMessage(
              "port %d on 127.0.0.1, which this data directory was given, is in use by %s; end"
                  + " that, or choose another port with --port",
              other.getLocalPort(), thisProcess());
    }
    assertThat(notes).isEmpty();
    assertThat(Ports.choose(directory, null, LOOPBACK, notes::add).of(Role.API)).isEqualTo(port);
  }

  @Test
  void takenPortThatNobodyAskedForIsReplacedAndThatIsTold() throws Exception {
    int port = free();
    automatically(port);
    Ports second;
    try (ServerSocket other = new ServerSocket(port, 1, LOOPBACK)) {
      second = Ports.choose(directory, null, LOOPBACK, notes::add);

      assertThat(second.of(Role.API)).isNotEqualTo(other.getLocalPort());
      assertThat(notes)
          .containsExactly(
              "port %d on 127.0.0.1 is in use by %s; using port %d instead (--port N chooses one)"
                  .formatted(port, thisProcess(), second.of(Role.API)));
    }
    // The new one is as automatic as the old one was, and stays while it is free.
    Ports third = Ports.choose(directory, null, LOOPBACK, notes::add);
    assertThat(third.of(Role.API)).isEqualTo(second.of(Role.API));
    try (ServerSocket other = new ServerSocket(third.of(Role.API), 1, LOOPBACK)) {
      assertThat(Ports.choose(directory, null, LOOPBACK, notes::add).of(Role.API))
          .isNotEqualTo(other.getLocalPort());
    }
  }

  @Test
  void portThatSomebodyWroteIntoTheFileCountsAsDemanded() throws Exception {
    automatically(free());
    int written = free();
    String file = Files.readString(directory.portsFile());
    Files.writeString(directory.portsFile(), file.replaceAll("(?m)^api=\\d+$", "api=" + written));
    try (ServerSocket other = new ServerSocket(written, 1, LOOPBACK)) {
      assertThatThrownBy(() -> Ports.choose(directory, null, LOOPBACK, notes::add))
          .isInstanceOf(PortInUseException.class)
          .hasMessageContaining(other.getLocalPort() + " on 127.0.0.1, which");
    }
  }

  /** As a first start without --port leaves it. */
  private void automatically(int port) throws IOException {
    Files.writeString(directory.portsFile(), "api=%d%napi-automatic=%d%n".formatted(port, port));
  }

  /** Where there is no /proc, nobody can be named. */
  private static String thisProcess() throws IOException {
    Path name = Path.of("/proc/self/comm");
    return Files.exists(name)
        ? "process %d (%s)".formatted(ProcessHandle.current().pid(), Files.readString(name).strip())
        : "another program";
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  private static List<Integer> all(Ports ports) {
    return Arrays.stream(Role.values()).map(ports::of).toList();
  }
}
