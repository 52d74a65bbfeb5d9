package dev.taximeter.streams.topology;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.security.LineIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.streams.intake.DeadLetters;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The net below the processors, which decide themselves what becomes of a record. A record that
 * cannot be read, or that a defect stops, goes to the dead letters and the ones behind it go on.
 *
 * <p>Kafka's own handlers would write the record in clear, with exception messages that may quote
 * it; this one seals it.
 */
public final class DeadLetterHandler
    implements DeserializationExceptionHandler, ProcessingExceptionHandler {
  /** Name of the configuration entry that holds the {@link RootSecret}. */
  static final String ROOT_SECRET_CONFIG = "taximeter.root.secret";

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterHandler.class);
  private static final byte[] NOTHING = {};

  private @Nullable RootSecret secret;

  @Override
  public void configure(Map<String, ?> settings) {
    if (settings.get(ROOT_SECRET_CONFIG) instanceof RootSecret configured) {
      secret = configured;
    }
  }

  @Override
  public DeserializationExceptionHandler.Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    LOG.error(
        "Record {}-{}@{} cannot be read; it goes to the dead letters: {}",
        context.topic(),
        context.partition(),
        context.offset(),
        Defects.describe(exception));
    return DeserializationExceptionHandler.Response.resume(
        List.of(deadLetter(context, record.value())));
  }

  /**
   * A failing store or broker is no fault of the record: the thread ends, is replaced, and the
   * record is processed again. All else is a defect that would come again with the record.
   */
  @Override
  public ProcessingExceptionHandler.Response handleError(
      ErrorHandlerContext context, @Nullable Record<?, ?> record, Exception exception) {
    if (exception instanceof KafkaException) {
      return ProcessingExceptionHandler.Response.fail();
    }
    LOG.error(
        "A defect in {} at {}-{}@{}: {}",
        context.processorNodeId(),
        context.topic(),
        context.partition(),
        context.offset(),
        Defects.describe(exception));
    boolean punctuation = record == null || context.topic() == null;
    return ProcessingExceptionHandler.Response.resume(
        punctuation ? List.of() : List.of(deadLetter(context, context.sourceRawValue())));
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      ErrorHandlerContext context, byte @Nullable [] value) {
    if (secret == null) {
      throw new IllegalStateException(ROOT_SECRET_CONFIG + " is not set");
    }
    byte[] content = value == null ? NOTHING : value;
    LineFate fate =
        new LineFate(
            HexFormat.of().formatHex(new LineIdentity(secret).of(content)),
            Fate.QUARANTINED,
            Reason.INTERNAL_ERROR,
            false,
            null,
            null,
            null,
            Instant.ofEpochMilli(Math.max(0, context.timestamp())),
            new LineSource("kafka", context.topic()),
            context.offset(),
            "",
            null);
    Outgoing letter =
        new DeadLetters(secret)
            .of(
                fate,
                content,
                content,
                new DeadLetters.Position(context.topic(), context.partition(), context.offset()));
    return new ProducerRecord<>(
        Outlets.DEAD_LETTERS.topic().topicName(),
        null,
        Math.max(0, context.timestamp()),
        letter.key(),
        letter.value(),
        letter.headers());
  }
}
