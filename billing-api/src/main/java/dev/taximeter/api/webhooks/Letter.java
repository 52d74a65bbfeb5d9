package dev.taximeter.api.webhooks;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is posted to a receiver.
 *
 * @param headers besides the usual ones
 * @param body JSON
 */
record Letter(URI address, Map<String, String> headers, byte[] body) {
  Letter {
    headers = new LinkedHashMap<>(headers);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "Letter[" + address.getHost() + "]";
  }
}
