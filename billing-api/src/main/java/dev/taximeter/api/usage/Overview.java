package dev.taximeter.api.usage;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sums a span up: in all, by bar of a chart, and by group, beside the span before. It takes one
 * statement, or two if the groups are not accounts, or as many for each eight zones.
 */
final class Overview {
  private final UsageHistory history;
  private final CatalogSnapshot catalog;
  private final ByTeam teams;
  private final Instant now;

  private final NavigableMap<String, Tally> bars = new TreeMap<>();
  private final Map<Group, Pair> groups = new HashMap<>();
  private final Map<String, Zone> zones = new HashMap<>();
  private final Tally current = new Tally();
  private final Tally before = new Tally();
  private String lastBar = "";
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

  /**
   * The span and the one before, as the days of a zone cut them.
   *
   * @param bars when each bar of the span begins
   * @param beforeTo end of the span before, exclusive; not after the span begins
   */
  private record Zone(List<Long> bars, long to, long beforeFrom, long beforeTo, ZoneId zone) {
    long from() {
      return bars.get(0);
    }

    boolean isBefore(long start) {
      return start < beforeTo;
    }

    /** {@return whether a bucket lies between the two spans, where nothing was asked for} */
    boolean isBetween(long start) {
      return start >= beforeTo && start < from();
    }

    /** The span before in one bucket, the span by bars. */
    Buckets byBar() {
      return after(bars);
    }

    /** Each of the two in one bucket. */
    Buckets bySpan() {
      return after(List.of(from()));
    }

    private Buckets after(List<Long> starts) {
      List<Long> all = new ArrayList<>();
      all.add(beforeFrom);
      if (beforeTo < from()) {
        all.add(beforeTo);
      }
      all.addAll(starts);
      return new Buckets(beforeFrom, to, 0, all);
    }
  }

  /**
   * Accounts of one zone.
   *
   * @param accounts ids; none for all
   */
  private record Part(Zone zone, List<String> accounts) {}

  Overview(UsageHistory history, CatalogSnapshot catalog, Instant now) {
    this.history = history;
    this.catalog = catalog;
    this.teams = new ByTeam(catalog);
    this.now = now;
  }

  Overview read(Question question) {
    Collection<Account> asked = asked(question);
    asked.forEach(account -> zones.put(account.id(), zone(question.span(), account.timezone())));
    lastBar =
        asked.stream()
            .map(Account::timezone)
            .distinct()
            .map(zone -> question.span().labelOf(now, zone))
            .max(Comparator.naturalOrder())
            .orElse(question.span().labelOf(now, ZoneOffset.UTC));
    List<Part> parts = new ArrayList<>();
    if (question.account() == null) {
      ByZone.each(
          asked, (zone, accounts) -> parts.add(new Part(zone(question.span(), zone), accounts)));
    } else {
      zones.forEach((account, zone) -> parts.add(new Part(zone, List.of(account))));
    }
    read(question, parts);
    return this;
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
    // Up to the minute: half of one would have to be looked for among single events.
    Span.Range before = span.before(now.truncatedTo(ChronoUnit.MINUTES), zone);
    Buckets buckets = buckets(span.granularity(), zone, span.from(now, zone));
    return new Zone(
        buckets.everyStart(),
        buckets.to(),
        before.from().toEpochMilli(),
        Math.min(Buckets.millisFrom(before.to()), buckets.from()),
        zone);
  }

  private Buckets buckets(Granularity granularity, ZoneId zone, Instant from) {
    try {
      return Buckets.of(
          granularity,
          zone,
          from,
          UsageService.endOf(granularity, now, zone),
          UsageService.MOST_ROWS);
    } catch (Buckets.TooManyException e) {
      throw tooMany();
    }
  }

  private void read(Question question, List<Part> parts) {
    boolean teamOnly = question.team() != null;
    boolean single = question.by() == By.ACCOUNT;
    UsageAnswer byBar = sum(question, parts, Zone::byBar, teamOnly, false);
    sequence = byBar.sequence();
    exact = byBar.exact();
    for (UsageSum sum : asked(byBar)) {
      if (!isOfTeam(question, sum)) {
        continue;
      }
      Zone zone = zoneOf(sum);
      if (zone.isBefore(sum.start())) {
        before.add(sum);
      } else {
        bars.computeIfAbsent(question.span().label(sum.start(), zone.zone()), at -> new Tally())
            .add(sum);
        current.add(sum);
      }
      if (single) {
        add(question, zone, sum);
      }
    }
    if (!single) {
      boolean byKey = teamOnly || question.by() == By.KEY || question.by() == By.TEAM;
      UsageAnswer byGroup = sum(question, parts, Zone::bySpan, byKey, question.by() == By.MODEL);
      for (UsageSum sum : kept(question, asked(byGroup))) {
        add(question, zoneOf(sum), sum);
      }
    }
  }

  private void add(Question question, Zone zone, UsageSum sum) {
    Pair pair = pair(question, sum);
    (zone.isBefore(sum.start()) ? pair.before() : pair.current()).add(sum);
  }

  private Zone zoneOf(UsageSum sum) {
    return Objects.requireNonNull(zones.get(sum.account()));
  }

  /** What is of accounts of the catalogue, and of one of the two spans. */
  private List<UsageSum> asked(UsageAnswer answer) {
    return answer.sums().stream()
        .filter(
            sum -> {
              Zone zone = zones.get(sum.account());
              return zone != null && !zone.isBetween(sum.start());
            })
        .toList();
  }

  private boolean isOfTeam(Question question, UsageSum sum) {
    return question.team() == null
        || !teams.gather(List.of(sum), question.team(), false, true).isEmpty();
  }

  private UsageAnswer sum(
      Question question,
      List<Part> parts,
      Function<Zone, Buckets> range,
      boolean byKey,
      boolean byModel) {
    List<UsageQuery> queries =
        parts.stream()
            .map(
                part ->
                    new UsageQuery(
                        part.accounts(),
                        question.key(),
                        question.model(),
                        range.apply(part.zone()),
                        part.zone().zone(),
                        byKey,
                        byModel,
                        UsageService.MOST_ROWS))
            .toList();
    List<UsageSum> sums = new ArrayList<>();
    long counted = 0;
    boolean complete = true;
    for (List<UsageQuery> some : ByZone.together(queries)) {
      UsageAnswer answer = history.sum(some);
      sums.addAll(answer.sums());
      if (sums.size() > UsageService.MOST_ROWS) {
        throw tooMany();
      }
      counted += answer.sequence();
      complete &= answer.exact();
    }
    return new UsageAnswer(sums, counted, complete);
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

  /** What the bar is called that goes on, in the zone that is furthest. */
  String lastBar() {
    return lastBar;
  }

  /** When the span begins in an account's zone; null if it was not asked for. */
  @Nullable Instant start(@Nullable String account) {
    Zone zone = account == null ? null : zones.get(account);
    return zone == null ? null : Instant.ofEpochMilli(zone.from());
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
