package dev.taximeter.ship;

/** Takes lines one by one, in order. */
@FunctionalInterface
interface LineSink {
  /**
   * @param offset of the line's first byte in its file
   * @param bytes holds the line from {@code from} to before {@code to}; only valid during the call
   * @param truncated whether the line is longer than can be shipped and this is only its beginning
   */
  void line(long offset, byte[] bytes, int from, int to, boolean truncated);
}
