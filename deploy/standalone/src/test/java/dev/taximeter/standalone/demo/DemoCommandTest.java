package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Ports;
import dev.taximeter.standalone.instance.Ports.Role;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir private Path root;
  private DataDirectory data;

  @BeforeEach
  void create() throws Exception {
    data = new DataDirectory(root);
    data.create();
  }

  private int portOf(@Nullable Integer asked) throws Exception {
    UpOptions options =
        DemoCommand.options(data, asked, root.resolve("catalog.yaml"), root.resolve("access.log"));
    return Ports.choose(data, options.port(), InetAddress.getLoopbackAddress(), note -> {})
        .of(Role.API);
  }

  /** Also after an orderly stop, which leaves no record of what ran. */
  @Test
  void aPortThatWasAskedForOnceIsTheOneOfTheNextStart() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(portOf(free)).isEqualTo(free);
    assertThat(portOf(null)).isEqualTo(free);
  }
}
