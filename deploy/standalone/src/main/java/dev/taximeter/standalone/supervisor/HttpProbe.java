package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Healthy once an address answers 200. */
final class HttpProbe implements Probe {
  private static final int TIMEOUT_MILLIS = 2_000;

  private static final int MOST_REASON_BYTES = 2_000;

  private final URI address;
  private volatile String reason = "";

  HttpProbe(URI address) {
    this.address = address;
  }

  @Override
  public boolean isHealthy() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try {
        boolean healthy = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        reason = healthy ? "" : sentence(connection);
        return healthy;
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public Optional<String> reason() {
    return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
  }

  /** Documents are for programs; a plain text is for people. */
  private static String sentence(HttpURLConnection connection) throws IOException {
    String type = connection.getContentType();
    InputStream body = connection.getErrorStream();
    if (body == null || type == null || !type.startsWith("text/plain")) {
      return "";
    }
    return new String(body.readNBytes(MOST_REASON_BYTES), StandardCharsets.UTF_8).strip();
  }
}
