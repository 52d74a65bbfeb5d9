package dev.taximeter.api.webhooks;

import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.DeliveryOrder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Messages on their way, and the log of those that have arrived. */
public interface Deliveries {
  /**
   * A delivery and who works on it.
   *
   * @param partition its owner is that of this partition
   */
  record Held(Delivery delivery, int partition) {}

  /** {@return a delivery; null if there is none} */
  @Nullable Held find(String recipient, String id);

  /** {@return all of a recipient, in no order} */
  List<Held> of(String recipient);

  /** {@return recipients of which anything is kept} */
  Set<String> recipients();

  /** {@return recipients of which something is pending} */
  Set<String> waiting();

  /** {@return how many of a recipient are pending} */
  int pending(String recipient);

  /** {@return how many of a recipient are pending in some partitions} */
  int pending(String recipient, IntPredicate partitions);

  /**
   * Pending ones of a recipient that are to be tried by now, longest waiting first.
   *
   * @param most so many at most
   */
  List<Held> due(String recipient, Instant now, IntPredicate partitions, int most);

  /**
   * Gives an order to whoever owns a delivery, or to anybody if it names none.
   *
   * @return whether it is where it cannot be lost
   */
  boolean order(DeliveryOrder order);
}
