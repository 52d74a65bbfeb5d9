package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;

/** Takes the lines of one path, whatever rotation makes of its files, one by one and in order. */
@FunctionalInterface
interface PathLineSink {
  /**
   * @param file identity of the file in which the line begins
   * @param offset of the line's first byte there
   * @param bytes holds the line from {@code from} to before {@code to}; only valid during the call
   * @param extent how much of the line this is
   */
  void line(String file, long offset, byte[] bytes, int from, int to, LineExtent extent);
}
