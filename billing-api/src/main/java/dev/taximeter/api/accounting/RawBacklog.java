package dev.taximeter.api.accounting;

/** What waits to be decided. */
public interface RawBacklog {
  /** Whether intake may still have lines before it; true if that cannot be found out. */
  boolean pending();
}
