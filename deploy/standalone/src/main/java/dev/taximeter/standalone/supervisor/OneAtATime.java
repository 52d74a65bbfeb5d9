package dev.taximeter.standalone.supervisor;

import java.time.Duration;

/** Passes calls from several threads on, one after the other. */
final class OneAtATime implements StageListener {
  private final StageListener listener;

  OneAtATime(StageListener listener) {
    this.listener = listener;
  }

  @Override
  public synchronized void started(String stage) {
    listener.started(stage);
  }

  @Override
  public synchronized void finished(String stage, Duration took) {
    listener.finished(stage, took);
  }

  @Override
  public synchronized void note(String message) {
    listener.note(message);
  }
}
