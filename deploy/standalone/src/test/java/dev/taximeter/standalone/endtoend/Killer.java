package dev.taximeter.standalone.endtoend;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Kills one process after the other at instants that a seed decides, until it is closed. */
final class Killer implements AutoCloseable {
  /** Each costs a restart and, of metering and broker, up to ten seconds in which a group waits. */
  private static final int MOST_KILLS = 8;

  private static final int SHORTEST_PAUSE_MILLIS = 3_000;
  private static final int LONGEST_PAUSE_MILLIS = 11_000;

  private final RunningInstallation installation;
  private final Random random;
  private final List<String> kills = Collections.synchronizedList(new ArrayList<>());
  private final Thread thread = new Thread(this::run, "killer");
  private volatile boolean closed;
  private volatile Exception failure;

  private Killer(RunningInstallation installation, long seed) {
    this.installation = installation;
    this.random = new Random(seed);
    this.thread.setDaemon(true);
  }

  static Killer of(RunningInstallation installation, long seed) {
    Killer killer = new Killer(installation, seed);
    killer.thread.start();
    return killer;
  }

  /** What was killed so far. */
  List<String> kills() {
    return List.copyOf(kills);
  }

  private void run() {
    List<String> victims = new ArrayList<>();
    try {
      while (!closed && kills.size() < MOST_KILLS) {
        if (victims.isEmpty()) {
          victims.addAll(List.of("metering", "broker", "clickhouse", "api"));
          Collections.shuffle(victims, random);
        }
        Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
        if (!closed) {
          String victim = victims.remove(0);
          installation.kill(victim);
          kills.add(victim);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | AssertionError e) {
      failure = new IllegalStateException("the killer failed", e);
    }
  }

  /** Waits for the one whose restart is being watched. */
  @Override
  public void close() throws Exception {
    closed = true;
    thread.join();
    if (failure != null) {
      throw failure;
    }
  }
}
