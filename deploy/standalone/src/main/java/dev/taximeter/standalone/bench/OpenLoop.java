package dev.taximeter.standalone.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks at fixed instants, whether or not earlier answers have come, and times each request from the
 * instant at which it was due: a stall is felt by every request that it delays.
 */
final class OpenLoop {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int OK = 200;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
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
  }

  /**
   * Asks for one path.
   *
   * @param perSecond requests that are due each second
   * @param count requests in all
   * @throws IOException if any of them is not answered with 200
   */
  Millis measure(String path, int perSecond, int count) throws IOException, InterruptedException {
    List<HttpRequest> requests = tokens.stream().map(token -> request(path, token)).toList();
    long step = Duration.ofSeconds(1).toNanos() / perSecond;
    long[] nanos = new long[count];
    CountDownLatch open = new CountDownLatch(count);
    AtomicLong wrong = new AtomicLong();
    AtomicReference<@Nullable String> example = new AtomicReference<>();
    long start = System.nanoTime() + step;
    for (int i = 0; i < count; i++) {
      int number = i;
      long due = start + i * step;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      client
          .sendAsync(requests.get(i % requests.size()), HttpResponse.BodyHandlers.ofByteArray())
          .whenComplete(
              (response, failure) -> {
                nanos[number] = System.nanoTime() - due;
                if (failure != null || response.statusCode() != OK) {
                  wrong.incrementAndGet();
                  example.compareAndSet(
                      null,
                      failure != null ? failure.toString() : "status " + response.statusCode());
                }
                open.countDown();
              });
    }
    if (!open.await(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS) || wrong.get() > 0) {
      throw new IOException(
          "%s: %d of %d requests were not answered with 200, such as: %s"
              .formatted(path, wrong.get() + open.getCount(), count, example.get()));
    }
    return Millis.of(nanos);
  }

  private HttpRequest request(String path, String token) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json")
        .build();
  }
}
