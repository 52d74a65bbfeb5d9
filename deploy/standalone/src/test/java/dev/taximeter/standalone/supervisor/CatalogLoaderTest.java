package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the API says of a catalogue file reaches the operator. */
class CatalogLoaderTest {
  private HttpServer server;
  private int status = 200;
  private String body = "";

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/catalog",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI api() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void whatIsWrittenOverIsNamed() throws Exception {
    body =
        """
        {"catalogVersion":3,"changed":["price-book/usd","plan/new"],"replaced":["price-book/usd"]}""";
    assertThat(CatalogLoader.load(api(), "token", "plans: []", "catalog.yaml"))
        .isEqualTo(new CatalogLoader.Loaded(3, List.of("price-book/usd")));
    assertThat(CatalogLoader.version(api(), "token")).isEqualTo(3);
  }

  @Test
  void aRefusalIsInTheWordsOfTheApi() {
    status = 422;
    body = "{\"detail\":\"plans[0]: there is no price book x\"}";
    assertThatThrownBy(() -> CatalogLoader.load(api(), "token", "plans: []", "catalog.yaml"))
        .isInstanceOf(LaunchException.class)
        .hasMessage("the catalogue catalog.yaml was refused: plans[0]: there is no price book x");
  }
}
