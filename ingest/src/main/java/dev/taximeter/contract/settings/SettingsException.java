package dev.taximeter.contract.settings;

/** A setting is missing or wrong. The message is one sentence for the operator. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SettingsException(String message) {
    super(message);
  }
}
