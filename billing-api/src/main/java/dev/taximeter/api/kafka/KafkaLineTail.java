package dev.taximeter.api.kafka;

import dev.taximeter.api.live.LineTail;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.topic.Topics;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows {@code usage.events.v1} and {@code line.fates.v1} from their ends while asked to. */
public final class KafkaLineTail implements LineTail {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLineTail.class);

  private final Records<LineFate> fates = new Records<>(LineFate.class);
  private final KafkaClients clients;
  private List<TopicView> views = List.of();

  public KafkaLineTail(KafkaClients clients) {
    this.clients = clients;
  }

  @Override
  public synchronized void follow(Listener listener) {
    if (views.isEmpty()) {
      views =
          List.of(
              view(Topics.USAGE_EVENTS, record -> tellUsage(record, listener)),
              view(Topics.LINE_FATES, record -> tellFate(record, listener)));
    }
  }

  @Override
  public synchronized void rest() {
    views.forEach(TopicView::close);
    views = List.of();
  }

  private static void tellUsage(ConsumerRecord<String, byte[]> record, Listener listener) {
    if (record.value() == null) {
      return;
    }
    try {
      PackedEvents.decode(record.value()).forEach(listener::usage);
    } catch (SerializationException e) {
      // One bad record must not hide all others.
      LOG.error(
          "{}-{}@{} holds no usage events; it is passed over",
          record.topic(),
          record.partition(),
          record.offset());
    }
  }

  private void tellFate(ConsumerRecord<String, byte[]> record, Listener listener) {
    LineFate fate = fates.read(record);
    if (fate != null) {
      listener.fate(fate);
    }
  }

  private TopicView view(Topics topic, Consumer<ConsumerRecord<String, byte[]>> tell) {
    return new TopicView(
            topic, TopicView.Start.END, clients.consumers(topic), batch -> batch.forEach(tell))
        .start();
  }
}
