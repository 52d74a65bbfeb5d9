package dev.taximeter.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.settings.SettingsException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void readinessTellsTheProblem() throws Exception {
    AtomicReference<Optional<String>> problem = new AtomicReference<>(Optional.of("not yet"));
    try (HealthEndpoint health =
        new HealthEndpoint("127.0.0.1", 0, problem::get, List::of, () -> "")) {
      assertThat(get(health.port(), "/livez").statusCode()).isEqualTo(200);
      HttpResponse<String> starting = get(health.port(), "/readyz");
      assertThat(starting.statusCode()).isEqualTo(503);
      assertThat(starting.body()).isEqualTo("not yet\n");
      problem.set(Optional.empty());
      assertThat(get(health.port(), "/readyz").body()).isEqualTo("ready\n");
    }
  }

  @Test
  void problemsAreNamedWithoutTakingReadinessAway() throws Exception {
    AtomicReference<List<String>> problems = new AtomicReference<>(List.of("first.", "second."));
    try (HealthEndpoint health =
        new HealthEndpoint("127.0.0.1", 0, Optional::empty, problems::get, () -> "")) {
      HttpResponse<String> found = get(health.port(), "/problems");
      assertThat(found.statusCode()).isEqualTo(503);
      assertThat(found.body()).isEqualTo("first.\nsecond.\n");
      assertThat(get(health.port(), "/readyz").statusCode()).isEqualTo(200);
      problems.set(List.of());
      assertThat(get(health.port(), "/problems").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aPortInUseIsAnErrorOfTheSettings() {
    try (HealthEndpoint first =
        new HealthEndpoint("127.0.0.1", 0, Optional::empty, List::of, () -> "")) {
      assertThatThrownBy(
              () ->
                  new HealthEndpoint(
                      "127.0.0.1", first.port(), Optional::empty, List::of, () -> ""))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(Integer.toString(first.port()));
    }
  }

  @Test
  void aRequestThatIsNeverFinishedKeepsNobodyElseWaiting() throws Exception {
    try (HealthEndpoint health =
            new HealthEndpoint("127.0.0.1", 0, Optional::empty, List::of, () -> "");
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), health.port())) {
      slow.getOutputStream().write("GET /li".getBytes(StandardCharsets.US_ASCII));
      // The server has begun to read it once it serves another.
      for (int i = 0; i < 10; i++) {
        assertThat(get(health.port(), "/livez").statusCode()).isEqualTo(200);
      }
    }
  }
}
