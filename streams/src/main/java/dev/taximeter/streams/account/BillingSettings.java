package dev.taximeter.streams.account;

import java.time.Duration;

/**
 * When bills become final by themselves, and how much of an account is at hand.
 *
 * @param grace how long after the end of a month; complete usage is waited for besides
 * @param listedCredits credits of people beyond which those that are over leave the account's
 *     state, 0 or more
 */
public record BillingSettings(Duration grace, int listedCredits) {
  /** Far more than anybody reads, and a tenth of what a state has room for. */
  private static final int LISTED_CREDITS = 200;

  public BillingSettings(Duration grace) {
    this(grace, LISTED_CREDITS);
  }
}
