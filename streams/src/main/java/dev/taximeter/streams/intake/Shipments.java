package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.RawLine;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Reads from which run of a shipper a record is: of many records, one after the other, the same.
 */
final class Shipments {
  private static final int MOST_CHARACTERS = 100;
  private static final byte[] NONE = {};

  private byte[] last = NONE;
  private String lastName = "";

  /**
   * Whoever writes to the raw topic names the shipment; the name becomes part of a key.
   *
   * @return without control characters, at most {@value #MOST_CHARACTERS}; empty if there is none
   */
  String of(Headers headers) {
    Header header = headers.lastHeader(RawLine.SHIPMENT_HEADER);
    byte[] bytes = header == null || header.value() == null ? NONE : header.value();
    if (!Arrays.equals(bytes, last)) {
      lastName = name(bytes);
      last = bytes;
    }
    return lastName;
  }

  private static String name(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .codePoints()
        .filter(character -> !Character.isISOControl(character))
        .limit(MOST_CHARACTERS)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
