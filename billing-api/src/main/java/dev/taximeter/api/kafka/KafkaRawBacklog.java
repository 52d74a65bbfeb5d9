package dev.taximeter.api.kafka;

import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.api.kafka.KafkaStages.Stage;
import dev.taximeter.contract.topic.Topics;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the ends of the topics that hold lines without a fate with what has been committed. */
public final class KafkaRawBacklog implements RawBacklog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRawBacklog.class);

  /** In the order of the flow: a line that moves on meanwhile is met further down. */
  static final List<Stage> STAGES =
      List.of(
          new Stage(Topics.ACCESS_LOG, Topics.METERING_GROUP),
          new Stage(Topics.LATE_LINES, Topics.LATE_LANE_GROUP),
          new Stage(Topics.LATE_LINES_DECIDED, Topics.METERING_GROUP));

  private final KafkaStages stages;

  public KafkaRawBacklog(KafkaStages stages) {
    this.stages = stages;
  }

  @Override
  public synchronized boolean pending() {
    try {
      for (Stage stage : STAGES) {
        if (!stages.hasPassed(stage, stages.ends(stage))) {
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn("cannot compare metering with the topics it reads: {}", e.getMessage());
      return true;
    }
  }

  @Override
  public synchronized void close() {
    stages.close();
  }
}
