package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Healthy once an address answers 200. */
final class HttpProbe implements Probe {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final URI address;

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
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return false;
    }
  }
}
