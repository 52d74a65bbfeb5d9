package dev.taximeter.api.usage;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sums a span up: in all, by bar of a chart, and by group, beside the span before. It takes two or
 * three statements; if there are very many accounts, as many for each zone.
 */
final class Overview {
  /** Rows of one statement that are worth it to ask for all zones at once. */
  private static final long ROWS_AT_ONCE = 30_000;

  /** Accounts named in one statement. */
  private static final int MOST_ACCOUNTS = 1_000;

  private final UsageHistory history;
  private final CatalogSnapshot catalog;
  private final ByTeam teams;
  private final Instant now;

  private final NavigableMap<String, Tally> bars = new TreeMap<>();
  private final Map<Group, Pair> groups = new HashMap<>();
  private final Map<String, Zone> zones = new HashMap<>();
  private final Tally current = new Tally();
  private final Tally before = new Tally();
  private long sequence;
  private boolean exact = true;

  /** What gets a row of its own. */
  enum By {
    ACCOUNT,
    TEAM,
    KEY,
    MODEL
  }

  /**
   * What to sum up.
   *
   * @param account null for all
   * @param team id within the account; null for all
   */
  record Question(
      Span span,
      By by,
      @Nullable String account,
      @Nullable String team,
      @Nullable String key,
      @Nullable String model) {}

  /**
   * What a row is about.
   *
   * @param account null if models are told apart, whoever used them
   * @param id of the account, team, key or model; null for usage of keys without a team
   */
  record Group(@Nullable String account, @Nullable String id) {}

  /** The span and the one before. */
  record Pair(Tally current, Tally before) {}

  /** The span and the one before, as the days of a zone cut them. */
  private record Zone(Buckets buckets, Buckets before, ZoneId zone) {
    Buckets whole() {
      return new Buckets(buckets.from(), buckets.to(), 0, List.of(buckets.from()));
    }
  }

  Overview(UsageHistory history, CatalogSnapshot catalog, Instant now) {
    this.history = history;
    this.catalog = catalog;
    this.teams = new ByTeam(catalog);
    this.now = now;
  }

  Overview read(Question question) {
    Map<Zone, List<Account>> byZone = new LinkedHashMap<>();
    int accounts = 0;
    for (Account account : asked(question)) {
      Zone zone = zone(question.span(), account.timezone());
      zones.put(account.id(), zone);
      byZone.computeIfAbsent(zone, same -> new ArrayList<>()).add(account);
      accounts++;
    }
    if (fits(question, byZone.keySet(), accounts)) {
      List<String> named = question.account() == null ? List.of() : List.of(question.account());
      read(question, byZone.keySet(), named);
    } else {
      byZone.forEach((zone, same) -> readApart(question, zone, same));
    }
    return this;
  }

  /** Whether all zones fit into one statement, which has to cut the time where any of them does. */
  private boolean fits(Question question, Collection<Zone> all, int accounts) {
    long cuts = all.stream().mapToLong(zone -> zone.buckets().starts().size()).sum();
    long groups = question.by() == By.ACCOUNT ? accounts : catalog.catalog().keys().size();
    return all.size() <= 1
        || (accounts * cuts <= ROWS_AT_ONCE && groups * all.size() * 2 <= ROWS_AT_ONCE);
  }

  private void readApart(Question question, Zone zone, List<Account> accounts) {
    List<String> ids = accounts.stream().map(Account::id).toList();
    for (int i = 0; i < ids.size(); i += MOST_ACCOUNTS) {
      List<String> some = ids.subList(i, Math.min(ids.size(), i + MOST_ACCOUNTS));
      read(question, List.of(zone), some);
    }
  }

  private Collection<Account> asked(Question question) {
    if (question.account() == null) {
      return catalog.accounts().values();
    }
    Account account = catalog.account(question.account());
    if (account == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND, "There is no such account; GET /v1/accounts lists all.");
    }
    return List.of(account);
  }

  private Zone zone(Span span, ZoneId zone) {
    return new Zone(
        buckets(span.granularity(), zone, new Span.Range(span.from(now, zone), now)),
        buckets(null, zone, span.before(now, zone)),
        zone);
  }

  private static Buckets buckets(@Nullable Granularity granularity, ZoneId zone, Span.Range range) {
    try {
      return Buckets.of(granularity, zone, range.from(), range.to(), UsageService.MOST_ROWS);
    } catch (Buckets.TooManyException e) {
      throw tooMany();
    }
  }

  private void read(Question question, Collection<Zone> all, List<String> accounts) {
    boolean teamOnly = question.team() != null;
    boolean single = question.by() == By.ACCOUNT;
    UsageAnswer bySpan = sum(question, together(all, Zone::buckets), accounts, teamOnly, false);
    sequence += bySpan.sequence();
    exact &= bySpan.exact();
    for (UsageSum sum : own(bySpan, Zone::buckets)) {
      Zone zone = zones.get(sum.account());
      if (zone == null || !isOfTeam(question, sum)) {
        continue;
      }
      long start = zone.buckets().startOf(sum.start());
      bars.computeIfAbsent(question.span().label(start, zone.zone()), at -> new Tally()).add(sum);
      current.add(sum);
      if (single) {
        pair(question, sum).current().add(sum);
      }
    }
    boolean byKey = teamOnly || question.by() == By.KEY || question.by() == By.TEAM;
    boolean byModel = question.by() == By.MODEL;
    if (!single) {
      UsageAnswer byGroup = sum(question, together(all, Zone::whole), accounts, byKey, byModel);
      kept(question, own(byGroup, Zone::whole))
          .forEach(sum -> pair(question, sum).current().add(sum));
    }
    UsageAnswer earlier = sum(question, together(all, Zone::before), accounts, byKey, byModel);
    for (UsageSum sum : kept(question, own(earlier, Zone::before))) {
      pair(question, sum).before().add(sum);
      before.add(sum);
    }
  }

  /** One range over those of all zones, cut wherever one of them is. */
  private static Buckets together(Collection<Zone> all, Function<Zone, Buckets> part) {
    List<Buckets> parts = all.stream().map(part).distinct().toList();
    if (parts.size() == 1) {
      return parts.get(0);
    }
    long from = parts.stream().mapToLong(Buckets::from).min().orElseThrow();
    long to = parts.stream().mapToLong(Buckets::to).max().orElseThrow();
    NavigableSet<Long> starts = new TreeSet<>();
    for (Buckets one : parts) {
      starts.addAll(one.starts());
      starts.add(one.from());
      starts.add(one.to());
    }
    return new Buckets(from, to, 0, List.copyOf(starts.headSet(to)));
  }

  /** What lies in the range of its account's own zone. */
  private List<UsageSum> own(UsageAnswer answer, Function<Zone, Buckets> part) {
    List<UsageSum> own = new ArrayList<>();
    for (UsageSum sum : answer.sums()) {
      Zone zone = zones.get(sum.account());
      if (zone != null && part.apply(zone).contains(sum.start())) {
        own.add(sum);
      }
    }
    return own;
  }

  private boolean isOfTeam(Question question, UsageSum sum) {
    return question.team() == null
        || !teams.gather(List.of(sum), question.team(), false, true).isEmpty();
  }

  private UsageAnswer sum(
      Question question, Buckets buckets, List<String> accounts, boolean byKey, boolean byModel) {
    UsageAnswer answer =
        history.sum(
            new UsageQuery(
                accounts,
                question.key(),
                question.model(),
                buckets,
                byKey,
                byModel,
                UsageService.MOST_ROWS));
    if (answer.sums().size() > UsageService.MOST_ROWS) {
      throw tooMany();
    }
    return answer;
  }

  private List<UsageSum> kept(Question question, List<UsageSum> sums) {
    boolean byTeam = question.by() == By.TEAM;
    return byTeam || question.team() != null
        ? teams.gather(sums, question.team(), byTeam, question.by() == By.KEY)
        : sums;
  }

  private Pair pair(Question question, UsageSum sum) {
    Group group =
        switch (question.by()) {
          case ACCOUNT -> new Group(sum.account(), sum.account());
          case TEAM -> new Group(sum.account(), sum.team());
          case KEY -> new Group(sum.account(), sum.key());
          case MODEL -> new Group(null, sum.model());
        };
    return groups.computeIfAbsent(group, same -> new Pair(new Tally(), new Tally()));
  }

  /** By day or hour, ascending; what nobody used in is not there. */
  NavigableMap<String, Tally> bars() {
    return bars;
  }

  /** When the span begins in an account's zone; null if it was not asked for. */
  @Nullable Instant start(@Nullable String account) {
    Zone zone = account == null ? null : zones.get(account);
    return zone == null ? null : Instant.ofEpochMilli(zone.buckets().from());
  }

  Tally current() {
    return current;
  }

  Tally before() {
    return before;
  }

  long sequence() {
    return sequence;
  }

  boolean exact() {
    return exact;
  }

  /** Groups by a figure, largest first. */
  List<Map.Entry<Group, Pair>> groups(Comparator<Tally> smallerFirst) {
    Comparator<Map.Entry<Group, Pair>> byFigure =
        Comparator.comparing(entry -> entry.getValue().current(), smallerFirst.reversed());
    List<Map.Entry<Group, Pair>> sorted = new ArrayList<>(groups.entrySet());
    sorted.sort(
        byFigure
            .thenComparing(entry -> text(entry.getKey().account()))
            .thenComparing(entry -> text(entry.getKey().id())));
    return sorted;
  }

  private static String text(@Nullable String id) {
    return id == null ? "" : id;
  }

  private static ProblemException tooMany() {
    return ProblemException.of(
        ProblemType.TOO_MANY_ROWS,
        "The answer would sum up more than %,d rows; ask for a shorter span or one account."
            .formatted(UsageService.MOST_ROWS));
  }
}
