package dev.taximeter.api.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Derives usage and money once more from the events in ClickHouse, with queries that share nothing
 * with metering, and compares: event prices and charges, balances, credits, windows, bills,
 * sequence numbers and the conservation of lines.
 *
 * <p>Only events up to the sequence number of the account's landed state are compared, so a running
 * system can be audited. Since topics land independently, what looks different may only be on its
 * way: a difference counts if it is found again, unchanged, for several seconds.
 *
 * <p>What it cannot tell: which of two versions of an account's terms was in force for an event
 * that lies between the last event that needs the older and the first that needs the newer. And
 * what is older than ClickHouse's rows.
 */
public final class Audit {
  /** Differences that one check names. */
  static final int MOST_DIFFERENCES = 1_000;

  /** How often a difference must be found. */
  static final int CONFIRMATIONS = 5;

  private static final Duration BETWEEN_CONFIRMATIONS = Duration.ofSeconds(2);

  /** Sorting and grouping spill to disk beyond this, so that an audit fits a small machine. */
  private static final long SPILL_BYTES = 256L << 20;

  /** Checks of the money and windows of one account. */
  private static final List<String> PER_ZONE =
      List.of(
          "costs",
          "prices",
          "charges",
          "tiers",
          "provider_costs",
          "windows",
          "bill_lines",
          "periods",
          "re_ratings");

  /** Checks of whole accounts, whatever the month. */
  private static final List<String> PER_ACCOUNT =
      List.of(
          "sequences",
          "identities",
          "balances",
          "credits",
          "ledger",
          "bills",
          "bill_rows",
          "price_rows",
          "instants");

  /** Checks of lines, which belong to no account. */
  private static final List<String> OF_LINES =
      List.of("conservation", "landed_lines", "suspense", "rejects");

  private final Connection connection;
  private final int confirmations;
  private final Pause pause;

  /** Waits, or pretends to. */
  public interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  /**
   * @param connection to Taximeter's database; reading is enough
   */
  public Audit(Connection connection) {
    this(connection, CONFIRMATIONS, duration -> Thread.sleep(duration.toMillis()));
  }

  /**
   * @param connection to Taximeter's database; reading is enough
   * @param confirmations how often a difference must be found to count, 1 or more
   * @param pause between them
   */
  public Audit(Connection connection, int confirmations, Pause pause) {
    this.connection = connection;
    this.confirmations = confirmations;
    this.pause = pause;
  }

  /**
   * The accounts there are: those of the catalogue and those that have a state.
   *
   * @return their ids, in order
   * @throws SQLException if ClickHouse cannot be reached or refuses
   */
  public List<String> accounts() throws SQLException {
    List<String> accounts = new ArrayList<>();
    try (PreparedStatement statement = NamedSql.load("accounts").prepare(connection, Map.of());
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        accounts.add(row.getString(1));
      }
    }
    return accounts;
  }

  /**
   * @param account id of the one account to audit, one of {@link #accounts}; null for all
   * @param month the one month to audit, in each account's zone; null for all. What has no month
   *     (balances, credits, sequence numbers) is audited as a whole; the conservation of lines only
   *     if neither account nor month is given.
   * @throws SQLException if ClickHouse cannot be reached or refuses
   * @throws InterruptedException if the thread is interrupted while a difference is being confirmed
   */
  public AuditReport run(@Nullable String account, @Nullable YearMonth month)
      throws SQLException, InterruptedException {
    Scope scope = new Scope(account, month);
    return confirmed(suspects -> check(scope, suspects), checks(scope), notChecked(scope));
  }

  /**
   * Audits only what belongs to no account: the conservation of lines.
   *
   * @throws SQLException as {@link #run}
   * @throws InterruptedException as {@link #run}
   */
  public AuditReport runLines() throws SQLException, InterruptedException {
    return confirmed(this::checkLines, OF_LINES, List.of());
  }

  private AuditReport confirmed(Look look, List<String> checks, List<String> notChecked)
      throws SQLException, InterruptedException {
    Finding finding = look.check(Suspects.ALL);
    for (int i = 1; i < confirmations && !finding.differences.isEmpty(); i++) {
      pause.sleep(BETWEEN_CONFIRMATIONS);
      finding = look.check(Suspects.of(finding.differences)).confirming(finding);
    }
    return new AuditReport(
        finding.differences,
        finding.truncated,
        finding.events,
        finding.accounts,
        checks,
        notChecked);
  }

  private interface Look {
    Finding check(Suspects suspects) throws SQLException;
  }

  /**
   * What is looked at. A difference counts only if every look finds it, so what was clean in one
   * need not be looked at again.
   *
   * @param checks by name; null for all
   * @param accounts those whose money is derived once more; null for all
   */
  private record Suspects(@Nullable Set<String> checks, @Nullable Set<String> accounts) {
    static final Suspects ALL = new Suspects(null, null);

    static Suspects of(List<Difference> found) {
      Set<String> checks = new HashSet<>();
      Set<String> accounts = new HashSet<>();
      for (Difference difference : found) {
        checks.add(difference.check());
        accounts.add(difference.account());
      }
      return new Suspects(checks, accounts);
    }

    boolean include(String check) {
      return checks == null || checks.contains(check);
    }

    boolean includeMoneyOf(String account) {
      return accounts == null
          || (accounts.contains(account) && BillReplay.ALL_CHECKS.stream().anyMatch(this::include));
    }
  }

  /** One look at everything. */
  private record Finding(
      List<Difference> differences, boolean truncated, long events, long accounts) {
    /** What was there before and still is. */
    Finding confirming(Finding before) {
      Set<List<Object>> known = new HashSet<>();
      before.differences.forEach(difference -> known.add(difference.identity()));
      return new Finding(
          differences.stream().filter(found -> known.contains(found.identity())).toList(),
          truncated,
          before.events,
          before.accounts);
    }
  }

  private static List<String> checks(Scope scope) {
    List<String> checks = new ArrayList<>(PER_ZONE);
    checks.add("bill_amounts");
    checks.addAll(PER_ACCOUNT);
    checks.addAll(BillReplay.CHECKS);
    if (scope.isEverything()) {
      checks.addAll(OF_LINES);
    }
    return checks;
  }

  private static List<String> notChecked(Scope scope) {
    List<String> notChecked = new ArrayList<>();
    notChecked.add(
        "which cost entry applies to an event, and whether an event without provider cost should have"
            + " one; the amounts of those that have one are checked");
    if (!scope.isEverything()) {
      notChecked.add("the conservation of lines, which belong to no single account or month");
    }
    return notChecked;
  }

  private Finding check(Scope scope, Suspects suspects) throws SQLException {
    Collector found = new Collector(suspects);
    Map<String, String> anyZone = scope.parameters(ZoneOffset.UTC);
    for (ZoneId zone : zones(anyZone)) {
      Map<String, String> values = scope.parameters(zone);
      for (String check : PER_ZONE) {
        found.run(check, values);
      }
      found.measure(values);
    }
    found.run("bill_amounts", anyZone);
    for (String check : PER_ACCOUNT) {
      found.run(check, anyZone);
    }
    String account = scope.account();
    MoneyRows rows = new MoneyRows(connection);
    for (String each : rows.accounts(account == null ? "" : account)) {
      if (suspects.includeMoneyOf(each)) {
        found.addAll(rows.upToState(each).differences());
      }
    }
    if (scope.isEverything()) {
      checkLines(found);
    }
    return found.finding();
  }

  private Finding checkLines(Suspects suspects) throws SQLException {
    Collector found = new Collector(suspects);
    checkLines(found);
    return found.finding();
  }

  private static void checkLines(Collector found) throws SQLException {
    Map<String, String> everything = new Scope(null, null).parameters(ZoneOffset.UTC);
    for (String check : OF_LINES) {
      found.run(check, everything);
    }
  }

  private List<ZoneId> zones(Map<String, String> values) throws SQLException {
    List<ZoneId> zones = new ArrayList<>();
    try (PreparedStatement statement = NamedSql.load("zones").prepare(connection, values);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        zones.add(ZoneId.of(row.getString(1)));
      }
    }
    return zones;
  }

  /** Gathers the differences of all checks, each named once. */
  private final class Collector {
    private final Suspects suspects;
    private final Map<List<Object>, Difference> differences = new LinkedHashMap<>();
    private boolean truncated;
    private long events;
    private long accounts;

    Collector(Suspects suspects) {
      this.suspects = suspects;
    }

    void run(String check, Map<String, String> values) throws SQLException {
      if (!suspects.include(check)) {
        return;
      }
      NamedSql query = NamedSql.load(check);
      String limited =
          query.sql()
              + "\nLIMIT %d SETTINGS max_bytes_before_external_sort = %d,"
                  .formatted(MOST_DIFFERENCES + 1, SPILL_BYTES)
              + " max_bytes_before_external_group_by = %d".formatted(SPILL_BYTES);
      int rows = 0;
      try (PreparedStatement statement =
              new NamedSql(limited, query.parameters()).prepare(connection, values);
          ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows++;
          if (rows <= MOST_DIFFERENCES) {
            Difference difference =
                new Difference(
                    check,
                    row.getString("account"),
                    row.getString("subject"),
                    row.getString("expected"),
                    row.getString("actual"));
            differences.put(difference.identity(), difference);
          }
        }
      } catch (SQLException e) {
        throw new SQLException("the check " + check + " failed: " + e.getMessage(), e);
      }
      truncated |= rows > MOST_DIFFERENCES;
    }

    void addAll(List<Difference> found) {
      truncated |= found.size() > MOST_DIFFERENCES;
      found.stream()
          .limit(MOST_DIFFERENCES)
          .forEach(difference -> differences.put(difference.identity(), difference));
    }

    void measure(Map<String, String> values) throws SQLException {
      if (suspects != Suspects.ALL) {
        return;
      }
      try (PreparedStatement statement = NamedSql.load("extent").prepare(connection, values);
          ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          events += row.getLong(1);
          accounts += row.getLong(2);
        }
      }
    }

    Finding finding() {
      return new Finding(List.copyOf(differences.values()), truncated, events, accounts);
    }
  }
}
