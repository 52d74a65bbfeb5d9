package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.demo.DemoTraffic;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes from the line that reaches a hard quota to the first check that is refused.
 * Lines are due at fixed instants, and a breach's time runs from when its line was due; its key is
 * checked in turn with those of the other breaches that wait, so that many of them do not make more
 * checks than few: that would keep the very system busy that they wait for.
 */
final class Breach {
  static final int LINES_PER_SECOND = 1_000;

  /** One line of so many reaches the quota of its key's account. */
  static final int LINES_PER_BREACH = 50;

  private static final long SEED = 5_077;
  private static final long STEP_NANOS = Duration.ofSeconds(1).toNanos() / LINES_PER_SECOND;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration HEAD_START = Duration.ofMillis(500);
  private static final long CHECK_EVERY_NANOS = Duration.ofMillis(2).toNanos();
  private static final Pattern KEY = Pattern.compile("\"user_api_key\":\"[^\"]*\"");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final String url;
  private final Path log;
  private final List<String> others;

  /**
   * @param url of the gate, without a trailing slash
   * @param log that the system follows
   * @param others keys of the lines that reach nothing
   */
  Breach(String url, Path log, List<String> others) {
    this.url = url;
    this.log = log;
    this.others = List.copyOf(others);
  }

  /** A breach that has begun, and the instant at which its line was due. */
  private record Pending(int number, String secret, long dueNanos) {}

  /**
   * Writes lines, of which the last of each {@link #LINES_PER_BREACH} has the next of the keys.
   *
   * @param secrets keys whose first request reaches a hard quota; all pass before
   */
  Millis measure(List<String> secrets) throws IOException, InterruptedException {
    for (String secret : secrets) {
      if (isRefused(secret)) {
        throw new IOException("a key is refused before it was used");
      }
    }
    byte[][] texts = texts(secrets);
    AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    long start = System.nanoTime() + HEAD_START.toNanos();
    Thread writer = new Thread(() -> write(texts, start, failure), "bench-gateway");
    writer.setDaemon(true);
    writer.start();
    Deque<Pending> coming = new ArrayDeque<>();
    for (int i = 0; i < secrets.size(); i++) {
      long line = (i + 1L) * LINES_PER_BREACH - 1;
      coming.add(new Pending(i, secrets.get(i), start + line * STEP_NANOS));
    }
    long[] nanos = new long[secrets.size()];
    long end = start + texts.length * STEP_NANOS + PATIENCE.toNanos();
    Deque<Pending> pending = new ArrayDeque<>();
    while (!coming.isEmpty() || !pending.isEmpty()) {
      while (!coming.isEmpty() && coming.element().dueNanos() - System.nanoTime() <= 0) {
        pending.add(coming.remove());
      }
      Pending breach = pending.poll();
      if (breach != null) {
        if (isRefused(breach.secret())) {
          nanos[breach.number()] = System.nanoTime() - breach.dueNanos();
        } else {
          pending.add(breach);
        }
      }
      IOException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            "%d of %d keys still pass %d s after the last line"
                .formatted(pending.size(), secrets.size(), PATIENCE.toSeconds()));
      }
      LockSupport.parkNanos(CHECK_EVERY_NANOS);
    }
    writer.join();
    return Millis.of(nanos);
  }

  private byte[][] texts(List<String> secrets) {
    DemoTraffic traffic = new DemoTraffic(SEED);
    Instant now = Instant.now();
    byte[][] texts = new byte[secrets.size() * LINES_PER_BREACH][];
    for (int i = 0; i < texts.length; i++) {
      String secret =
          (i + 1) % LINES_PER_BREACH == 0
              ? secrets.get(i / LINES_PER_BREACH)
              : others.get(i % others.size());
      String text = traffic.billed(now.plusNanos(i * STEP_NANOS)).text();
      texts[i] =
          (KEY.matcher(text).replaceFirst("\"user_api_key\":\"%s\"".formatted(secret)) + "\n")
              .getBytes(StandardCharsets.UTF_8);
    }
    return texts;
  }

  private void write(byte[][] texts, long start, AtomicReference<@Nullable IOException> failure) {
    try (OutputStream output =
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int i = 0; i < texts.length; i++) {
        long due = start + i * STEP_NANOS;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        output.write(texts[i]);
      }
    } catch (IOException e) {
      failure.set(e);
    }
  }

  private boolean isRefused(String secret) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + secret)
            .build();
    int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    return switch (status) {
      case 200 -> false;
      case 403, 429 -> true;
      default -> throw new IOException("the gate answered with status " + status);
    };
  }
}
