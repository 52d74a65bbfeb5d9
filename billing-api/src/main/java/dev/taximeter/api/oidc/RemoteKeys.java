package dev.taximeter.api.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The provider's public keys, read over the network: bounded, without following redirects. */
final class RemoteKeys implements JWKSetSource<SecurityContext> {
  /** Of all that reading takes, from the connection to the last byte. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Providers have some ten keys of 2 kB. */
  private static final int MOST_BYTES = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);

  private final URI address;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private volatile boolean failed;

  RemoteKeys(URI address) {
    this.address = address;
  }

  /** {@return whether the latest attempt to read the keys failed} */
  boolean failed() {
    return failed;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
      throws JWKSetUnavailableException {
    try {
      JWKSet keys = read();
      failed = false;
      return keys;
    } catch (IOException | ParseException e) {
      failed = true;
      LOG.warn("The identity provider's keys at {} cannot be read: {}", address, e.toString());
      throw new JWKSetUnavailableException("cannot be read", e);
    }
  }

  private JWKSet read() throws IOException, ParseException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .header("Accept", "application/jwk-set+json, application/json")
            .build();
    CompletableFuture<HttpResponse<byte[]>> asked =
        client.sendAsync(request, info -> new LimitedBody(MOST_BYTES));
    try {
      HttpResponse<byte[]> response = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode());
      }
      return JWKSet.parse(new String(response.body(), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IOException("an odd set of keys", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      asked.cancel(true);
    }
  }

  @Override
  public void close() {
    // The client ends with the process.
  }
}
