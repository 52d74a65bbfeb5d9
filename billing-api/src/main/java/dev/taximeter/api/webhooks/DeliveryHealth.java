package dev.taximeter.api.webhooks;

/** Whether alerts are being delivered by this process. Thread-safe. */
public interface DeliveryHealth {
  /** {@return whether it does its rounds} */
  boolean alive();

  /** {@return messages that wait, of all processes} */
  long waiting();

  /** {@return messages that this process has given up since it started} */
  long failed();

  /** {@return records and sources that could not be dealt with since it started} */
  long defects();
}
