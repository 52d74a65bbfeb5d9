package dev.taximeter.contract.event;

import org.jspecify.annotations.Nullable;

/**
 * Keys under which usage waits in {@code account.inputs.v1} until it is known who pays. Each is
 * written by one account task, like an account. No account id of the catalogue has a colon.
 */
public final class Holders {
  /** Begins the holders of keys that nobody has registered. */
  public static final String UNATTRIBUTED = "unattributed:";

  /** Begins the holders of lines in suspense, one each, so that they spread over partitions. */
  public static final String SUSPENSE = "suspense:";

  /** Stands for the fingerprint of lines without any key. */
  public static final String NO_KEY = "none";

  /** Begins what stands for the fingerprint of keys that metering has no room to tell apart. */
  public static final String OVERFLOW = "overflow-";

  /** Enough hex digits to tell keys apart (64 bits), few enough to be read. */
  private static final int HOLDER_DIGITS = 16;

  private Holders() {}

  /**
   * @param fingerprint of the unknown key, 64 hex digits; null if the line had none
   */
  public static String ofKey(@Nullable String fingerprint) {
    return UNATTRIBUTED + (fingerprint == null ? NO_KEY : fingerprint.substring(0, HOLDER_DIGITS));
  }

  /**
   * The holder that one part of the account stage shares among what is beyond its bounds. It is
   * written by that part alone, as every other holder is.
   *
   * @param partition of {@code account.inputs.v1}
   */
  public static String ofOverflow(int partition) {
    return UNATTRIBUTED + OVERFLOW + partition;
  }

  /**
   * @param lineId the line's identity, 32 hex digits
   */
  public static String ofLine(String lineId) {
    return SUSPENSE + lineId;
  }
}
