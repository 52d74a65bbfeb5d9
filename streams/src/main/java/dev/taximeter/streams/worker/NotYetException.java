package dev.taximeter.streams.worker;

/** What work needs is not there yet. It is tried again. */
public final class NotYetException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param sentence what it waits for, for the operator
   */
  public NotYetException(String sentence) {
    super(sentence);
  }

  public NotYetException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
