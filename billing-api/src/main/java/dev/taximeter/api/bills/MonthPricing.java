package dev.taximeter.api.bills;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Prices the landed usage of a month again, by the terms that are in force now. */
final class MonthPricing {
  /** Models, spans between price changes and prompt lengths of a month, each with each. */
  private static final int MOST_GROUPS = 100_000;

  /** Lines of a month: each price version of a class stands on its own. */
  private static final int MOST_LINES = 10_000;

  /** Events land within a second or two; whoever asks waits for them that long. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final AccountDirectory directory;
  private final CatalogView catalog;
  private final LandedUsage landed;
  private final Duration patience;

  MonthPricing(AccountDirectory directory, CatalogView catalog, LandedUsage landed) {
    this(directory, catalog, landed, PATIENCE);
  }

  /**
   * @param patience how long to wait for usage that has not landed
   */
  MonthPricing(
      AccountDirectory directory, CatalogView catalog, LandedUsage landed, Duration patience) {
    this.directory = directory;
    this.catalog = catalog;
    this.landed = landed;
    this.patience = patience;
  }

  /** What tells lines apart. */
  record Key(String model, TokenClass tokenClass, String priceVersion) {
    static final Comparator<Key> ORDER =
        Comparator.comparing(Key::model)
            .thenComparing(Key::tokenClass)
            .thenComparing(Key::priceVersion);

    static Key of(BillLine line) {
      return new Key(line.model(), line.tokenClass(), line.priceVersion());
    }
  }

  /**
   * A line as it was charged, and as it would be.
   *
   * @param charged null if nothing was
   * @param reRated null if nothing would be
   */
  record Compared(@Nullable BillLine charged, @Nullable BillLine reRated) {}

  /**
   * A month priced again.
   *
   * @param before null if the month never was re-rated
   * @param basis sequence number up to which usage was looked at
   */
  record Result(
      AccountState state,
      YearMonth period,
      Map<Key, Compared> lines,
      BigDecimal charged,
      BigDecimal reRated,
      @Nullable ReRated before,
      long basis,
      long termsVersion) {
    BigDecimal alreadyPosted() {
      return before == null ? BigDecimal.ZERO : before.posted();
    }

    BigDecimal difference() {
      return reRated.subtract(charged).subtract(alreadyPosted());
    }
  }

  /**
   * @throws ProblemException if what is needed has not arrived in time, or is too much
   */
  Result price(String id, YearMonth period) {
    Account account = directory.account(id);
    CatalogSnapshot snapshot = catalog.snapshot();
    AccountState state = directory.state(id);
    AccountTerms terms = snapshot.terms(account);
    if (state.termsVersion() != terms.catalogVersion()) {
      throw ProblemException.passing(
          ProblemType.NOT_READY,
          "Metering has not taken up the newest prices of account %s yet.".formatted(id),
          RETRY_AFTER,
          null);
    }
    awaitLanding(state);
    ZoneId zone = ZoneId.of(state.zone());
    Instant from = period.atDay(1).atStartOfDay(zone).toInstant();
    Instant to = period.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    LandedUsage.Slice slice = new LandedUsage.Slice(id, from, to, state.sequence());
    List<TotalPrice.Group> groups =
        bounded(
            landed.groups(
                slice, changes(terms, from, to), TotalPrice.promptLimits(terms), MOST_GROUPS + 1),
            MOST_GROUPS,
            "models and spans between price changes");
    List<BillLine> charged = bounded(landed.charged(slice, MOST_LINES + 1), MOST_LINES, "lines");
    List<BillLine> reRated = TotalPrice.lines(terms, groups);
    return new Result(
        state,
        period,
        compared(charged, reRated),
        sum(charged),
        sum(reRated),
        state.periods().stream()
            .filter(known -> known.period().equals(period))
            .findFirst()
            .map(known -> known.billing().reRated())
            .orElse(null),
        state.sequence(),
        terms.catalogVersion());
  }

  /**
   * History knows completions to the millisecond: of a change within one it cannot tell the sides.
   */
  private static List<Instant> changes(AccountTerms terms, Instant from, Instant to) {
    List<Instant> changes =
        TotalPrice.changes(terms).stream()
            .filter(change -> change.isAfter(from) && change.isBefore(to))
            .toList();
    for (Instant change : changes) {
      if (!Instant.ofEpochMilli(change.toEpochMilli()).equals(change)) {
        throw ProblemException.of(
            ProblemType.NOT_POSSIBLE,
            "A price or plan begins at %s, within a millisecond; history does not tell which usage came before. Let it begin at a full one."
                .formatted(change));
      }
    }
    return changes;
  }

  /**
   * Every event up to the state's must be there: a sum without some of them would be a wrong price.
   */
  void awaitLanding(AccountState state) {
    await(
        () -> landed.isComplete(state.account(), state.sequence()),
        "Not all of the %d events of account %s have landed in ClickHouse yet."
            .formatted(state.sequence(), state.account()));
  }

  /**
   * @param otherwise what to say if it does not become true in time
   */
  void await(BooleanSupplier landed, String otherwise) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!landed.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw ProblemException.passing(ProblemType.NOT_READY, otherwise, RETRY_AFTER, null);
      }
      try {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ProblemException.passing(
            ProblemType.NOT_READY, "The server is stopping.", RETRY_AFTER, null);
      }
    }
  }

  static <T> List<T> bounded(List<T> found, int most, String what) {
    if (found.size() > most) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS, "The month has more than %d %s.".formatted(most, what));
    }
    return found;
  }

  private static Map<Key, Compared> compared(List<BillLine> charged, List<BillLine> reRated) {
    Map<Key, Compared> lines = new TreeMap<>(Key.ORDER);
    charged.forEach(line -> lines.put(Key.of(line), new Compared(line, null)));
    reRated.forEach(
        line ->
            lines.merge(
                Key.of(line),
                new Compared(null, line),
                (known, more) -> new Compared(known.charged(), more.reRated())));
    return lines;
  }

  private static BigDecimal sum(List<BillLine> lines) {
    return lines.stream().map(BillLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
