package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What of a re-rating is to be posted. Whoever asks has priced the month's landed usage again, up
 * to a sequence number; that the sums are those of this account at these terms is checked here as
 * far as the account's state tells. Pure.
 */
public final class ReRating {
  private ReRating() {}

  /**
   * What the account's writer knows of the month.
   *
   * @param sequence the account's sequence number
   * @param termsVersion catalogue version of the terms in force
   * @param monthSequence the sequence number of the month's last event; 0 if it has none
   * @param charged what the month's usage was charged when it was rated
   * @param before the month's last re-rating; null if there was none
   */
  public record Known(
      long sequence,
      long termsVersion,
      long monthSequence,
      BigDecimal charged,
      @Nullable ReRated before) {}

  /**
   * @return why the order cannot be carried out; null if it can
   */
  public static @Nullable String objection(Order.ReRate order, Known known) {
    ReRated before = known.before();
    if (order.termsVersion() != known.termsVersion()) {
      return "the usage was priced by terms of catalogue version %d, and those of version %d are in force; run it again"
          .formatted(order.termsVersion(), known.termsVersion());
    }
    if (order.basis() > known.sequence() || order.basis() < 0) {
      return "the account has %d events, not %d".formatted(known.sequence(), order.basis());
    }
    if (before != null && order.basis() < before.basis()) {
      return "%s was re-rated up to event %d already, and this run knows only %d; run it again"
          .formatted(order.period(), before.basis(), order.basis());
    }
    boolean knowsAll = known.monthSequence() <= order.basis();
    if (knowsAll && order.charged().compareTo(known.charged()) != 0) {
      return "the usage of %s was charged %s, and this run counted %s; ClickHouse lacks some of it"
          .formatted(
              order.period(), Decimals.plain(known.charged()), Decimals.plain(order.charged()));
    }
    return null;
  }

  /**
   * @return what is still missing; below 0 if the usage has become cheaper
   */
  public static BigDecimal difference(Order.ReRate order, @Nullable ReRated before) {
    BigDecimal all = order.reRated().subtract(order.charged());
    return before == null ? all : all.subtract(before.posted());
  }

  public static ReRated after(Order.ReRate order) {
    return new ReRated(
        order.reRated().subtract(order.charged()), order.basis(), order.termsVersion());
  }
}
