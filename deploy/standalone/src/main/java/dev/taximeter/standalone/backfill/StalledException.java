package dev.taximeter.standalone.backfill;

/** Nothing has moved for too long. The message is one sentence for the operator. */
public final class StalledException extends Exception {
  private static final long serialVersionUID = 1;

  StalledException(String message) {
    super(message);
  }
}
