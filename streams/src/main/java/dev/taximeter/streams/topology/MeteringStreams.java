package dev.taximeter.streams.topology;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.intake.LineParser;
import dev.taximeter.streams.metrics.ClientLag;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topology at work. */
public final class MeteringStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeteringStreams.class);

  private final KafkaStreams streams;
  private final Duration stopTimeout;
  private final AtomicLong replacedThreads = new AtomicLong();
  private final Problems problems = new Problems();

  /**
   * @param nothingBefore whether no line has been metered anywhere yet
   * @param onFailure called if the topology has ended for good and the process should, too
   * @param stopTimeout longest wait for the last commit when closing
   */
  public MeteringStreams(
      MeteringSettings settings,
      LineParser parser,
      boolean nothingBefore,
      Runnable onFailure,
      Duration stopTimeout) {
    Properties properties = StreamsSettings.of(settings);
    properties.put(Problems.CONFIG, problems);
    this.streams =
        new KafkaStreams(MeteringTopology.build(settings, parser, nothingBefore), properties);
    this.stopTimeout = stopTimeout;
    // A thread dies when a broker or store fails under it, or when its transaction was aborted
    // from outside. Its work was not committed; its successor does it again.
    streams.setUncaughtExceptionHandler(
        exception -> {
          replacedThreads.incrementAndGet();
          LOG.error("A stream thread died and is replaced: {}", Defects.describe(exception));
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener(
        (now, before) -> {
          LOG.info("Topology is {}", now);
          if (now == State.ERROR) {
            onFailure.run();
          }
        });
  }

  /** Starts to meter and returns at once. */
  public void start() {
    streams.start();
  }

  /**
   * @return a sentence for the operator: why lines are not metered; empty if they are
   */
  public Optional<String> problem() {
    State state = streams.state();
    return switch (state) {
      case RUNNING -> Optional.empty();
      case CREATED, REBALANCING -> Optional.of("the topology is restoring its state");
      case PENDING_SHUTDOWN, NOT_RUNNING -> Optional.of("the topology is stopping");
      case PENDING_ERROR, ERROR -> Optional.of("the topology has failed; its log says why");
    };
  }

  /**
   * @return a sentence for each thing that keeps results from leaving while the topology runs
   */
  public List<String> problems() {
    return problems.sentences();
  }

  /**
   * @return stream threads that died and were replaced since the process began
   */
  public long replacedThreads() {
    return replacedThreads.get();
  }

  /**
   * @return records of a topic that the topology has not read yet
   */
  public double lag(Topics topic) {
    return ClientLag.of(streams.metrics(), topic.topicName());
  }

  public boolean hasFailed() {
    return streams.state() == State.ERROR || streams.state() == State.PENDING_ERROR;
  }

  /** Commits what is done. Leaves the group, so that a successor need not wait for it. */
  @Override
  public void close() {
    boolean stopped =
        streams.close(
            CloseOptions.timeout(stopTimeout)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    if (!stopped) {
      LOG.warn("The topology did not stop within {}", stopTimeout);
    }
  }
}
