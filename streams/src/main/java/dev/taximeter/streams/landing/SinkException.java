package dev.taximeter.streams.landing;

/** ClickHouse did not do what it was asked to. Trying again is safe. */
final class SinkException extends Exception {
  private static final long serialVersionUID = 1;

  SinkException(String message, Throwable cause) {
    super(message, cause);
  }

  SinkException(String message) {
    super(message);
  }
}
