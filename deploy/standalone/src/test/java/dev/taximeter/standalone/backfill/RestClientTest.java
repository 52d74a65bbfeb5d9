package dev.taximeter.standalone.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestClientTest {
  private HttpServer server;
  private String answer = "{\"a\":1}";

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String token = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders("Bearer right".equals(token) ? 200 : 401, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void readsJsonWithItsToken() throws Exception {
    assertThat(client("right").get("/v1/status").path("a").asInt()).isEqualTo(1);
    assertThat(client("right").post("/v1/sign-in-codes", "{}").path("a").asInt()).isEqualTo(1);
  }

  @Test
  void anErrorTellsWhatWasAskedAndWhatWasAnswered() {
    assertThatThrownBy(() -> client("wrong").get("/v1/status"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/v1/status answered 401")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void anAnswerThatIsNoJsonIsAnError() {
    answer = "<html>";

    assertThatThrownBy(() -> client("right").get("/v1/status")).isInstanceOf(IOException.class);
  }

  private RestClient client(String token) {
    return new RestClient("http://127.0.0.1:" + server.getAddress().getPort(), token);
  }
}
