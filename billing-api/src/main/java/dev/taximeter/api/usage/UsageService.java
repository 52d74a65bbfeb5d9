package dev.taximeter.api.usage;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.parse.AccessLogParser;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Splits a question about usage into queries, one for each zone whose days and months differ. */
public final class UsageService {
  /** Rows of one answer; a bound on memory. */
  public static final int MOST_ROWS = 50_000;

  /** Calendar buckets of one answer; each is a bound parameter of the query. */
  static final int MOST_CALENDAR_BUCKETS = 4_000;

  private static final Instant EARLIEST = Instant.ofEpochMilli(Tiles.BEGINNING);
  private static final Instant LATEST = Instant.ofEpochMilli(Tiles.END);

  private static final Comparator<UsageSum> ORDER =
      Comparator.comparingLong(UsageSum::start)
          .thenComparing(UsageSum::account)
          .thenComparing(sum -> sum.team() == null ? "" : sum.team())
          .thenComparing(sum -> sum.key() == null ? "" : sum.key())
          .thenComparing(sum -> sum.model() == null ? "" : sum.model());

  private final UsageHistory history;
  private final CatalogView catalog;
  private final AccountStates states;
  private final Clock clock;

  public UsageService(
      UsageHistory history, CatalogView catalog, AccountStates states, Clock clock) {
    this.history = history;
    this.catalog = catalog;
    this.states = states;
    this.clock = clock;
  }

  /**
   * A question about usage.
   *
   * @param account null for all of the catalogue
   * @param team id; only usage of the keys that it has now
   * @param from null for the beginning of the current month
   * @param to null for all so far
   * @param zone decides days and months; null for each account's own
   */
  public record Question(
      @Nullable String account,
      @Nullable String key,
      @Nullable String team,
      @Nullable String model,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable Granularity granularity,
      boolean byKey,
      boolean byTeam,
      boolean byModel,
      @Nullable ZoneId zone) {
    /** A question in days and months of each account's own zone. */
    public Question(
        @Nullable String account,
        @Nullable String key,
        @Nullable String team,
        @Nullable String model,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable Granularity granularity,
        boolean byKey,
        boolean byTeam,
        boolean byModel) {
      this(account, key, team, model, from, to, granularity, byKey, byTeam, byModel, null);
    }

    boolean asksForTeams() {
      return byTeam || team != null;
    }
  }

  /** Answers a question. */
  public UsageAnswer answer(Question question) {
    List<UsageSum> sums = new ArrayList<>();
    long sequence = 0;
    boolean exact = true;
    checkTeam(question.team(), question.account());
    Set<String> known = catalog.snapshot().accounts().keySet();
    for (List<UsageQuery> some : ByZone.together(queries(question))) {
      UsageAnswer part = history.sum(some);
      for (UsageSum sum : part.sums()) {
        if (question.account() != null || known.contains(sum.account())) {
          sums.add(sum);
        }
      }
      if (sums.size() > MOST_ROWS || part.sums().size() > MOST_ROWS) {
        throw tooMany();
      }
      sequence += part.sequence();
      exact &= part.exact();
    }
    List<UsageSum> shown =
        question.asksForTeams()
            ? new ByTeam(catalog.snapshot())
                .gather(sums, question.team(), question.byTeam(), question.byKey())
            : sums;
    shown.sort(ORDER);
    return new UsageAnswer(shown, sequence, exact);
  }

  private void checkTeam(@Nullable String team, @Nullable String account) {
    if (team != null
        && catalog.snapshot().catalog().teams().stream()
            .filter(known -> account == null || known.account().equals(account))
            .noneMatch(known -> known.id().equals(team))) {
      throw ProblemException.parameter(
          "team",
          account == null
              ? "must be the id of a team of the catalogue"
              : "must be the id of a team of the account");
    }
  }

  private List<UsageQuery> queries(Question question) {
    Instant to = question.to() != null ? question.to() : clock.instant();
    if (question.account() != null) {
      ZoneId own = zoneOf(question.account());
      ZoneId zone = question.zone() == null ? own : question.zone();
      return List.of(query(question, to, zone, own, List.of(question.account())));
    }
    Collection<Account> accounts = catalog.snapshot().accounts().values();
    long zones = accounts.stream().map(Account::timezone).distinct().count();
    List<UsageQuery> queries = new ArrayList<>();
    ByZone.each(
        accounts,
        (own, named) ->
            queries.add(query(question, to, zone(question, own, zones == 1), own, named)));
    return queries;
  }

  /** Whose days are asked for; and, if from is not given, whose month. */
  private static ZoneId zone(Question question, ZoneId own, boolean isOnly) {
    if (question.zone() != null) {
      return question.zone();
    }
    return isOnly || isCalendar(question) ? own : ZoneOffset.UTC;
  }

  private static boolean isCalendar(Question question) {
    return question.granularity() == Granularity.DAY || question.granularity() == Granularity.MONTH;
  }

  /**
   * @param zone of the days and months asked for
   * @param own zone of all the accounts
   */
  private UsageQuery query(
      Question question, Instant to, ZoneId zone, ZoneId own, List<String> accounts) {
    Instant from = question.from() != null ? question.from() : monthOf(to, zone);
    if (!from.isBefore(to)) {
      throw ProblemException.parameter("from", "must be before to, which is " + to);
    }
    Instant begin = from.isBefore(EARLIEST) ? EARLIEST : from;
    Instant open = question.to() == null ? endOf(question.granularity(), to, own) : to;
    Instant end = open.isAfter(LATEST) ? LATEST : open;
    if (!begin.isBefore(end)) {
      throw ProblemException.parameter(
          "from", "and to must overlap the time from %s to %s".formatted(EARLIEST, LATEST));
    }
    try {
      return new UsageQuery(
          accounts,
          question.key(),
          question.model(),
          Buckets.of(
              question.granularity(),
              zone,
              begin,
              end,
              isCalendar(question) ? MOST_CALENDAR_BUCKETS : MOST_ROWS),
          own,
          question.byKey() || question.asksForTeams(),
          question.byModel(),
          MOST_ROWS);
    } catch (Buckets.TooManyException e) {
      throw tooMany();
    }
  }

  /**
   * Whoever names no end asks for all so far, and a gateway's clock may be as far ahead as metering
   * believes it. No window is cut that goes on: that would take shorter ones.
   *
   * @param zone whose days and months history has
   */
  public static Instant endOf(@Nullable Granularity granularity, Instant now, ZoneId zone) {
    return (granularity == null ? Granularity.MONTH : granularity)
        .endOf(now.plus(AccessLogParser.MAX_FUTURE), zone);
  }

  private ZoneId zoneOf(String id) {
    Account account = catalog.snapshot().account(id);
    if (account != null) {
      return account.timezone();
    }
    if (id.startsWith(AccountDirectory.UNATTRIBUTED)
        && (states.find(id) != null || !states.complete())) {
      return ZoneOffset.UTC;
    }
    throw ProblemException.of(
        ProblemType.NOT_FOUND, "There is no such account; GET /v1/accounts lists all.");
  }

  /** Beginning of the month that the last moment before an end lies in. */
  static Instant monthOf(Instant end, ZoneId zone) {
    return YearMonth.from(end.minusNanos(1).atZone(zone)).atDay(1).atStartOfDay(zone).toInstant();
  }

  private static ProblemException tooMany() {
    return ProblemException.of(
        ProblemType.TOO_MANY_ROWS,
        "The answer would have more than %,d rows or %,d days; ask for a shorter time, a coarser granularity, one account, or fewer groups."
            .formatted(MOST_ROWS, MOST_CALENDAR_BUCKETS));
  }
}
