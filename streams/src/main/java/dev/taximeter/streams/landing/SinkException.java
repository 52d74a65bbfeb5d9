package dev.taximeter.streams.landing;

import org.jspecify.annotations.Nullable;

/** ClickHouse did not do what it was asked to. Trying again is safe. */
final class SinkException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean dataLost;

  SinkException(String message, Throwable cause) {
    this(message, cause, false);
  }

  SinkException(String message) {
    super(message);
    this.dataLost = false;
  }

  private SinkException(String message, @Nullable Throwable cause, boolean dataLost) {
    super(message, cause);
    this.dataLost = dataLost;
  }

  /** ClickHouse lacks what it has acknowledged: landing must begin anew, tables included. */
  static SinkException dataLost(String message, @Nullable Throwable cause) {
    return new SinkException(message, cause, true);
  }

  boolean isDataLost() {
    return dataLost;
  }
}
