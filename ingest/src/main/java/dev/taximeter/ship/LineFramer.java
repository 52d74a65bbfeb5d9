package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Makes records of the raw topic from lines of one source: what {@link RawLine} describes, built
 * without a copy or a text per line.
 */
final class LineFramer {

  private static final int MOST_OFFSET_DIGITS = 19;

  private final byte[] prefix;
  private final Header shipment;

  /** Of the file that the last line came from. */
  private String file = "";

  private List<Header> headers = List.of();
  private List<Header> truncatedHeaders = List.of();
  private List<Header> uncertainHeaders = List.of();
  private final byte[] digits = new byte[MOST_OFFSET_DIGITS];

  /**
   * @throws IllegalArgumentException if host or path hold a tab
   */
  LineFramer(LineSource source, String shipment) {
    byte[] frame = new RawLine(source.host(), source.path(), 0, new byte[0]).toBytes();
    this.prefix = java.util.Arrays.copyOf(frame, frame.length - "0\t".length());
    this.shipment =
        new RecordHeader(RawLine.SHIPMENT_HEADER, shipment.getBytes(StandardCharsets.US_ASCII));
  }

  private void headersFor(String newFile) {
    Header named =
        new RecordHeader(RawLine.FILE_HEADER, newFile.getBytes(StandardCharsets.US_ASCII));
    file = newFile;
    headers = List.of(shipment, named);
    truncatedHeaders = List.of(shipment, named, mark(RawLine.TRUNCATED_HEADER));
    uncertainHeaders = List.of(shipment, named, mark(RawLine.UNCERTAIN_BEGINNING_HEADER));
  }

  private static Header mark(String name) {
    return new RecordHeader(name, new byte[] {'1'});
  }

  /**
   * @param newFile identity of the file it was read from
   * @param arrivalMillis when the line was read, in milliseconds of the epoch
   */
  ProducerRecord<byte[], byte[]> record(
      String newFile,
      long arrivalMillis,
      long offset,
      byte[] bytes,
      int from,
      int to,
      LineExtent extent) {
    if (!newFile.equals(file)) {
      headersFor(newFile);
    }
    int digit = MOST_OFFSET_DIGITS;
    long rest = offset;
    do {
      digits[--digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    int digitCount = MOST_OFFSET_DIGITS - digit;
    byte[] frame = new byte[prefix.length + digitCount + 1 + to - from];
    System.arraycopy(prefix, 0, frame, 0, prefix.length);
    System.arraycopy(digits, digit, frame, prefix.length, digitCount);
    int lineStart = prefix.length + digitCount + 1;
    frame[lineStart - 1] = '\t';
    System.arraycopy(bytes, from, frame, lineStart, to - from);
    return new ProducerRecord<>(
        Topics.ACCESS_LOG.topicName(),
        null,
        arrivalMillis,
        RawLine.checksum(bytes, from, to),
        frame,
        switch (extent) {
          case WHOLE -> headers;
          case PART -> truncatedHeaders;
          case UNCERTAIN_BEGINNING -> uncertainHeaders;
        });
  }
}
