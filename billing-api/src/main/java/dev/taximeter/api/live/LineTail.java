package dev.taximeter.api.live;

import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.UsageEvent;

/** New lines, as metering decides on them. */
public interface LineTail {
  /** Hears of every line. Called by one thread for each method, but not the same one. */
  interface Listener {
    /** A line became usage. */
    void usage(UsageEvent event);

    /** A line became something else. */
    void fate(LineFate fate);
  }

  /** Begins to follow, from now on; a second call changes nothing. */
  void follow(Listener listener);

  /** Stops; what is read costs time that metering on the same machine could use. */
  void rest();
}
