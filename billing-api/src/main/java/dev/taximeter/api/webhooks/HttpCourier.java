package dev.taximeter.api.webhooks;

import dev.taximeter.api.settings.AddressRange;
import dev.taximeter.contract.event.AlertMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Posts to receivers that somebody else has chosen: to checked addresses only, without following
 * redirects, within bounded time, reading a bounded answer. Every try opens a connection of its
 * own, so that every try is checked.
 */
final class HttpCourier implements Courier, AutoCloseable {
  /** Of all that a try takes, from the name to the last byte. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration CONNECTING = Duration.ofSeconds(5);

  /** Bytes of the answer that are read; a robot's verdict has some 100. */
  static final int MOST_READ = 16 * 1024;

  /** Characters of the answer that are kept. */
  static final int MOST_KEPT = 500;

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);
  private static final int GONE = 410;
  private static final int MOST_CONNECTIONS = 64;

  private final CloseableHttpClient secure;
  private final CloseableHttpClient plain;
  private final Duration patience;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "delivery-deadlines");
            thread.setDaemon(true);
            return thread;
          });

  HttpCourier(List<AddressRange> allowed) {
    this(InetAddress::getAllByName, allowed, PATIENCE);
  }

  /**
   * @param allowed private addresses that are right; the only ones that are spoken to in clear
   * @param patience of all that a try takes
   */
  HttpCourier(AddressGuard.Lookup lookup, List<AddressRange> allowed, Duration patience) {
    this.secure = client(new AddressGuard(lookup, allowed, false));
    this.plain = client(new AddressGuard(lookup, allowed, true));
    this.patience = patience;
  }

  private static CloseableHttpClient client(AddressGuard guard) {
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(guard)
                .setMaxConnTotal(MOST_CONNECTIONS)
                .setMaxConnPerRoute(MOST_CONNECTIONS)
                .setDefaultConnectionConfig(
                    ConnectionConfig.custom()
                        .setConnectTimeout(timeout(CONNECTING))
                        .setSocketTimeout(timeout(PATIENCE))
                        .build())
                .build())
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .setResponseTimeout(timeout(PATIENCE))
                .setConnectionRequestTimeout(timeout(PATIENCE))
                .build())
        .setConnectionReuseStrategy((request, response, context) -> false)
        .setUserAgent("Taximeter")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableAuthCaching()
        .disableCookieManagement()
        .disableContentCompression()
        .build();
  }

  private static Timeout timeout(Duration duration) {
    return Timeout.ofMilliseconds(duration.toMillis());
  }

  @Override
  public Verdict send(Addressed to, String id, AlertMessage message, Instant now) {
    Letter letter = Shapes.letter(to, id, message, now);
    HttpPost post = new HttpPost(letter.address());
    letter.headers().forEach(post::setHeader);
    post.setEntity(new ByteArrayEntity(letter.body(), ContentType.APPLICATION_JSON));
    boolean encrypted = "https".equals(letter.address().getScheme());
    Future<?> deadline =
        timer.schedule(() -> post.abort(), patience.toMillis(), TimeUnit.MILLISECONDS);
    @Nullable Verdict[] heard = new @Nullable Verdict[1];
    try {
      return (encrypted ? secure : plain)
          .execute(
              post,
              response -> {
                heard[0] = verdict(to, post, response, now);
                return heard[0];
              });
    } catch (RefusedAddressException e) {
      return Verdict.failed(String.valueOf(e.getMessage()));
    } catch (UnknownHostException e) {
      return Verdict.failed("the name of the receiver is not known");
    } catch (IOException | RuntimeException e) {
      if (heard[0] != null) {
        // It has said what matters; its connection was cut behind that.
        return heard[0];
      }
      return Verdict.failed(
          post.isAborted()
              ? "no answer within %d ms".formatted(patience.toMillis())
              : "no answer: " + e.getClass().getSimpleName());
    } finally {
      deadline.cancel(false);
    }
  }

  private static Verdict verdict(
      Addressed to, HttpPost post, ClassicHttpResponse response, Instant now) throws IOException {
    int status = response.getCode();
    String body = body(post, response.getEntity());
    return new Verdict(
        status,
        printable(body),
        Shapes.isAccepted(to.channel(), status, body),
        status == GONE,
        retryAfter(response.getFirstHeader("Retry-After"), now));
  }

  /** What is not read of an endless answer must not be waited for. */
  private static String body(HttpPost post, @Nullable HttpEntity entity) throws IOException {
    if (entity == null) {
      return "";
    }
    InputStream content = entity.getContent();
    byte[] read = content.readNBytes(MOST_READ + 1);
    if (read.length > MOST_READ) {
      post.abort();
    }
    return new String(read, 0, Math.min(read.length, MOST_READ), StandardCharsets.UTF_8);
  }

  private static String printable(String body) {
    String text = body.replaceAll("\\p{Cntrl}+", " ").strip();
    return text.length() <= MOST_KEPT ? text : text.substring(0, MOST_KEPT) + "…";
  }

  /** Seconds or a date; nonsense counts as nothing. */
  private static @Nullable Duration retryAfter(@Nullable Header header, Instant now) {
    if (header == null || header.getValue() == null) {
      return null;
    }
    Duration wanted;
    String value = header.getValue().strip();
    try {
      wanted =
          value.matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(value))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return null;
    }
    if (wanted.isNegative()) {
      return null;
    }
    return wanted.compareTo(LONGEST_RETRY_AFTER) < 0 ? wanted : LONGEST_RETRY_AFTER;
  }

  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    secure.close();
    plain.close();
  }
}
