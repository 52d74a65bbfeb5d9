package dev.taximeter.contract.event;

/** How much of a line of the gateway its bytes are. */
public enum LineExtent {
  /** All of it. */
  WHOLE,
  /** Not all: the beginning of one too long to ship, or what is left of one that lost a piece. */
  PART,
  /**
   * All of it, or the end of one that begins in a file nobody has shown us: the first line of a
   * collector's file, which cuts lines into pieces.
   */
  UNCERTAIN_BEGINNING
}
