package dev.taximeter.streams.topology;

import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Problems;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names what a broker refuses. Going on without the record is no choice: it is one of several that
 * belong together, and under exactly-once the transaction can only be aborted. The thread ends, its
 * successor does the same work again, and meanwhile the process says what an operator has to
 * change. What our own limits can tell is refused earlier, where the record is decided.
 */
public final class RefusedRecords implements ProductionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RefusedRecords.class);

  private Problems problems = new Problems();

  @Override
  public void configure(Map<String, ?> settings) {
    problems = Problems.of(settings);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RetriableException) {
      return Response.retry();
    }
    String sentence = sentence(record, exception);
    if (problems.report("refused by " + record.topic(), sentence)) {
      LOG.error("{} ({})", sentence, Defects.describe(exception));
    }
    return Response.fail();
  }

  private static String sentence(ProducerRecord<byte[], byte[]> record, Exception exception) {
    int bytes =
        (record.key() == null ? 0 : record.key().length)
            + (record.value() == null ? 0 : record.value().length);
    return exception instanceof RecordTooLargeException
        ? "Kafka refuses a record of %d bytes for topic %s; raise the topic's max.message.bytes"
            .formatted(bytes, record.topic())
        : "Kafka refuses a record for topic %s (%s); check the topic's settings and access rights"
            .formatted(record.topic(), exception.getClass().getSimpleName());
  }

  /** Records are bytes already when they reach a sink; only a defect of ours comes here. */
  @Override
  public Response handleSerializationError(
      ErrorHandlerContext context,
      ProducerRecord record,
      Exception exception,
      SerializationExceptionOrigin origin) {
    String sentence =
        "A record of %s cannot be written by a defect; its work is not committed"
            .formatted(context.processorNodeId());
    if (problems.report("unwritable by " + context.processorNodeId(), sentence)) {
      LOG.error("{} ({})", sentence, Defects.describe(exception));
    }
    return Response.fail();
  }
}
