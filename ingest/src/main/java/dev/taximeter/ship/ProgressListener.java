package dev.taximeter.ship;

/** Told how a backfill gets on, from threads of the backfill and never two at once. */
public interface ProgressListener {
  /**
   * @param lines lines shipped and committed
   * @param bytesDone bytes read of all files as they are stored, compressed or not
   * @param bytesTotal size of all files; -1 if it is not known, as for standard input
   */
  void progress(long lines, long bytesDone, long bytesTotal);

  /**
   * Kafka does not take lines at the moment; the backfill goes on by itself.
   *
   * @param reason for people
   */
  default void waiting(String reason) {}
}
