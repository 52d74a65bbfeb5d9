package dev.taximeter.ship;

import org.jspecify.annotations.Nullable;

/** A file that is being read, as far as joining its lines needs to know it. */
@FunctionalInterface
interface ReadFile {
  /**
   * @param offset of a line, as the file has it
   * @param stream to which it belongs; null if to none
   * @return whether it has been dealt with before, so that it is only read again for the sake of
   *     lines that were not complete
   */
  boolean isDone(long offset, WrappedLine.@Nullable Stream stream);
}
