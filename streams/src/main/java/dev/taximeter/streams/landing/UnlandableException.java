package dev.taximeter.streams.landing;

/** A record cannot become rows. */
final class UnlandableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * @param reason why, quoting nothing of the record
   */
  UnlandableException(String reason) {
    super(reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
