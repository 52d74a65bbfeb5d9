package dev.taximeter.streams.account;

import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.Draws;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Credits that are over: used up by final bills, or expired. They lie beside the wallet, which is
 * written at every commit and published, so that an account may have any number in its life. What
 * could give them back something, or draw on them once more, fetches them first: usage or a charge
 * of a billed month that they paid for, a note on its bill or its void, and usage of before they
 * expired. So where a credit lies changes no decision.
 */
final class FoldedCredits {
  /** By account, and month or credit. */
  static final String STORE = "account-folded-credits";

  private static final String CREDIT = "credit";
  private static final String MONTH = "month";

  private final KeyValueStore<String, Folded> store;

  FoldedCredits(KeyValueStore<String, Folded> store) {
    this.store = store;
  }

  /**
   * What lies there.
   *
   * @param credit null of a month
   * @param paid what credits that lie there paid for the month, by credit; none of a credit
   */
  record Folded(@Nullable Credit credit, Map<String, BigDecimal> paid) {
    Folded {
      paid = Map.copyOf(paid);
    }
  }

  static StoreBuilder<?> builder() {
    return StoreBuilders.writeThrough(STORE, Serdes.String(), Json.serde(Folded.class));
  }

  boolean has(String account, String credit) {
    return store.get(StoreKeys.of(account, CREDIT, credit)) != null;
  }

  /**
   * Puts away what is over.
   *
   * @param listed credits of people that stay, whether or not they are over; the older ones go
   * @return whether something changed
   */
  boolean fold(String account, Wallet wallet, int listed, Instant now) {
    if (wallet.creditsOfPeople() <= listed) {
      return false;
    }
    Draws draws = wallet.draws();
    List<Credit> over = wallet.over(draws, now);
    for (Credit credit : over) {
      wallet.putAway(credit);
      store.put(StoreKeys.of(account, CREDIT, credit.id()), new Folded(credit, Map.of()));
    }
    for (Map.Entry<YearMonth, PeriodBook> month : wallet.periods().entrySet()) {
      Map<String, BigDecimal> paid = new TreeMap<>(month.getValue().paid);
      paid.keySet().retainAll(over.stream().map(Credit::id).toList());
      if (!paid.isEmpty()) {
        month.getValue().paid.keySet().removeAll(paid.keySet());
        month.getValue().folded = true;
        String key = StoreKeys.of(account, MONTH, month.getKey().toString());
        Folded before = store.get(key);
        if (before != null) {
          before.paid().forEach((credit, amount) -> paid.merge(credit, amount, BigDecimal::add));
        }
        store.put(key, new Folded(null, paid));
      }
    }
    return !over.isEmpty();
  }

  /** Fetches what usage or a charge may concern that counts at an instant. */
  void unfold(String account, Wallet wallet, YearMonth period, Instant countsAt) {
    PeriodBook book = wallet.periods().get(period);
    if (book != null && book.folded) {
      unfoldMonth(account, wallet, period, book);
    }
    unfoldAsOf(account, wallet, countsAt);
  }

  /**
   * Fetches what had not expired at an instant: what is decided as of then finds it in force.
   *
   * @return whether something was fetched
   */
  boolean unfoldAsOf(String account, Wallet wallet, Instant at) {
    Instant until = wallet.overUntil;
    if (until == null || !at.isBefore(until)) {
      return false;
    }
    unfoldExpired(account, wallet);
    return true;
  }

  /** Fetches a credit, if it lies here. */
  void unfold(String account, Wallet wallet, String credit) {
    Folded folded = store.delete(StoreKeys.of(account, CREDIT, credit));
    if (folded != null && folded.credit() != null) {
      wallet.bringBack(folded.credit());
    }
  }

  private void unfoldMonth(String account, Wallet wallet, YearMonth period, PeriodBook book) {
    Folded folded = store.delete(StoreKeys.of(account, MONTH, period.toString()));
    book.folded = false;
    if (folded != null) {
      folded
          .paid()
          .forEach(
              (credit, amount) -> {
                unfold(account, wallet, credit);
                book.paid.merge(credit, amount, BigDecimal::add);
              });
    }
  }

  private void unfoldExpired(String account, Wallet wallet) {
    List<String> left = new ArrayList<>();
    try (KeyValueIterator<String, Folded> entries =
        store.prefixScan(StoreKeys.of(account, CREDIT), new StringSerializer())) {
      while (entries.hasNext()) {
        KeyValue<String, Folded> entry = entries.next();
        Credit credit = entry.value.credit();
        if (credit != null && credit.hasLeft()) {
          left.add(credit.id());
        }
      }
    }
    left.forEach(credit -> unfold(account, wallet, credit));
    wallet.overUntil = null;
  }
}
