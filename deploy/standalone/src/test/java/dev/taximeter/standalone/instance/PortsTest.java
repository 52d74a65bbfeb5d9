package dev.taximeter.standalone.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.standalone.instance.Ports.PortInUseException;
import dev.taximeter.standalone.instance.Ports.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortsTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path folder;
  private DataDirectory directory;

  @BeforeEach
  void create() throws IOException {
    directory = new DataDirectory(folder);
    directory.create();
  }

  @Test
  void portsDifferAndSurviveARestart() throws Exception {
    Ports first = Ports.choose(directory, free(), LOOPBACK);
    Ports second = Ports.choose(directory, null, LOOPBACK);

    assertThat(all(second)).isEqualTo(all(first)).doesNotHaveDuplicates();
  }

  @Test
  void takenInternalPortIsReplacedAndOthersStay() throws Exception {
    Ports first = Ports.choose(directory, free(), LOOPBACK);
    try (ServerSocket other = new ServerSocket(first.of(Role.BROKER), 1, LOOPBACK)) {
      Ports second = Ports.choose(directory, null, LOOPBACK);

      assertThat(second.of(Role.BROKER)).isNotEqualTo(other.getLocalPort());
      assertThat(second.of(Role.CLICKHOUSE)).isEqualTo(first.of(Role.CLICKHOUSE));
      assertThat(second.of(Role.API)).isEqualTo(first.of(Role.API));
    }
  }

  @Test
  void takenPortThatWasDemandedIsAnError() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
      assertThatThrownBy(() -> Ports.choose(directory, other.getLocalPort(), LOOPBACK))
          .isInstanceOf(PortInUseException.class)
          .hasMessage(
              "port %d on 127.0.0.1 is in use; choose another with --port", other.getLocalPort());
    }
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  private static java.util.List<Integer> all(Ports ports) {
    return Arrays.stream(Role.values()).map(ports::of).toList();
  }
}
