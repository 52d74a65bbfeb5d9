package dev.taximeter.streams.worker;

/** What work needs is not there yet. It is tried again. */
public final class NotYetException extends Exception {
  private static final long serialVersionUID = 1;

  /** Characters of a server's own words; they may repeat a long statement. */
  private static final int MOST_REASON = 300;

  /**
   * @param sentence what it waits for, for the operator
   */
  public NotYetException(String sentence) {
    super(sentence);
  }

  public NotYetException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** What it waits for and why, for the operator; on one line. */
  String description() {
    Throwable root = this;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String sentence = String.valueOf(getMessage());
    if (root == this) {
      return sentence;
    }
    // Servers and drivers speak here, of connections and of statements that hold ids only.
    String reason =
        root.getMessage() == null ? "" : root.getMessage().lines().findFirst().orElse("");
    String cut = reason.length() > MOST_REASON ? reason.substring(0, MOST_REASON) + "…" : reason;
    return "%s (%s%s)"
        .formatted(sentence, root.getClass().getSimpleName(), cut.isEmpty() ? "" : ": " + cut);
  }
}
