package dev.taximeter.api.live;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** One open page, with a short queue of its own. */
final class LiveClient {
  /** Messages that a page may be behind: some ten seconds. */
  private static final int MOST_WAITING = 60;

  private static final Duration LONGEST = Duration.ofHours(12);
  private static final Logger LOG = LoggerFactory.getLogger(LiveClient.class);

  private final SseEmitter emitter;
  private final Executor writers;
  private final BooleanSupplier allowed;
  private final long openedNanos = System.nanoTime();
  private final Consumer<LiveClient> gone;
  private final BlockingQueue<Message> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicBoolean writing = new AtomicBoolean();

  private record Message(long id, String name, String json) {}

  /**
   * @param allowed whether the reader may still listen
   * @param gone told once this page no longer listens
   */
  LiveClient(
      SseEmitter emitter, Executor writers, BooleanSupplier allowed, Consumer<LiveClient> gone) {
    this.emitter = emitter;
    this.writers = writers;
    this.allowed = allowed;
    this.gone = gone;
    emitter.onCompletion(() -> gone.accept(this));
    emitter.onTimeout(() -> gone.accept(this));
    emitter.onError(error -> gone.accept(this));
  }

  /** Sends when the page is ready to take it; never waits. */
  void offer(long id, String name, String json) {
    if (!waiting.offer(new Message(id, name, json))) {
      LOG.info("a live page did not keep up and was cut off");
      end();
      return;
    }
    if (writing.compareAndSet(false, true)) {
      try {
        writers.execute(this::write);
      } catch (RejectedExecutionException e) {
        end();
      }
    }
  }

  /** Not for longer than a browser's session, and not with a token that has ended. */
  boolean isAllowed() {
    return System.nanoTime() - openedNanos < LONGEST.toNanos() && allowed.getAsBoolean();
  }

  void end() {
    gone.accept(this);
    emitter.complete();
  }

  private void write() {
    try {
      do {
        for (Message next = waiting.poll(); next != null; next = waiting.poll()) {
          emitter.send(
              SseEmitter.event()
                  .id(Long.toString(next.id()))
                  .name(next.name())
                  .data(next.json(), MediaType.TEXT_PLAIN));
        }
        writing.set(false);
        // A message may have come between the last look and here.
      } while (!waiting.isEmpty() && writing.compareAndSet(false, true));
    } catch (IOException | IllegalStateException e) {
      LOG.debug("a live page has gone: {}", e.getMessage());
      gone.accept(this);
    }
  }
}
