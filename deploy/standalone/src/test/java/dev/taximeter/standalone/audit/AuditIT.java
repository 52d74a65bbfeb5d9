package dev.taximeter.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.api.audit.BackgroundAudit;
import dev.taximeter.api.audit.Difference;
import dev.taximeter.standalone.audit.Corruptions.Corruption;
import dev.taximeter.standalone.landing.RealEngine;
import dev.taximeter.streams.landing.Schema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Seeds one corruption after the other into a clean world, on the real engine. */
class AuditIT {
  private static final String PRISTINE = "pristine";
  private static final String DAMAGED = "damaged";
  private static final String CORRUPT = "corrupt";
  private static final String BUSY = "busy";
  private static final Set<String> TABLES =
      Set.of(
          "usage_events",
          "usage_windows",
          "account_states",
          "bill_lines",
          "line_fates",
          "line_accounting",
          "line_replays",
          "suspense",
          "catalog",
          "accounts",
          "plans",
          "price_books",
          "price_entries",
          "credits",
          "ledger_entries",
          "bills",
          "landing_rejects");

  /** A look at an account takes a second or two, so each sees another state. */
  private static final Duration BETWEEN_STEPS = Duration.ofMillis(100);

  /** Tables that differ from the clean ones. */
  private static final Set<String> TOUCHED = new HashSet<>(TABLES);

  private static RealEngine engine;

  @BeforeAll
  static void startEngine(@TempDir Path directory)
      throws IOException, InterruptedException, SQLException {
    engine = RealEngine.start(directory);
    Schema.migrate(engine.writer(PRISTINE));
    Schema.migrate(engine.writer(DAMAGED));
    try (Connection connection = engine.writer(PRISTINE).connect()) {
      LandedWorld.land(connection);
    }
  }

  @AfterAll
  static void stopEngine() throws InterruptedException {
    engine.close();
  }

  @BeforeEach
  void repair() throws SQLException {
    for (String table : Set.copyOf(TOUCHED)) {
      execute(table, "TRUNCATE TABLE " + table);
      execute(table, "INSERT INTO " + table + " SELECT * FROM " + PRISTINE + "." + table);
    }
    TOUCHED.clear();
  }

  /**
   * @param table the one that the statement changes
   */
  private static void execute(String table, String sql) throws SQLException {
    TOUCHED.add(table);
    try (Connection connection = engine.writer(DAMAGED).connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Changes rows in place, as no upsert would. */
  private static void update(String table, String change, String where) throws SQLException {
    long before = count(table + " WHERE " + where);
    assertThat(before).as("rows to damage: " + where).isPositive();
    execute(
        table,
        "ALTER TABLE %s UPDATE %s WHERE %s SETTINGS mutations_sync = 2"
            .formatted(table, change, where));
  }

  private static void delete(String table, String where) throws SQLException {
    assertThat(count(table + " WHERE " + where)).as("rows to delete").isPositive();
    execute(
        table,
        "ALTER TABLE %s DELETE WHERE %s SETTINGS mutations_sync = 2".formatted(table, where));
  }

  private static long count(String from) throws SQLException {
    try (Connection connection = engine.writer(DAMAGED).connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count() FROM " + from)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static AuditReport audit(String account, YearMonth month)
      throws SQLException, InterruptedException {
    return audit(DAMAGED, account, month);
  }

  private static AuditReport audit(String database, String account, YearMonth month)
      throws SQLException, InterruptedException {
    try (Connection connection = engine.reader(database).connect()) {
      return new Audit(connection, 1, duration -> {}).run(account, month);
    }
  }

  @Test
  void accountsAreThoseOfTheCatalogueAndThoseWithAState() throws SQLException {
    execute("account_states", "TRUNCATE TABLE account_states");
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      assertThat(new Audit(connection).accounts())
          .containsExactly(
              LandedWorld.FLAT,
              LandedWorld.TIERED,
              LandedWorld.NOTED,
              LandedWorld.ALL_MODELS,
              LandedWorld.ODD_ZONE);
    }
    execute(
        "account_states",
        "INSERT INTO account_states SELECT * FROM " + PRISTINE + ".account_states");
    execute("accounts", "TRUNCATE TABLE accounts");
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      assertThat(new Audit(connection).accounts())
          .contains(LandedWorld.FLAT, LandedWorld.TIERED, LandedWorld.ODD_ZONE);
    }
  }

  @Test
  void cleanDataHasNoDifference() throws SQLException, InterruptedException {
    AuditReport report = audit(null, null);
    assertThat(report.differences()).isEmpty();
    assertThat(report.eventsChecked()).isEqualTo(640);
    assertThat(report.accountsChecked()).isEqualTo(6);
    assertThat(report.notChecked()).singleElement().asString().contains("cost entry");
    assertThat(report.toText()).endsWith("640 events of 6 accounts, 26 checks: no difference");
  }

  @ParameterizedTest
  @CsvSource({"acme", "globex", "kolkata", "initech", "unattributed:0123456789abcdef"})
  void oneAccountAndOneMonthAreClean(String account) throws SQLException, InterruptedException {
    AuditReport whole = audit(account, null);
    assertThat(whole.differences()).isEmpty();
    assertThat(whole.accountsChecked()).isEqualTo(1);
    AuditReport november = audit(account, YearMonth.of(2026, 11));
    assertThat(november.differences()).isEmpty();
    assertThat(november.eventsChecked()).isPositive().isLessThan(whole.eventsChecked());
    assertThat(november.notChecked()).hasSize(2);
  }

  /** Not only that something is found: exactly what disagrees with what, and nothing else. */
  @TestFactory
  List<DynamicTest> everyChangeIsFound() throws SQLException, InterruptedException {
    Corruptions corruptions = new Corruptions();
    Schema.migrate(engine.writer(CORRUPT));
    try (Connection connection = engine.writer(CORRUPT).connect()) {
      corruptions.seed(connection);
    }
    AuditReport report = audit(CORRUPT, null, null);
    assertThat(report.truncated()).isFalse();
    Map<Optional<Corruption>, Set<String>> found = corruptions.found(report);
    List<DynamicTest> tests = new ArrayList<>();
    for (Corruption each : corruptions.all()) {
      tests.add(
          DynamicTest.dynamicTest(
              each.name(),
              () ->
                  assertThat(found.getOrDefault(Optional.of(each), Set.of()))
                      .containsExactlyElementsOf(each.checks())));
    }
    tests.add(
        DynamicTest.dynamicTest(
            "nothing else",
            () -> assertThat(found.getOrDefault(Optional.empty(), Set.of())).isEmpty()));
    return tests;
  }

  /** They concern all accounts that have the book. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "price_entries | `tiers.per_million` = arrayMap(p -> p + 1, "
            + "`tiers.per_million`) | book = 'list' AND model = 'qwen-*' AND token_class = "
            + "'output' | bill_amounts charges re_ratings | acme kolkata",
        "price_entries | `tiers.per_million` = arrayMap(p -> p + 1, "
            + "`tiers.per_million`) | book = 'models' AND price_model = 'package' AND "
            + "context_above = 0 | bill_amounts re_ratings tiers | initech hooli",
        "price_entries | free = free + 1 | book = 'models' AND price_model = 'volume' "
            + "AND free > 0 | bill_amounts re_ratings tiers | initech hooli",
        "price_entries | `tiers.up_to` = arrayMap(e -> if(e = 600, 1, e), "
            + "`tiers.up_to`) | book = 'models' AND model = '*' AND token_class = 'input' "
            + "AND context_above = 0 | bill_amounts final_bills ledger_accounts re_ratings "
            + "tiers | initech hooli",
        // Two rows of one price: the newest one is right, whatever the check.
        "price_entries | `tiers.per_million` = arrayMap(p -> p + 1, `tiers.per_million`) | book"
            + " = 'list' AND model = 'qwen-*' AND token_class = 'output' AND version = 1 |"
            + " price_rows | acme kolkata",
        "price_entries | free = free + 1 | book = 'list' AND model = 'qwen-*' AND token_class ="
            + " 'input' AND version = 1 | price_rows | acme kolkata",
        "plans | `versions.from` = arrayMap(f -> if(f > '1970-01-02', f + INTERVAL 3 "
            + "DAY, f), `versions.from`) | id = 'models' | prices re_ratings | initech hooli",
      })
  void everyChangeOfPricesIsFound(
      String table, String change, String where, String expected, String accounts)
      throws SQLException, InterruptedException {
    update(table, change, where);
    assertThat(failedChecks(accounts.split(" "))).containsExactly(expected.split(" "));
  }

  @Test
  void twoRowsOfOnePlanAreFound() throws SQLException, InterruptedException {
    execute(
        "plans",
        "INSERT INTO plans SELECT * REPLACE (toUInt64(9) AS version, per_request + 1 AS"
            + " per_request) FROM plans WHERE id = 'scale'");
    assertThat(audit("globex", null).differences())
        .filteredOn(difference -> difference.check().equals("price_rows"))
        .singleElement()
        .satisfies(
            difference -> {
              assertThat(difference.subject()).contains("plan:scale:v1 request");
              assertThat(difference.expected()).startsWith("version 9: 1.0001");
              assertThat(difference.actual()).startsWith("version 1: 0.0001");
            });
    assertThat(audit("initech", null).isClean()).isTrue();
  }

  /** Of the lines, and of some accounts: of all it takes four times as long. */
  private static List<String> failedChecks(String... accounts)
      throws SQLException, InterruptedException {
    List<Difference> differences = new ArrayList<>(linesOf(DAMAGED));
    for (String account : accounts) {
      differences.addAll(audit(account, null).differences());
    }
    return differences.stream().map(Difference::check).distinct().sorted().toList();
  }

  private static List<Difference> linesOf(String database)
      throws SQLException, InterruptedException {
    try (Connection connection = engine.reader(database).connect()) {
      return new Audit(connection, 1, duration -> {}).runLines().differences();
    }
  }

  /** Beyond so many lines a month has no room for further models. */
  @Test
  void aModelMayStandOnItsPatternOnlyWhereTheMonthIsFull()
      throws SQLException, InterruptedException {
    update(
        "usage_events",
        "`charges.model` = arrayMap(m -> 'gpt-4o*', `charges.model`)",
        "account = 'kolkata' AND model = 'gpt-4o-2024' AND notEmpty(`charges.model`)");
    assertThat(failedChecks("kolkata")).contains("bill_lines", "prices");
    execute(
        "bill_lines",
        "INSERT INTO bill_lines SELECT * REPLACE (concat('x', toString(rowNumberInAllBlocks()))"
            + " AS model) FROM (SELECT bill_lines.* FROM bill_lines, numbers(1000) AS n"
            + " WHERE account = 'kolkata' AND period = '2026-11' LIMIT 1000)");
    assertThat(failedChecks("kolkata")).contains("bill_lines").doesNotContain("prices");
  }

  @Test
  void aMissingEventIsFound() throws SQLException, InterruptedException {
    delete("usage_events", "account = 'globex' AND sequence = 77");
    assertThat(audit("globex", null).differences())
        .filteredOn(difference -> difference.check().equals("sequences"))
        .singleElement()
        .isEqualTo(
            new Difference(
                "sequences",
                "globex",
                "events after number 76",
                "150 events, 150 numbers",
                "149 events, 149 numbers"));
    assertThat(audit("acme", null).isClean()).isTrue();
  }

  @Test
  void landingAnEventAgainIsNoDifference() throws SQLException, InterruptedException {
    execute(
        "usage_events",
        "INSERT INTO usage_events SELECT * FROM usage_events WHERE account = 'acme'");
    execute("bill_lines", "INSERT INTO bill_lines SELECT * FROM bill_lines");
    assertThat(failedChecks("acme")).isEmpty();
  }

  @Test
  void termsThatGoBackAreFound() throws SQLException, InterruptedException {
    // Each price is right under some terms of the account, but not in this order.
    String last =
        "account = 'kolkata' AND model = 'gpt-4o_mini' AND sequence > 75 AND sequence = (SELECT"
            + " max(sequence) FROM usage_events WHERE account = 'kolkata' AND model ="
            + " 'gpt-4o_mini')";
    update(
        "usage_events",
        "`charges.price_version` = arrayMap(v -> replaceOne(v, ':v2', ':v1'),"
            + " `charges.price_version`)",
        last);
    assertThat(audit("kolkata", null).differences())
        .filteredOn(difference -> difference.check().equals("prices"))
        .singleElement()
        .satisfies(
            difference ->
                assertThat(difference.actual()).endsWith("of terms that had been replaced"));
  }

  /** As if the month were to give back what its notes gave back already. */
  @Test
  void whatIsKeptTwiceOfCreditNotesIsFound() throws SQLException, InterruptedException {
    String kept = "account = 'hooli' AND kind = 'adjustment'";
    execute(
        "ledger_entries",
        "INSERT INTO ledger_entries SELECT * REPLACE (posting + 2 AS posting) FROM ledger_entries"
            + " WHERE "
            + kept);
    update(
        "account_states",
        "state = replaceOne(state, '\"postings\":8', '\"postings\":9')",
        "account = 'hooli'");
    assertThat(failedChecks("hooli")).contains("final_bills", "ledger");
  }

  /** Everything that adds up does: ledger, bill, its note and the state. */
  @Test
  void aNoteOfMoreThanIsLeftIsFound() throws SQLException, InterruptedException {
    String note = "account = 'hooli' AND kind = 'credit-note' AND posting = 5";
    update("ledger_entries", "amount = amount * 2", note);
    update(
        "bills",
        "bill = replaceAll(bill, '\"amount\":\"0.8\"', '\"amount\":\"1.6\"'), noted = noted + 0.8",
        "account = 'hooli' AND number = 1");
    update(
        "account_states",
        "state = replaceOne(state, '\"noted\":\"2.01\"', '\"noted\":\"2.81\"')",
        "account = 'hooli'");
    assertThat(audit("hooli", null).differences())
        .extracting(Difference::subject)
        .contains("note 2 on bill 1");
  }

  @Test
  void aRejectedRecordIsFound() throws SQLException, InterruptedException {
    execute(
        "landing_rejects",
        "INSERT INTO landing_rejects VALUES ('usage.events.v1', 0, 7, 'it has no value', 0, 7)");
    assertThat(linesOf(DAMAGED)).extracting(Difference::check).containsExactly("rejects");
  }

  @Test
  void whatIsStillLandingIsNoDifference() throws SQLException, InterruptedException {
    delete("usage_events", "account = 'globex' AND sequence > 140");
    AtomicInteger pauses = new AtomicInteger();
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      Audit audit =
          new Audit(
              connection,
              5,
              duration -> {
                pauses.incrementAndGet();
                land();
              });
      assertThat(audit.run("globex", null).differences()).isEmpty();
    }
    assertThat(pauses).hasValue(1);
  }

  @Test
  void aDifferenceIsReportedOnlyAfterSeveralLooks() throws SQLException, InterruptedException {
    update("account_states", "spent = spent + 1", "account = 'globex'");
    List<Duration> pauses = new ArrayList<>();
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      assertThat(new Audit(connection, 3, pauses::add).run("globex", null).differences())
          .extracting(Difference::check)
          .containsExactly("balances", "ledger", "bill_rows");
    }
    assertThat(pauses).hasSize(2);
  }

  @Test
  void theAuditInTheBackgroundKeepsWhatItFindsTwice() throws SQLException, InterruptedException {
    // Each account takes its time.
    onlyThese("'globex', 'acme'");
    update("account_states", "spent = spent + 1", "account = 'globex'");
    delete("usage_windows", "account = 'acme'");
    execute(
        "landing_rejects",
        "INSERT INTO landing_rejects VALUES ('usage.events.v1', 0, 7, 'it has no value', 0, 7)");
    AtomicBoolean repaired = new AtomicBoolean();
    try (BackgroundAudit audit =
        new BackgroundAudit(
            () -> engine.reader(DAMAGED).connect(),
            5,
            Clock.systemUTC(),
            duration -> {
              if (!repaired.get() && duration.compareTo(Duration.ofSeconds(45)) >= 0) {
                repaired.set(true);
                repair("usage_windows");
              }
            })) {
      assertThat(audit.round()).isTrue();
      assertThat(audit.state().trouble()).isNotNull();
      assertThat(audit.state().trouble().sentence())
          .startsWith("The audit finds " + audit.state().drift() + " differences");
      assertThat(audit.state().differences())
          .extracting(Difference::check)
          .contains("balances", "rejects")
          .doesNotContain("windows");
      assertThat(audit.state().drift()).isEqualTo(audit.state().differences().size());
      assertThat(audit.state().audited()).isEqualTo(audit.state().accounts()).isEqualTo(2);
      assertThat(audit.state().roundCompletedAt()).isNotNull();
      repair();
      onlyThese("'globex', 'acme'");
      assertThat(audit.round()).isTrue();
      assertThat(audit.state().drift()).isZero();
      assertThat(audit.state().trouble()).isNull();
    }
  }

  private static void onlyThese(String accounts) throws SQLException {
    delete("accounts", "id NOT IN (%s)".formatted(accounts));
    delete("account_states", "account NOT IN (%s)".formatted(accounts));
  }

  /**
   * The account's state is another one with every look. Usage flows all the time, and the ledger is
   * behind it.
   */
  @Test
  void aWrongBalanceIsFoundWhileTheAccountIsUsed() throws Exception {
    Schema.migrate(engine.writer(BUSY));
    AtomicBoolean flows = new AtomicBoolean(true);
    List<Throwable> broken = new ArrayList<>();
    try (Connection connection = engine.writer(BUSY).connect();
        Statement statement = connection.createStatement()) {
      for (String table : List.of("plans", "price_books", "price_entries")) {
        statement.execute("INSERT INTO %s SELECT * FROM %s.%s".formatted(table, PRISTINE, table));
      }
      BusyAccount account =
          new BusyAccount(
              connection, "list:embed*:2026-01-01T00:00:00Z:v1", new BigDecimal("0.02"));
      Thread flow =
          new Thread(
              () -> {
                try {
                  while (flows.get()) {
                    account.step();
                    Thread.sleep(BETWEEN_STEPS.toMillis());
                  }
                } catch (SQLException | InterruptedException e) {
                  broken.add(e);
                }
              });
      flow.start();
      try (BackgroundAudit audit =
          new BackgroundAudit(
              () -> engine.reader(BUSY).connect(),
              50,
              Clock.systemUTC(),
              duration -> Thread.sleep(Math.min(200, duration.toMillis())))) {
        assertThat(audit.round()).isTrue();
        assertThat(ofBusy(audit)).isEmpty();
        account.wrong = new BigDecimal("0.01");
        assertThat(audit.round()).isTrue();
        assertThat(ofBusy(audit)).contains("ledger balance", "months what was charged");
        account.wrong = BigDecimal.ZERO;
        assertThat(audit.round()).isTrue();
        assertThat(ofBusy(audit)).isEmpty();
      } finally {
        flows.set(false);
        flow.join();
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<String> ofBusy(BackgroundAudit audit) {
    return audit.state().differences().stream()
        .filter(difference -> difference.account().equals(BusyAccount.ID))
        .map(difference -> difference.check() + ' ' + difference.subject())
        .toList();
  }

  private static void repair(String table) {
    try {
      execute(table, "TRUNCATE TABLE " + table);
      execute(table, "INSERT INTO " + table + " SELECT * FROM " + PRISTINE + "." + table);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void land() {
    try {
      execute(
          "usage_events",
          "INSERT INTO usage_events SELECT * FROM "
              + PRISTINE
              + ".usage_events WHERE account = 'globex' AND sequence > 140");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void reportsAreReadable() throws SQLException, InterruptedException {
    update("account_states", "spent = 5", "account = 'unattributed:0123456789abcdef'");
    AuditReport report = audit(null, null);
    assertThat(report.isClean()).isFalse();
    assertThat(report.toText())
        .contains("balances: unattributed:0123456789abcdef: spent: expected 0, found 5")
        .contains("column spent of the state: expected 0, found 5")
        .endsWith("640 events of 6 accounts, 26 checks: 2 differences");
    assertThat(report.toJson())
        .contains("\"check\":\"balances\"")
        .contains("\"eventsChecked\":640");
  }
}
