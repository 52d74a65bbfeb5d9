package dev.taximeter.standalone.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Takes the order that the dashboard's button leaves in the demonstration's directory, and kills
 * metering. Its supervisor starts it again.
 */
final class BreakIt {
  /** Name of the order; the API writes it. */
  static final String ORDER = "kill-metering";

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private final Path order;
  private final Runnable kill;
  private final PrintStream errors;

  BreakIt(Path directory, Runnable kill, PrintStream errors) {
    this.order = directory.resolve(ORDER);
    this.kill = kill;
    this.errors = errors;
  }

  void start() throws IOException {
    // An order from before a stop was meant for another process.
    Files.deleteIfExists(order);
    Thread thread = new Thread(this::watch, "break-it");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      while (true) {
        lookOnce();
        Thread.sleep(LOOK_EVERY.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An order that fails must not be the last one: nobody would see that the button is dead. */
  private void lookOnce() {
    try {
      look();
    } catch (RuntimeException e) {
      errors.println("Metering could not be killed: " + e);
    }
  }

  /** {@return whether there was an order} */
  boolean look() {
    try {
      if (!Files.deleteIfExists(order)) {
        return false;
      }
    } catch (IOException e) {
      errors.println("The order to kill metering cannot be taken away: " + e.getMessage());
      return false;
    }
    errors.println("Somebody pressed the button: metering is killed.");
    kill.run();
    return true;
  }
}
