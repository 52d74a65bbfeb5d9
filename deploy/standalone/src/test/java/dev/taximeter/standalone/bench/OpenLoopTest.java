package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final int STALL_MILLIS = 500;

  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  /** One request after the other; the tenth takes long. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          if (asked.incrementAndGet() == 10) {
            try {
              Thread.sleep(STALL_MILLIS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/no") ? 503 : 200, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private OpenLoop loop() {
    return new OpenLoop("http://127.0.0.1:" + server.getAddress().getPort(), "token");
  }

  @Test
  void aStallIsFeltByAllThatItDelays() throws Exception {
    Millis millis;
    try (OpenLoop loop = loop()) {
      millis = loop.measure("/", 100, 50);
    }

    assertThat(asked.get()).isEqualTo(50);
    assertThat(millis.count()).isEqualTo(50);
    // The 40 requests behind it were due 10 ms apart: half of all wait for more than 100 ms.
    assertThat(millis.p50().doubleValue()).isGreaterThan(100);
    assertThat(millis.max().doubleValue()).isGreaterThanOrEqualTo(STALL_MILLIS);
  }

  @Test
  void anAnswerThatIsNoneIsNoFigure() throws IOException {
    try (OpenLoop loop = loop()) {
      assertThatThrownBy(() -> loop.measure("/no", 100, 5))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("5 of 5")
          .hasMessageContaining("503");
    }
  }
}
