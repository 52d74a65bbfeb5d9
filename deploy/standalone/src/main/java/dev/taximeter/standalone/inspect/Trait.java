package dev.taximeter.standalone.inspect;

/** What a line shows about how the gateway is configured. */
enum Trait {
  /** The line is in JSON encoding: its numbers stand without quotes. */
  JSON_ENCODING,
  /** The line is in TEXT encoding. */
  TEXT_ENCODING,
  /** An AI plugin has logged something. */
  AI_LOG,
  /** The request asked for a stream. */
  STREAM,
  /** The text of a prompt. */
  PROMPT,
  /** The text of an answer. */
  ANSWER,
  /** Whom the gateway has authenticated. */
  CONSUMER,
  /** Counts as text, as plugins up to 2.0.4 write them. */
  COUNTS_AS_TEXT,
  /** The plugin reports details of counts, even if there is nothing to report. */
  DETAILS,
  /** How much of the prompt came from a cache or went into one. */
  CACHE_COUNTS,
  /** A value that the plugin cut. */
  CUT_VALUE,
  /** A query parameter that by its name is a key. */
  KEY_IN_QUERY,
  /** The start has more digits than milliseconds need. */
  FINE_START,
  /** The line is a piece of a record on several lines. */
  PRETTY_PRINTED;

  int bit() {
    return 1 << ordinal();
  }
}
