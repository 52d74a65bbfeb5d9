package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.parse.ParsedLine;
import java.time.Instant;

/** Reads a line of the access log. Thread-safe. */
@FunctionalInterface
public interface LineParser {
  /**
   * @param line without its end-of-line
   * @param source where the line came from: sources may have logs of different shape
   * @param arrival when a shipper handed it over: bounds how far in the future it can lie
   * @param doubtful whether it may be only the end of a line
   */
  ParsedLine parse(byte[] line, LineSource source, Instant arrival, boolean doubtful);
}
