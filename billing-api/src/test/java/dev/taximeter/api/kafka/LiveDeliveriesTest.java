package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.webhooks.Deliveries.Held;
import dev.taximeter.api.webhooks.Messages;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.Delivery.Status;
import dev.taximeter.contract.event.Delivery.Try;
import dev.taximeter.contract.event.DeliveryOrder;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class LiveDeliveriesTest {
  private static final String RECIPIENT = "rcp_0123456789abcdef";

  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
  private final LiveDeliveries live = new LiveDeliveries(new KafkaWriter(() -> producer), 4);

  private static Delivery fresh(String alert, int second) {
    return Delivery.fresh(
        RECIPIENT, Messages.quota(alert, "acme"), Status.PENDING, Messages.NOW.plusSeconds(second));
  }

  private static Delivery delivered(Delivery delivery) {
    return delivery.tried(new Try(Messages.NOW, 1, 200, "", true), Status.DELIVERED, null);
  }

  private void accept(int partition, Delivery delivery) {
    live.accept(
        List.of(
            new ConsumerRecord<>(
                Topics.DELIVERIES.topicName(),
                partition,
                0,
                delivery.recordKey(),
                Json.MAPPER.writeValueAsBytes(delivery))));
  }

  /** A delivery read back is the one that was written. */
  @Test
  void knowsTheLatestOfEach() {
    Delivery one = fresh("a1", 0);
    accept(2, one);
    assertThat(live.find(RECIPIENT, one.id())).isEqualTo(new Held(one, 2));
    assertThat(live.pending(RECIPIENT)).isEqualTo(1);

    accept(2, delivered(one));
    assertThat(live.find(RECIPIENT, one.id()).delivery()).isEqualTo(delivered(one));
    assertThat(live.pending(RECIPIENT)).isZero();
    assertThat(live.due(RECIPIENT, Messages.NOW.plusSeconds(9), partition -> true, 9)).isEmpty();
    assertThat(live.waiting()).isEmpty();
  }

  /** What was committed is known at once; the topic brings what was before it later. */
  @Test
  void doesNotFallBackBehindWhatItWrote() {
    Delivery one = fresh("a1", 0);
    live.put(new Held(delivered(one), 2));
    accept(2, one);

    assertThat(live.find(RECIPIENT, one.id()).delivery().status()).isEqualTo(Status.DELIVERED);
    assertThat(live.pending(RECIPIENT)).isZero();
  }

  @Test
  void forgetsWhatIsDeleted() {
    Delivery one = fresh("a1", 0);
    accept(2, one);
    live.accept(
        List.of(
            new ConsumerRecord<>(
                Topics.DELIVERIES.topicName(), 2, 1, one.recordKey(), (byte[]) null)));

    assertThat(live.find(RECIPIENT, one.id())).isNull();
    assertThat(live.of(RECIPIENT)).isEmpty();
    assertThat(live.pending(RECIPIENT)).isZero();
  }

  @Test
  void whatWaitsLongestIsDueFirstOfOwnPartitionsOnly() {
    accept(1, fresh("late", 5));
    accept(1, fresh("early", 1));
    accept(2, fresh("others", 0));
    accept(1, fresh("future", 60));

    assertThat(due(9)).containsExactly("early", "late");
    assertThat(due(1)).containsExactly("early");
    assertThat(live.waiting()).containsExactly(RECIPIENT);
    assertThat(live.pending(RECIPIENT, partition -> partition == 1)).isEqualTo(3);
    assertThat(live.allPending()).isEqualTo(4);
  }

  private List<String> due(int most) {
    return live
        .due(RECIPIENT, Messages.NOW.plusSeconds(10), partition -> partition == 1, most)
        .stream()
        .map(held -> held.delivery().message().alert())
        .toList();
  }

  @Test
  void ordersGoToTheOwnerOfTheDelivery() {
    Delivery one = fresh("a1", 0);
    accept(3, one);

    assertThat(live.order(new DeliveryOrder("o", RECIPIENT, one.id(), Messages.NOW, "admin")))
        .isTrue();
    assertThat(producer.history().get(0).partition()).isEqualTo(3);
    assertThat(producer.history().get(0).topic()).isEqualTo("delivery.orders.v1");
  }
}
