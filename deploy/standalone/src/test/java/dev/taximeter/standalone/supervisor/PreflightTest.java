package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
  private static final long MEBIBYTE = 1L << 20;

  @Test
  void tooLittleSpaceIsToldWithWhatIsNeeded() {
    Path directory = Path.of("data");

    assertThatThrownBy(() -> Preflight.requireSpace(directory, 100 * MEBIBYTE))
        .isInstanceOf(LaunchException.class)
        .hasMessage(
            "data has 100 MiB free and Taximeter needs 2048 MiB to start; free some space or choose another --data-dir");
    assertThatCode(() -> Preflight.requireSpace(directory, 2048 * MEBIBYTE))
        .doesNotThrowAnyException();
  }

  @Test
  void missingFileAndWrongAddressAreNamed() {
    assertThatThrownBy(() -> Preflight.requireReadable(Path.of("none.yaml"), "the catalogue"))
        .hasMessage("none.yaml, the catalogue, does not exist; check the path");
    assertThatThrownBy(() -> Preflight.requireReadable(Path.of("."), "the catalogue"))
        .hasMessage("., the catalogue, is a directory; name a file");
    assertThatThrownBy(() -> Preflight.requireAddress("203.0.113.7"))
        .hasMessageStartingWith("203.0.113.7 is no address of this machine");
    assertThatThrownBy(() -> Preflight.requireAddress("no address"))
        .hasMessageStartingWith("no address is no address of this machine");
  }

  @Test
  void aLogMayAppearLaterButNotInADirectoryThatIsNotThere(@TempDir Path directory) {
    assertThatCode(() -> Preflight.requireLog(directory.resolve("access.log")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Preflight.requireLog(directory.resolve("none").resolve("access.log")))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("access.log, the access log to follow, cannot appear")
        .hasMessageEndingWith("check the path");
    assertThatThrownBy(() -> Preflight.requireLog(directory))
        .hasMessageEndingWith("is a directory; name a file");
  }

  @Test
  void aWrongGatewayFileIsRefusedWithItsPlace(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("gateway.yaml");
    Files.writeString(file, "sources: [{ format: cry }]");
    assertThatThrownBy(() -> Preflight.requireGateway(file))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("gateway.yaml:1:21: sources[0].format")
        .hasMessageContaining("did you mean cri?");
    Files.writeString(file, "sources: [{ format: cri }]");
    assertThatCode(() -> Preflight.requireGateway(file)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Preflight.requireGateway(directory.resolve("none.yaml")))
        .hasMessageEndingWith(
            "none.yaml, the gateway configuration, does not exist; check the path");
  }
}
