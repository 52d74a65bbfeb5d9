package dev.taximeter.ship;

/** A file that is being read, as far as joining its lines needs to know it. */
interface ReadFile {
  /**
   * @param offset of a line, as the file has it
   * @return whether what that line completes was shipped before, so that it is only read again for
   *     the sake of lines that were not complete
   */
  boolean isShipped(long offset);
}
