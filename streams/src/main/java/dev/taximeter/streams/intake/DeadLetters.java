package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.internals.ExceptionHandlerUtils;
import org.jspecify.annotations.Nullable;

/**
 * Keeps rejected records so that they can be replayed: the shape in clear, the content encrypted.
 */
public final class DeadLetters {
  /** Header with the code of the {@link dev.taximeter.contract.event.Reason}. */
  public static final String REASON_HEADER = "reason";

  private final Sealer sealer;

  public DeadLetters(RootSecret secret) {
    this.sealer = new Sealer(secret);
  }

  /** Where the rejected record stood. */
  public record Position(String topic, int partition, long offset) {}

  /**
   * @param line what the excerpt is made of
   * @param frame the whole value of the record
   */
  public Outgoing of(LineFate fate, byte[] line, byte[] frame, Position position) {
    return of(fate, null, line, frame, position);
  }

  /**
   * @param counted tokens of a line in suspense; null for any other
   */
  Outgoing of(
      LineFate fate, @Nullable TokenCounts counted, byte[] line, byte[] frame, Position position) {
    return encode(letter(fate, counted, line, frame), position);
  }

  /** As {@link #of}, to be encoded later. */
  DeadLetter letter(LineFate fate, @Nullable TokenCounts counted, byte[] line, byte[] frame) {
    return new DeadLetter(fate, Excerpt.of(line), sealer.seal(frame), counted);
  }

  static Outgoing encode(DeadLetter letter, Position position) {
    LineFate fate = letter.fate();
    return Outlets.DEAD_LETTERS.encode(fate.id(), letter, headers(fate, position));
  }

  /** The names are those of Kafka Streams' own dead letters, for tools that know them. */
  private static Headers headers(LineFate fate, Position position) {
    return new RecordHeaders()
        .add(ExceptionHandlerUtils.HEADER_ERRORS_TOPIC_NAME, bytes(position.topic()))
        .add(
            ExceptionHandlerUtils.HEADER_ERRORS_PARTITION_NAME,
            bytes(Integer.toString(position.partition())))
        .add(
            ExceptionHandlerUtils.HEADER_ERRORS_OFFSET_NAME,
            bytes(Long.toString(position.offset())))
        .add(REASON_HEADER, bytes(fate.reason().code()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
