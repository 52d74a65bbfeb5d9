package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;

/** Takes the gateway's lines one by one, in order, free of what a collector put around them. */
@FunctionalInterface
interface JoinedLineSink {
  /**
   * @param file where the line begins
   * @param offset of its first piece there
   * @param bytes holds the line from {@code from} to before {@code to}; only valid during the call
   * @param extent how much of the line this is
   */
  void line(ReadFile file, long offset, byte[] bytes, int from, int to, LineExtent extent);
}
