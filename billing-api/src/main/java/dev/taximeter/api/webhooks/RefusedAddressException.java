package dev.taximeter.api.webhooks;

import java.net.UnknownHostException;

/** An address to which nothing is sent. */
final class RefusedAddressException extends UnknownHostException {
  private static final long serialVersionUID = 1;

  RefusedAddressException(String message) {
    super(message);
  }
}
