package dev.taximeter.api.audit;

/** Takes what follows from the events, and what was found. */
interface Comparison {
  void compare(String subject, String expected, String actual);
}
