package dev.taximeter.api.web;

/** The history store does not answer; live answers still work. */
public final class HistoryUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public HistoryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
