package dev.taximeter.api.lines;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.lines.LineHistory.LeakageQuery;
import dev.taximeter.api.lines.LineHistory.LeakageSum;
import dev.taximeter.api.lines.LineHistory.OperationQuery;
import dev.taximeter.api.lines.LineHistory.OperationSum;
import dev.taximeter.api.lines.LineHistory.Payers;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.Granularity;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks history about lines, and tells whose keys they were by the catalogue of now. */
public final class LineService {
  /** Rows of one answer; a bound on memory. */
  static final int MOST_ROWS = 50_000;

  /** Buckets of one answer. */
  static final int MOST_BUCKETS = 4_000;

  /** Every request id of the range is held by history while it counts. */
  static final Duration LONGEST_RANGE_OF_OPERATIONS = Duration.ofDays(93);

  /** Keys of one account that a statement can name. */
  static final int MOST_KEYS = 10_000;

  /** An account of an unknown key is named by so many digits of the key's fingerprint. */
  private static final int ACCOUNT_DIGITS = 16;

  private static final int KEY_NAME_DIGITS = 12;

  /** The account of lines without a key. */
  private static final String NO_KEY = AccountDirectory.UNATTRIBUTED + "none";

  /** History begins in 1970 and its times end in 2106. */
  private static final Instant LATEST = Instant.parse("2106-01-01T00:00:00Z");

  /** Whoever ships a line an hour later does not count as fresh. */
  private static final Duration FRESHNESS_HORIZON = Duration.ofDays(2);

  private final LineHistory history;
  private final CatalogView catalog;
  private final Clock clock;

  public LineService(LineHistory history, CatalogView catalog, Clock clock) {
    this.history = history;
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * A range of time.
   *
   * @param from inclusive
   * @param to exclusive
   */
  record Range(Instant from, Instant to) {}

  /**
   * Leakage of a group.
   *
   * @param key the key's name; null if keys are not told apart
   * @param model null if models are not told apart
   * @param reason null if reasons are not told apart
   */
  record Leak(
      String account,
      @Nullable String key,
      @Nullable String model,
      @Nullable String reason,
      long lines) {}

  private record Group(
      String account, @Nullable String key, @Nullable String model, @Nullable String reason) {
    private static final Comparator<Group> ORDER =
        Comparator.comparing(Group::account)
            .thenComparing(group -> group.key == null ? "" : group.key)
            .thenComparing(group -> group.model == null ? "" : group.model)
            .thenComparing(group -> group.reason == null ? "" : group.reason);
  }

  /** Leakage by account and what else is asked for, in that order. */
  List<Leak> leakage(
      @Nullable String account, Range range, boolean byKey, boolean byModel, boolean byReason) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Map<String, ApiKey> owners = new HashMap<>();
    snapshot.catalog().keys().forEach(key -> owners.put(key.fingerprint(), key));
    LeakageQuery query =
        new LeakageQuery(payers(snapshot, account), range.from(), range.to(), byModel, byReason);
    List<LeakageSum> sums = history.leakage(query, MOST_ROWS);
    if (sums.size() > MOST_ROWS) {
      throw tooMany();
    }
    Map<Group, Long> groups = new TreeMap<>(Group.ORDER);
    for (LeakageSum sum : sums) {
      ApiKey owner = owners.get(sum.fingerprint());
      String payer = owner == null ? unattributed(sum.fingerprint()) : owner.account();
      // The beginning of a fingerprint can also be that of a key which has an owner by now.
      if (account == null || account.equals(payer)) {
        Group group =
            new Group(
                payer,
                byKey ? keyName(owner, sum.fingerprint()) : null,
                byModel ? sum.model() : null,
                byReason ? sum.reason() : null);
        groups.merge(group, sum.lines(), Long::sum);
      }
    }
    return groups.entrySet().stream()
        .map(
            entry -> {
              Group group = entry.getKey();
              return new Leak(
                  group.account, group.key, group.model, group.reason, entry.getValue());
            })
        .toList();
  }

  /** Operations by bucket, ascending. */
  List<OperationSum> operations(
      @Nullable String account, Range range, @Nullable Granularity granularity) {
    if (Duration.between(range.from(), range.to()).compareTo(LONGEST_RANGE_OF_OPERATIONS) > 0) {
      throw ProblemException.parameter(
          "from",
          "and to may be at most %d days apart".formatted(LONGEST_RANGE_OF_OPERATIONS.toDays()));
    }
    CatalogSnapshot snapshot = catalog.snapshot();
    Payers payers = payers(snapshot, account);
    try {
      Buckets buckets =
          Buckets.of(granularity, zone(snapshot, account), range.from(), range.to(), MOST_BUCKETS);
      return history.operations(new OperationQuery(account, payers, buckets)).stream()
          .sorted(Comparator.comparingLong(OperationSum::start))
          .toList();
    } catch (Buckets.TooManyException e) {
      throw tooMany();
    }
  }

  /** When the latest line arrived that can be in an answer; null if none did lately. */
  @Nullable Instant latestArrival() {
    return history.latestArrival(clock.instant().minus(FRESHNESS_HORIZON));
  }

  /**
   * What to ask about.
   *
   * @param from null for the beginning of the month that the end lies in, in the account's zone
   * @param to null for now
   */
  Range range(@Nullable String account, @Nullable Instant from, @Nullable Instant to) {
    Instant end = to == null ? clock.instant() : to;
    if (end.isAfter(LATEST)) {
      end = LATEST;
    }
    ZoneId zone = zone(catalog.snapshot(), account);
    Instant begin =
        from == null
            ? YearMonth.from(end.minusNanos(1).atZone(zone)).atDay(1).atStartOfDay(zone).toInstant()
            : from;
    if (begin.isBefore(Instant.EPOCH)) {
      begin = Instant.EPOCH;
    }
    if (!begin.isBefore(end)) {
      throw ProblemException.parameter("from", "must be before to, which is " + end);
    }
    return new Range(ceilMillis(begin), ceilMillis(end));
  }

  /** Lines have milliseconds: at or after an instant is at or after the next of them. */
  private static Instant ceilMillis(Instant instant) {
    Instant floor = instant.truncatedTo(ChronoUnit.MILLIS);
    return floor.isBefore(instant) ? floor.plusMillis(1) : floor;
  }

  private static ZoneId zone(CatalogSnapshot snapshot, @Nullable String account) {
    Account known = account == null ? null : snapshot.account(account);
    return known == null ? ZoneOffset.UTC : known.timezone();
  }

  private static Payers payers(CatalogSnapshot snapshot, @Nullable String account) {
    if (account == null) {
      return Payers.ALL;
    }
    if (account.equals(NO_KEY)) {
      return new Payers(List.of(""), null);
    }
    if (account.startsWith(AccountDirectory.UNATTRIBUTED)) {
      return new Payers(null, account.substring(AccountDirectory.UNATTRIBUTED.length()));
    }
    if (snapshot.account(account) == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND, "There is no such account; GET /v1/accounts lists all.");
    }
    List<String> fingerprints = snapshot.keys(account).stream().map(ApiKey::fingerprint).toList();
    if (fingerprints.size() > MOST_KEYS) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS,
          "This account has more than %,d keys; ask for all accounts.".formatted(MOST_KEYS));
    }
    return new Payers(fingerprints, null);
  }

  private static String unattributed(String fingerprint) {
    return fingerprint.isEmpty()
        ? NO_KEY
        : AccountDirectory.UNATTRIBUTED + beginning(fingerprint, ACCOUNT_DIGITS);
  }

  private static String keyName(@Nullable ApiKey owner, String fingerprint) {
    return owner == null ? beginning(fingerprint, KEY_NAME_DIGITS) : owner.name();
  }

  private static String beginning(String text, int length) {
    return text.substring(0, Math.min(length, text.length()));
  }

  private static ProblemException tooMany() {
    return ProblemException.of(
        ProblemType.TOO_MANY_ROWS,
        "The answer would have more than %,d rows or %,d buckets; ask for a shorter time, one account, or fewer groups."
            .formatted(MOST_ROWS, MOST_BUCKETS));
  }
}
