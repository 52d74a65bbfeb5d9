package dev.taximeter.standalone.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Asks at fixed instants, whether or not earlier answers have come, and times each request from the
 * instant at which it was due: a stall is felt by every request that it delays. It keeps its
 * connections, as gateways and portals do; what is due while all are busy waits, and that counts.
 */
final class OpenLoop implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int OK = 200;
  private static final int CONNECTIONS = 64;

  private final CloseableHttpClient client;
  private final String url;
  private final List<String> tokens;

  /**
   * @param url without a trailing slash
   * @param token sent as bearer token
   */
  OpenLoop(String url, String token) {
    this(url, List.of(token));
  }

  /**
   * @param url without a trailing slash
   * @param tokens sent as bearer tokens in turn
   */
  OpenLoop(String url, List<String> tokens) {
    this.url = url;
    this.tokens = List.copyOf(tokens);
    Timeout patience = Timeout.of(PATIENCE);
    this.client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnTotal(CONNECTIONS)
                    .setMaxConnPerRoute(CONNECTIONS)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(patience)
                            .setSocketTimeout(patience)
                            .setValidateAfterInactivity(TimeValue.ofSeconds(10))
                            .build())
                    .build())
            .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(patience).build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .build();
  }

  /**
   * Asks for one path.
   *
   * @param perSecond requests that are due each second
   * @param count requests in all
   * @throws IOException if any of them is not answered with 200
   */
  Millis measure(String path, int perSecond, int count) throws IOException, InterruptedException {
    Run run = new Run(path, Duration.ofSeconds(1).toNanos() / perSecond, count);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(CONNECTIONS, count); i++) {
      Thread worker = new Thread(run, "open-loop-" + i);
      worker.setDaemon(true);
      worker.start();
      workers.add(worker);
    }
    for (Thread worker : workers) {
      worker.join();
    }
    if (run.wrong.get() > 0) {
      throw new IOException(
          "%s: %d of %d requests were not answered with 200, such as: %s"
              .formatted(path, run.wrong.get(), count, run.example.get()));
    }
    return Millis.of(run.nanos);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  /** What each worker does: takes the next request, waits until it is due, and asks. */
  private final class Run implements Runnable {
    private final String path;
    private final long step;
    private final long start = System.nanoTime();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final AtomicReference<@Nullable String> example = new AtomicReference<>();
    private final long[] nanos;

    Run(String path, long step, int count) {
      this.path = path;
      this.step = step;
      this.nanos = new long[count];
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < nanos.length; i = next.getAndIncrement()) {
        long due = start + (i + 1) * step;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        String failure = ask(tokens.get(i % tokens.size()));
        nanos[i] = System.nanoTime() - due;
        if (failure != null) {
          wrong.incrementAndGet();
          example.compareAndSet(null, failure);
        }
      }
    }

    /** {@return why it is no answer; null if it is one} */
    private @Nullable String ask(String token) {
      HttpGet request = new HttpGet(url + path);
      request.setHeader("Authorization", "Bearer " + token);
      request.setHeader("Accept", "application/json");
      try {
        return client.execute(request, OpenLoop::failure);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }

  private static @Nullable String failure(ClassicHttpResponse response) throws IOException {
    EntityUtils.consume(response.getEntity());
    return response.getCode() == OK ? null : "status " + response.getCode();
  }
}
