package dev.taximeter.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcePatternTest {
  @TempDir private Path directory;

  private GatewayFile read(String source) throws IOException {
    Path file = directory.resolve("gateway.yaml");
    return GatewayFile.read(Files.writeString(file, "sources:\n- " + source + "\n"), null);
  }

  @Test
  void aStarStandsForAnything() throws IOException {
    GatewayFile file = read("{ path: \"/logs/*.log\", format: cri }");
    assertThat(file.formatOf(new LineSource("gw", "/logs/a/b.log"))).isEqualTo(LineFormat.CRI);
    assertThat(file.formatOf(new LineSource("gw", "/other/b.log"))).isEqualTo(LineFormat.PLAIN);
  }

  /** Taken literally, such a rule would match nothing, and lines would not be joined. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ path: \"/logs/gateway-?.log\", format: cri }",
        "{ path: \"/logs/gateway-[ab].log\", format: cri }",
        "{ path: \"/logs/{a,b}.log\", format: cri }",
        "{ host: \"node-?\", format: cri }"
      })
  void anotherKindOfPatternIsRefusedByPlace(String source) {
    assertThatThrownBy(() -> read(source))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("gateway.yaml:2:")
        .hasMessageContaining("only * is special here; write * in its place");
  }
}
