package dev.taximeter.api.alerts;

/** It cannot be said at this moment whether something is wrong. */
public final class UnknownConditionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnknownConditionException(String message) {
    super(message);
  }
}
