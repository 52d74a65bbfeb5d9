package dev.taximeter.ship;

/** A file cannot be shipped. The message is one sentence for the operator. */
public final class UnreadableFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnreadableFileException(String message) {
    super(message);
  }
}
