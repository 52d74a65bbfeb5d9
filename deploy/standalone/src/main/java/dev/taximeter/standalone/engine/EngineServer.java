package dev.taximeter.standalone.engine;

import com.clickhouse.data.stream.Lz4OutputStream;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taximeter.standalone.engine.Credentials.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks as much of ClickHouse's HTTP protocol as its JDBC driver needs, on loopback only. Every
 * request gets a session of its own, so that settings never leak from one to the next.
 */
final class EngineServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);

  /** Landing sends batches of some ten MiB; larger requests are a mistake. */
  private static final long MOST_REQUEST_BYTES = 64L << 20;

  /** Memory that all request texts under way may take, growth included. */
  private static final int REQUEST_BUDGET_KIBIBYTES = 256 << 10;

  /** More at once would only share two cores. */
  private static final int MOST_QUERIES = 16;

  /** Requests that wait for a free thread; further ones are cut off and tried again by clients. */
  private static final int MOST_WAITING = 256;

  /** Block size of compressed answers, before compression. */
  private static final int BLOCK_BYTES = 1 << 20;

  /**
   * A request whose text has not come by then is cut off. Whoever sends half of one needs no
   * password for it, and each would keep one of the threads for ever; the largest takes seconds.
   */
  private static final Duration LONGEST_REQUEST = Duration.ofMinutes(2);

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int SERVER_ERROR = 500;
  private static final int UNAVAILABLE = 503;

  private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(30);

  private final Engine engine;
  private final Path staging;
  private final Credentials credentials;
  private final ReaderPolicy readerPolicy;
  private final String timeZone;
  private final HttpServer server;
  private final ThreadPoolExecutor executor;
  private final Semaphore budget = new Semaphore(REQUEST_BUDGET_KIBIBYTES);

  private EngineServer(
      Engine engine, Path staging, Credentials credentials, String timeZone, HttpServer server)
      throws EngineException, IOException {
    this.engine = engine;
    this.staging = staging;
    this.credentials = credentials;
    this.readerPolicy = new ReaderPolicy(engine);
    this.timeZone = timeZone;
    this.server = server;
    this.executor =
        new ThreadPoolExecutor(
            MOST_QUERIES,
            MOST_QUERIES,
            IDLE_THREAD_LIFE.toSeconds(),
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING));
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * @param staging directory for data that is being inserted; nothing else may use it
   * @param port on loopback; 0: any free one
   */
  static EngineServer start(Engine engine, Path staging, Credentials credentials, int port)
      throws IOException, EngineException {
    StagedData.prepare(staging);
    // Small answers would otherwise wait 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxReqTime", Long.toString(LONGEST_REQUEST.toSeconds()));
    String timeZone;
    try (Engine.Session session = engine.session()) {
      timeZone = session.value("SELECT timezone()");
    }
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    EngineServer server = new EngineServer(engine, staging, credentials, timeZone, http);
    http.setExecutor(server.executor);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if ("/ping".equals(exchange.getRequestURI().getPath())) {
        send(exchange, OK, "Ok.\n");
        return;
      }
      Optional<Role> role =
          credentials.role(exchange.getRequestHeaders().getFirst("Authorization"));
      if (role.isEmpty()) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"ClickHouse\"");
        fail(
            exchange,
            UNAUTHORIZED,
            EngineException.of(
                EngineException.AUTHENTICATION_FAILED,
                "Authentication failed: user or password is wrong"));
        return;
      }
      switch (exchange.getRequestMethod()) {
        case "POST" -> answer(exchange, role.get());
        // As on a ClickHouse server, GET never changes anything.
        case "GET" -> answer(exchange, Role.READER);
        default -> send(exchange, METHOD_NOT_ALLOWED, "Use POST, or GET to read.\n");
      }
    } catch (RuntimeException e) {
      LOG.error("a request failed", e);
    }
  }

  private void answer(HttpExchange exchange, Role role) throws IOException {
    HttpQuery query;
    try {
      query = HttpQuery.parse(exchange.getRequestURI(), exchange.getRequestHeaders());
    } catch (EngineException e) {
      fail(exchange, SERVER_ERROR, e);
      return;
    }
    exchange.getResponseHeaders().set("X-ClickHouse-Query-Id", query.id());
    try (NativeText text = new NativeText(MOST_REQUEST_BYTES, budget);
        StagedData staged = read(exchange, role, query, text)) {
      try (Engine.Session session = engine.session()) {
        run(exchange, role, query, text, session);
      }
    } catch (EngineException e) {
      boolean busy = e.code() == EngineException.TOO_MANY_SIMULTANEOUS_QUERIES;
      fail(exchange, busy ? UNAVAILABLE : SERVER_ERROR, e);
    }
  }

  /** Reads what is to be run. Returns the data that it takes, if it takes any from the body. */
  private @Nullable StagedData read(
      HttpExchange exchange, Role role, HttpQuery query, NativeText text) throws EngineException {
    try {
      InputStream sent = exchange.getRequestBody();
      InputStream body = query.compressedBody() ? new CompressedBlocks(sent) : sent;
      Optional<StagedData> staged =
          role == Role.WRITER
              ? StagedData.of(query.text(), body, staging, MOST_REQUEST_BYTES)
              : Optional.empty();
      if (staged.isPresent()) {
        return append(staged.get(), text);
      }
      if (!query.text().isEmpty()) {
        text.append(query.text());
        text.append("\n");
      }
      text.append(body);
      return null;
    } catch (IOException e) {
      throw EngineException.of(
          EngineException.CANNOT_READ, "the request body cannot be read: " + e.getMessage());
    }
  }

  private static StagedData append(StagedData staged, NativeText text)
      throws IOException, EngineException {
    try {
      text.append(staged.statement());
      return staged;
    } catch (EngineException e) {
      staged.close();
      throw e;
    }
  }

  private void run(
      HttpExchange exchange, Role role, HttpQuery query, NativeText text, Engine.Session session)
      throws IOException, EngineException {
    boolean reader = role == Role.READER;
    if (reader) {
      ReaderPolicy.requireHarmless(query.settings());
    }
    session.run(query.preparation(reader));
    if (reader) {
      readerPolicy.require(session, text);
    } else {
      InsertedData.requireUndivided(text);
    }
    try (Engine.Result result = session.query(text, query.format())) {
      var headers = exchange.getResponseHeaders();
      headers.set("X-ClickHouse-Format", query.format());
      headers.set("X-ClickHouse-Timezone", timeZone);
      headers.set("X-ClickHouse-Summary", result.summary());
      headers.set("Content-Type", "application/octet-stream");
      // 0 means that the length is not known beforehand, -1 that there is no body.
      boolean empty = result.length() == 0;
      exchange.sendResponseHeaders(OK, empty ? -1 : query.compressAnswer() ? 0 : result.length());
      if (!empty) {
        try (OutputStream output = body(exchange, query)) {
          result.writeTo(output);
        }
      }
    }
  }

  private static OutputStream body(HttpExchange exchange, HttpQuery query) {
    OutputStream output = exchange.getResponseBody();
    return query.compressAnswer() ? new Lz4OutputStream(output, BLOCK_BYTES, null) : output;
  }

  private static void fail(HttpExchange exchange, int status, EngineException error)
      throws IOException {
    exchange
        .getResponseHeaders()
        .set("X-ClickHouse-Exception-Code", Integer.toString(error.code()));
    send(exchange, status, error.getMessage() + "\n");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=UTF-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Refuses new requests and waits for the ones under way. */
  void drain(Duration patience) {
    server.stop((int) patience.toSeconds());
    executor.shutdown();
    try {
      if (!executor.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("queries were still running after {}; they are cut off", patience);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    drain(Duration.ofSeconds(1));
  }
}
