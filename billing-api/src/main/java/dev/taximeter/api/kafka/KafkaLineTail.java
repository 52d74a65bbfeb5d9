package dev.taximeter.api.kafka;

import dev.taximeter.api.live.LineTail;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.topic.Topics;
import java.util.List;
import java.util.function.Consumer;

/** Follows {@code usage.events.v1} and {@code line.fates.v1} from their ends while asked to. */
public final class KafkaLineTail implements LineTail {
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
              view(Topics.USAGE_EVENTS, UsageEvent.class, listener::usage),
              view(Topics.LINE_FATES, LineFate.class, listener::fate));
    }
  }

  @Override
  public synchronized void rest() {
    views.forEach(TopicView::close);
    views = List.of();
  }

  private <T> TopicView view(Topics topic, Class<T> type, Consumer<T> listener) {
    Records<T> records = new Records<>(type);
    return new TopicView(
            topic,
            TopicView.Start.END,
            clients.consumers(topic),
            batch ->
                batch.forEach(
                    record -> {
                      T value = records.read(record);
                      if (value != null) {
                        listener.accept(value);
                      }
                    }))
        .start();
  }
}
