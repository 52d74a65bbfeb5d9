package dev.taximeter.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.settings.SettingsException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void readinessTellsTheProblem() throws Exception {
    AtomicReference<List<String>> notes = new AtomicReference<>(List.of());
    AtomicReference<Optional<String>> problem = new AtomicReference<>(Optional.of("not yet"));
    try (HealthEndpoint health = new HealthEndpoint(0, problem::get, notes::get, () -> "")) {
      assertThat(get(health.port(), "/livez").statusCode()).isEqualTo(200);
      HttpResponse<String> starting = get(health.port(), "/readyz");
      assertThat(starting.statusCode()).isEqualTo(503);
      assertThat(starting.body()).isEqualTo("not yet\n");
      problem.set(Optional.empty());
      assertThat(get(health.port(), "/readyz").body()).isEqualTo("ready\n");
      notes.set(List.of("records are missing"));
      HttpResponse<String> noted = get(health.port(), "/readyz");
      assertThat(noted.statusCode()).isEqualTo(200);
      assertThat(noted.body()).isEqualTo("ready, but records are missing\n");
    }
  }

  @Test
  void aPortInUseIsAnErrorOfTheSettings() {
    try (HealthEndpoint first = new HealthEndpoint(0, Optional::empty, List::of, () -> "")) {
      assertThatThrownBy(
              () -> new HealthEndpoint(first.port(), Optional::empty, List::of, () -> ""))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(Integer.toString(first.port()));
    }
  }
}
