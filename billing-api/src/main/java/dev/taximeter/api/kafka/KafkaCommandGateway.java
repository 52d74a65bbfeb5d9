package dev.taximeter.api.kafka;

import dev.taximeter.api.catalog.CommandGateway;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commands go to {@code commands.v1}; answers come from {@code command.results.v1}. */
public final class KafkaCommandGateway implements CommandGateway, TopicView.Sink, AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(KafkaCommandGateway.class);

  private final Records<CommandResult> records = new Records<>(CommandResult.class);
  private final Map<String, CompletableFuture<CommandResult>> waiting = new ConcurrentHashMap<>();
  private final Supplier<Producer<String, byte[]>> producers;
  private volatile BooleanSupplier listening = () -> false;
  private @Nullable Producer<String, byte[]> producer;

  public KafkaCommandGateway(KafkaClients clients) {
    this(clients::commandProducer);
  }

  KafkaCommandGateway(Supplier<Producer<String, byte[]>> producers) {
    this.producers = producers;
  }

  /** Tells whether answers arrive here. */
  void feed(BooleanSupplier ready) {
    listening = ready;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      CommandResult result = records.read(record);
      if (result != null) {
        CompletableFuture<CommandResult> asked = waiting.get(result.id());
        if (asked != null) {
          asked.complete(result);
        }
      }
    }
  }

  @Override
  public CommandResult decide(Command command, Duration patience)
      throws TimeoutException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!listening.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("Kafka does not answer");
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    CompletableFuture<CommandResult> answer = new CompletableFuture<>();
    waiting.put(command.id(), answer);
    try {
      while (!sent(command, deadline)) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
      return answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("answers are never completed with an error", e);
    } finally {
      waiting.remove(command.id());
    }
  }

  /** Sending twice does no harm: the writer decides each id once. */
  private boolean sent(Command command, long deadline)
      throws TimeoutException, InterruptedException {
    try {
      var unused =
          producer()
              .send(
                  new ProducerRecord<>(
                      Topics.COMMANDS.topicName(),
                      command.id(),
                      Json.MAPPER.writeValueAsBytes(command)))
              .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException | KafkaException e) {
      LOG.warn("command {} could not be sent: {}", command.id(), e.getMessage());
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("Kafka did not take the command");
      }
      return false;
    }
  }

  private synchronized Producer<String, byte[]> producer() {
    Producer<String, byte[]> made = producer;
    if (made == null) {
      made = producers.get();
      producer = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(FAREWELL);
    }
  }
}
