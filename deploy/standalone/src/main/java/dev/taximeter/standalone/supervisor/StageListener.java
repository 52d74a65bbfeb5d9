package dev.taximeter.standalone.supervisor;

import java.time.Duration;

/**
 * Hears how a start goes. Stages overlap; calls come from several threads, one at a time, and must
 * return quickly.
 */
public interface StageListener {
  /**
   * @param stage for people, such as {@code Kafka broker}
   */
  void started(String stage);

  void finished(String stage, Duration took);

  /**
   * @param message a sentence on something that went on by itself, such as a process that was
   *     restarted
   */
  void note(String message);
}
