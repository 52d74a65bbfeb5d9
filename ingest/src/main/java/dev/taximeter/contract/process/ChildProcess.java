package dev.taximeter.contract.process;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Arrays;

/**
 * Runs the main method of another class in a process that ends when its launcher does. The launcher
 * keeps the other end of standard input open and never writes to it; the operating system closes it
 * however the launcher dies, so that no process is left behind with ports and locks.
 */
public final class ChildProcess {
  /** How long an orderly exit may take before the process is cut off. */
  private static final Duration EXIT_PATIENCE = Duration.ofSeconds(10);

  /** Exit status of a process whose launcher is gone. */
  private static final int ORPHANED = 75;

  private ChildProcess() {}

  /**
   * @param arguments the class whose main method to run, then its arguments
   */
  public static void main(String[] arguments) throws Throwable {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("the class to run is missing");
    }
    exitWithLauncher();
    try {
      Class.forName(arguments[0])
          .getMethod("main", String[].class)
          .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static void exitWithLauncher() {
    daemon("launcher-watch", ChildProcess::awaitEndOfInput);
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // The launcher never writes; whatever arrives is ignored.
      }
    } catch (IOException e) {
      // A broken pipe says the same as its end.
    }
    daemon("launcher-watch-cut-off", ChildProcess::cutOff);
    System.exit(ORPHANED);
  }

  /** Shutdown hooks may hang on a broker that died together with the launcher. */
  private static void cutOff() {
    try {
      Thread.sleep(EXIT_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ORPHANED);
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
