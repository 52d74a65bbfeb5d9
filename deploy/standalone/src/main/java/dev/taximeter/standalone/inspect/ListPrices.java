package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.streams.account.policy.LineKey;
import dev.taximeter.streams.account.policy.Rater;
import dev.taximeter.streams.account.policy.Rating;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prices usage by one price book with the rater of metering, as if the whole log were one account's
 * in UTC: tiers apply to the sum of all keys. Not thread-safe.
 */
final class ListPrices {
  private static final LineSource NOWHERE = new LineSource("", "");

  private final PriceBook book;
  private final Map<String, PriceEntry> entries = new HashMap<>();
  private final Rater rater;
  private final Map<LineKey, Long> quantities = new HashMap<>();

  ListPrices(PriceBook book) {
    this.book = book;
    book.prices().forEach(entry -> entries.put(entry.version(), entry));
    this.rater =
        new Rater(
            new AccountTerms(
                new Account("inspect", "inspect", book.currency(), ZoneOffset.UTC, "list"),
                0,
                new Plan("list", book.id(), BigDecimal.ZERO, 0),
                book.prices(),
                List.of(),
                List.of()));
  }

  PriceBook book() {
    return book;
  }

  Rating rate(String model, TokenCounts tokens, Instant completion) {
    Usage usage =
        new Usage(
            "",
            Fate.BILLED,
            "",
            null,
            null,
            model,
            tokens,
            completion,
            completion,
            completion,
            NOWHERE,
            -1,
            "",
            List.of(),
            null);
    Rating rating = rater.rate(usage, line -> quantities.getOrDefault(line, 0L));
    rating.charges().forEach(charge -> remember(rating, charge));
    return rating;
  }

  /** Only tiers depend on what was before; there are as many as the price book has. */
  private void remember(Rating rating, UsageEvent.Charge charge) {
    String version = String.valueOf(charge.priceVersion());
    PriceEntry entry = entries.get(version);
    if (entry != null && entry.isTiered(charge.tokenClass())) {
      quantities.merge(
          new LineKey(rating.period(), charge.model(), charge.tokenClass(), version),
          charge.quantity(),
          Math::addExact);
    }
  }
}
