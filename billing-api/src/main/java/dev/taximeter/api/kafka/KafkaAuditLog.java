package dev.taximeter.api.kafka;

import dev.taximeter.api.auditlog.AuditLog;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audit log goes to {@code audit.log.v1}. */
public final class KafkaAuditLog implements AuditLog {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(KafkaAuditLog.class);

  private final KafkaWriter writer;

  public KafkaAuditLog(KafkaWriter writer) {
    this.writer = writer;
  }

  @Override
  public boolean write(AuditRecord record) {
    try {
      var unused =
          writer
              .write(Topics.AUDIT_LOG, record.id(), record)
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the audit log cannot be written: {}", e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
