package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.taximeter.standalone.backfill.RestClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a small API whose balance follows the gateway's log. */
class FirstLineTest {
  @TempDir Path directory;
  private Path log;
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    log = directory.resolve("access.log");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/accounts/acme/balance",
        exchange -> {
          boolean written = Files.exists(log) && Files.size(log) > 0;
          String balance =
              """
              {"account":"acme","currency":"USD","spent":"%s","asOf":{"sequence":%d}}"""
                  .formatted(written ? "7.000125" : "7", written ? 43 : 42);
          byte[] body = balance.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
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
  void tellsWhoseLineItWasWhatItCostAndHowLongItTook() throws Exception {
    RestClient api = new RestClient("http://127.0.0.1:" + server.getAddress().getPort(), "token");
    DemoKey key = DemoKey.ALL.get(0);
    String story;
    try (LiveGateway gateway = new LiveGateway(log, Long.MAX_VALUE, new GatewaySimulator(5))) {
      story = new FirstLine(api, key).play(gateway);
    }

    assertThat(story)
        .contains("key acme-prod (sk-...0b5H), model gpt-4o")
        .contains("cost 0.000125 USD: in the balance ")
        .doesNotContain(key.secret());
    assertThat(Files.readAllLines(log)).hasSize(1);
  }
}
