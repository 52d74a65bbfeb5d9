package dev.taximeter.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.api.audit.AuditAlarm;
import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.api.audit.BackgroundAudit;
import dev.taximeter.api.audit.Difference;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Seeds one corruption after the other into a clean world, on the real engine. */
class AuditIT {
  private static final Pattern ACCOUNT = Pattern.compile("account = '([^']+)'");
  private static final String PRISTINE = "pristine";
  private static final String DAMAGED = "damaged";
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
    try (Connection connection = engine.reader(DAMAGED).connect()) {
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

  private static List<String> failedChecks() throws SQLException, InterruptedException {
    return audit(null, null).differences().stream()
        .map(Difference::check)
        .distinct()
        .sorted()
        .toList();
  }

  @Test
  void cleanDataHasNoDifference() throws SQLException, InterruptedException {
    AuditReport report = audit(null, null);
    assertThat(report.differences()).isEmpty();
    assertThat(report.eventsChecked()).isEqualTo(639);
    assertThat(report.accountsChecked()).isEqualTo(6);
    assertThat(report.notChecked()).singleElement().asString().contains("cost entry");
    assertThat(report.toText()).endsWith("639 events of 6 accounts, 25 checks: no difference");
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

  /** Not only that something is found: exactly what disagrees with what. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "usage_events | input = input + 1 | account = 'globex' AND sequence = 5 AND input > 0"
            + " | charges re_ratings windows",
        "usage_events | cost = cost + 0.000000000001 | account = 'acme' AND sequence = 9"
            + " | balances costs ledger re_ratings windows",
        "usage_events | model = 'nobody' | account = 'acme' AND sequence < 12 AND cost > 0"
            + " | prices re_ratings windows",
        "usage_events | unpriced = NOT unpriced | account = 'kolkata' AND sequence = 4"
            + " | final_bills periods prices",
        "usage_events | currency = 'EUR' | account = 'kolkata' AND sequence = 4 | costs",
        "usage_events | `charges.amount` = arrayMap(a -> a * 2, `charges.amount`), cost = cost * 2"
            + " | account = 'globex' AND sequence = 7"
            + " | balances bill_lines charges ledger ledger_accounts re_ratings tiers windows",
        "usage_events | `charges.quantity` = arrayMap(q -> q + 1, `charges.quantity`)"
            + " | account = 'acme' AND sequence = 2 AND cost > 0 | bill_lines charges",
        "usage_events | sequence = 3 | account = 'globex' AND sequence = 4" + " | sequences",
        "usage_windows | requests = requests + 1 | account = 'acme' AND granularity = 'minute'"
            + " AND segment = 1 | windows",
        "usage_windows | input = input + 1 | account = 'acme' AND granularity = 'month'"
            + " AND of_all_keys AND segment = 1 | windows",
        "usage_windows | cost = cost + 0.1 | account = 'kolkata' AND granularity = 'hour'"
            + " AND segment = 1 | windows",
        "account_states | spent = spent + 1 | account = 'globex' | balances bill_rows ledger",
        "account_states | requests = requests - 1 | account = 'globex'" + " | balances bill_rows",
        "account_states | state = replaceOne(state, '\"period\":\"2026-11\",\"requests\":',"
            + " '\"period\":\"2026-11\",\"requests\":1') | account = 'kolkata' | periods",
        "account_states | state = replaceOne(state, '\"amount\":\"50\"', '\"amount\":\"51\"')"
            + " | account = 'acme' | credits ledger",
        "account_states | state = replaceOne(state, '\"drawn\":\"', '\"drawn\":\"1')"
            + " | account = 'acme' | credits",
        "ledger_entries | amount = amount + 1 | account = 'acme' AND posting = 3"
            + " AND entry = 0 | ledger ledger_accounts",
        "ledger_entries | amount = amount * 2 | account = 'acme' AND posting = 3"
            + " | ledger ledger_accounts",
        "ledger_entries | amount = amount * 2 | account = 'acme' AND posting = 1"
            + " | credits ledger ledger_accounts",
        "ledger_entries | amount = amount * 2 | account = 'kolkata' AND kind = 'bill'"
            + " | bills ledger_accounts",
        // What is kept of credit notes, in the ledger, on the bill and in the state.
        "ledger_entries | amount = amount * 2 | account = 'hooli' AND kind = 'adjustment'"
            + " | final_bills ledger",
        "bills | bill = replaceAll(bill, '0.0004675', '0.0004676') | account = 'hooli'"
            + " AND number = 2 | bill_rows final_bills",
        "account_states | state = replaceOne(state, '\"noted\":\"2.008925\"',"
            + " '\"noted\":\"2.008\"') | account = 'hooli' | final_bills",
        // A note gives a promotion out as money, in the ledger and on the bill.
        "ledger_entries | ledger = 'receivable' | account = 'hooli' AND kind = 'credit-note'"
            + " AND ledger = 'credits' AND posting = 4"
            + " | bills credits final_bills months",
        "ledger_entries | credit = 'ledger:other' | account = 'hooli' AND kind = 'credit-note'"
            + " AND ledger = 'credits' AND posting = 4"
            + " | credits final_bills months",
        "bills | bill = replaceOne(bill, '\"amount\":\"0.7\"', '\"amount\":\"0.6\"')"
            + " | account = 'hooli' AND number = 1 | bills final_bills",
        "ledger_entries | amount = amount * 2 | account = 'acme' AND kind = 're-rating'"
            + " | credits final_bills ledger ledger_accounts months re_ratings",
        "account_states | state = replaceAll(state, '\"posted\":\"', '\"posted\":\"1')"
            + " | account = 'acme' | re_ratings",
        "account_states | state = replaceAll(state, '\"termsVersion\":3', '\"termsVersion\":2')"
            + " | account = 'acme' | bill_rows re_ratings",
        "bills | bill = replaceOne(bill, '\"kind\":\"re-rating\"', '\"kind\":\"debit\"')"
            + " | account = 'kolkata' | final_bills re_ratings",
        // Words of a bill are hashed, too.
        "bills | bill = replaceOne(bill, '\"reason\":\"new prices\"', '\"reason\":\"old prices\"')"
            + " | account = 'kolkata' | final_bills",
        "bills | amount_due = amount_due + 1 | account = 'kolkata' | bill_rows bills",
        "bills | exact_total = exact_total + 0.000001 | account = 'kolkata'" + " | bill_rows bills",
        "bills | content_hash = '00' | account = 'kolkata' | bill_rows final_bills",
        "bills | bill = replaceOne(bill, '\"quantity\":', '\"quantity\":1')"
            + " | account = 'kolkata' | bill_rows final_bills",
        "bills | sequence_to = 75 | account = 'kolkata' | bill_rows final_bills",
        "bills | `lines.amount` = arrayMap(a -> a + 1, `lines.amount`) | account = 'kolkata'"
            + " | bill_rows bills",
        "bill_lines | quantity = quantity + 1 | account = 'globex' AND token_class = 'request'"
            + " AND period = '2026-11' | bill_amounts bill_lines",
        "bill_lines | amount = amount + 0.000001 | account = 'globex' AND token_class = 'output'"
            + " AND period = '2026-11' AND model = '*' | bill_amounts bill_lines",
        "line_accounting | read = read + 1 | writer = 'shipper' | conservation",
        "line_accounting | settled = settled - 1 | writer = 'account-0' | conservation",
        "line_fates | fate = 'suspense' | offset = 0 | landed_lines",
        "price_entries | `tiers.per_million` = arrayMap(p -> p + 1, `tiers.per_million`)"
            + " | book = 'list' AND model = 'qwen-*' AND token_class = 'output'"
            + " | bill_amounts charges re_ratings",
        "price_entries | `tiers.per_million` = arrayMap(p -> p + 1, `tiers.per_million`)"
            + " | book = 'models' AND price_model = 'package' AND context_above = 0"
            + " | bill_amounts re_ratings tiers",
        "price_entries | free = free + 1 | book = 'models' AND price_model = 'volume' AND free > 0"
            + " | bill_amounts re_ratings tiers",
        "price_entries | `tiers.up_to` = arrayMap(e -> if(e = 600, 1, e), `tiers.up_to`)"
            + " | book = 'models' AND model = '*' AND token_class = 'input' AND context_above = 0"
            + " | bill_amounts final_bills ledger_accounts re_ratings tiers",
        "usage_events | `charges.price_version` = arrayMap(v -> replaceOne(v, ':-12.5%', ''),"
            + " `charges.price_version`) | account = 'initech' AND model LIKE 'qwen%'"
            + " AND has(arrayMap(v -> endsWith(v, '%'), `charges.price_version`), true)"
            + " | bill_lines charges prices",
        // The terms of a plan by their instant.
        "plans | `versions.from` = arrayMap(f -> if(f > '1970-01-02', f + INTERVAL 3 DAY, f),"
            + " `versions.from`) | id = 'models' | prices re_ratings",
        // What stands in the columns beside the document.
        "bills | requests = requests + 1 | account = 'kolkata' | bill_rows",
        "bills | currency = 'EUR' | account = 'kolkata' | bill_rows",
        "bills | finalized_at = finalized_at + INTERVAL 1 DAY | account = 'kolkata' | bill_rows",
        "bills | sequence_from = sequence_from + 1 | account = 'kolkata' | bill_rows",
        "bills | canonical_form = concat(canonical_form, ' ') | account = 'kolkata' | bill_rows",
        "bills | `credits.id` = arrayMap(c -> 'ledger:other', `credits.id`) | account = 'hooli'"
            + " AND number = 1 | bill_rows",
        "bills | `lines.model` = arrayMap(m -> 'other', `lines.model`) | account = 'kolkata'"
            + " | bill_rows",
        "account_states | last_completion = last_completion + INTERVAL 1 DAY"
            + " | account = 'kolkata' | balances bill_rows",
        "accounts | currency = 'EUR' | id = 'kolkata' | bill_rows",
        // When the account's writer decided.
        "usage_events | settled = settled + INTERVAL 1 DAY | account = 'globex' AND sequence = 20"
            + " | instants",
        "usage_events | settled = settled - INTERVAL 1 DAY | account = 'globex' AND sequence = 20"
            + " | instants",
        "ledger_entries | recorded = recorded - INTERVAL 1 DAY | account = 'hooli'"
            + " AND posting = 4 AND entry = 0 | instants",
        "ledger_entries | recorded = recorded + INTERVAL 1 DAY | account = 'hooli'"
            + " AND posting = 4 | instants",
        // Where money comes from, and until when it pays.
        "ledger_entries | ledger = 'cash' | account = 'acme' AND ledger = 'promotion'"
            + " | ledger_accounts",
        "ledger_entries | credit_until = credit_until - INTERVAL 1 DAY | account = 'acme'"
            + " AND credit = 'welcome' AND kind = 'grant' | credits ledger_accounts months",
        "usage_events | provider_cost = provider_cost + 1 | account = 'initech'"
            + " AND provider_currency = 'EUR' | provider_costs",
        "usage_events | `provider_charges.amount` = arrayMap(a -> a + 1,"
            + " `provider_charges.amount`) | account = 'initech' AND provider_currency = 'EUR'"
            + " | provider_costs",
      })
  void everyChangeIsFound(String table, String change, String where, String expected)
      throws SQLException, InterruptedException {
    update(table, change, where);
    Matcher account = ACCOUNT.matcher(where);
    assertThat(failedChecks(account.find() ? account.group(1) : null))
        .containsExactly(expected.split(" "));
  }

  /**
   * What is wrong with one account is looked for there and in the lines, in a quarter of the time.
   */
  private static List<String> failedChecks(@Nullable String account)
      throws SQLException, InterruptedException {
    if (account == null) {
      return failedChecks();
    }
    List<Difference> differences = new ArrayList<>(audit(account, null).differences());
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      differences.addAll(new Audit(connection, 1, duration -> {}).runLines().differences());
    }
    return differences.stream().map(Difference::check).distinct().sorted().toList();
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
    assertThat(failedChecks())
        .contains("balances", "bill_lines", "landed_lines", "sequences", "windows");
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
  void anEventThatIsThereTwiceIsFound() throws SQLException, InterruptedException {
    execute(
        "usage_events",
        "INSERT INTO usage_events SELECT * REPLACE (completion + INTERVAL 1 MILLISECOND AS"
            + " completion) FROM usage_events WHERE account = 'acme' AND sequence = 33");
    assertThat(failedChecks()).contains("balances", "identities", "landed_lines", "sequences");
  }

  /** Each forges one more way in which a line could be paid twice, or by nobody. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A claimed event that somebody else pays, too.
        "account = 'globex' AND has(flags, 'claimed') | account = 'acme' | identities",
        "account = 'globex' AND has(flags, 'claimed') | id = toUUID('00000000-0000-0000-0000-000000999999') | identities",
        "account = 'globex' AND has(flags, 'assigned') | account = 'acme' | identities suspense",
      })
  void aClaimedOrAssignedEventThatIsBilledTwiceIsFound(String where, String forged, String expected)
      throws SQLException, InterruptedException {
    String[] change = forged.split(" = ");
    execute(
        "usage_events",
        "INSERT INTO usage_events SELECT * REPLACE (%s AS %s) FROM (SELECT * FROM usage_events WHERE %s ORDER BY sequence LIMIT 1)"
            .formatted(change[1], change[0], where));
    assertThat(failedChecks()).contains(expected.split(" "));
  }

  @Test
  void aBilledEventThatAlsoStandsAsUnclaimedIsFound() throws SQLException, InterruptedException {
    update("usage_events", "flags = []", "account = 'globex' AND has(flags, 'claimed')");
    assertThat(failedChecks()).containsExactly("identities", "landed_lines");
  }

  @Test
  void aLineWithTwoFatesThatNobodyReplayedIsFound() throws SQLException, InterruptedException {
    delete("line_replays", "outcome = 'resolved'");
    assertThat(failedChecks()).containsExactly("landed_lines");
  }

  @Test
  void aDecisionThatWasNotCarriedOutIsFound() throws SQLException, InterruptedException {
    update("suspense", "account = 'acme'", "state = 'assigned'");
    assertThat(failedChecks()).containsExactly("suspense");
    update("suspense", "state = 'open'", "state = 'assigned'");
    assertThat(failedChecks()).containsExactly("suspense");
  }

  @Test
  void landingAnEventAgainIsNoDifference() throws SQLException, InterruptedException {
    execute(
        "usage_events",
        "INSERT INTO usage_events SELECT * FROM usage_events WHERE account = 'acme'");
    execute("bill_lines", "INSERT INTO bill_lines SELECT * FROM bill_lines");
    assertThat(failedChecks()).isEmpty();
  }

  @Test
  void aPriceOfAnotherTimeIsFound() throws SQLException, InterruptedException {
    // The version that was replaced, with the amounts that it gives.
    update(
        "usage_events",
        "`charges.price_version` = arrayMap(v -> replaceOne(v, '2026-01-01T00:00:00Z:v1',"
            + " '2026-11-15T00:00:00Z:v1'), `charges.price_version`)",
        "account = 'acme' AND completion < '2026-11-14 00:00:00'"
            + " AND arrayExists(v -> startsWith(v, 'list:gpt-4o*:2026-01'), `charges.price_version`)");
    assertThat(failedChecks()).contains("prices", "bill_lines");
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

  @Test
  void missingWindowsAndBillLinesAreFound() throws SQLException, InterruptedException {
    delete("usage_windows", "account = 'acme' AND granularity = 'hour' AND segment = 1");
    delete("bill_lines", "account = 'globex' AND token_class = 'request' AND period = '2026-11'");
    assertThat(failedChecks()).containsExactly("bill_lines", "windows");
  }

  @Test
  void aMissingPostingAndAMissingBillAreFound() throws SQLException, InterruptedException {
    delete("ledger_entries", "account = 'acme' AND posting = 2");
    assertThat(failedChecks()).contains("ledger");
    delete("bills", "account = 'kolkata'");
    assertThat(failedChecks()).contains("bills", "ledger");
  }

  /** As if the month were to give back what its notes gave back already. */
  @Test
  void whatIsNotKeptOfCreditNotesAndWhatIsKeptTwiceAreFound()
      throws SQLException, InterruptedException {
    String kept = "account = 'hooli' AND kind = 'adjustment'";
    delete("ledger_entries", kept);
    assertThat(failedChecks("hooli")).contains("final_bills", "ledger");
    repair();
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
  void usageOfAnAccountWithoutAStateIsFound() throws SQLException, InterruptedException {
    delete("account_states", "account = 'kolkata'");
    assertThat(failedChecks()).contains("sequences");
  }

  @Test
  void aRejectedRecordIsFound() throws SQLException, InterruptedException {
    execute(
        "landing_rejects",
        "INSERT INTO landing_rejects VALUES ('usage.events.v1', 0, 7, 'it has no value', 0, 7)");
    assertThat(failedChecks()).containsExactly("rejects");
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
      assertThat(audit.run(null, null).differences()).isEmpty();
    }
    assertThat(pauses).hasValue(1);
  }

  @Test
  void aDifferenceIsReportedOnlyAfterSeveralLooks() throws SQLException, InterruptedException {
    update("account_states", "spent = spent + 1", "account = 'globex'");
    List<Duration> pauses = new ArrayList<>();
    try (Connection connection = engine.reader(DAMAGED).connect()) {
      assertThat(new Audit(connection, 5, pauses::add).run("globex", null).differences())
          .extracting(Difference::check)
          .containsExactly("balances", "ledger", "bill_rows");
    }
    assertThat(pauses).hasSize(4);
  }

  @Test
  void theAuditInTheBackgroundKeepsWhatItFindsTwice() throws SQLException, InterruptedException {
    update("account_states", "spent = spent + 1", "account = 'globex'");
    delete("usage_windows", "account = 'acme'");
    execute(
        "landing_rejects",
        "INSERT INTO landing_rejects VALUES ('usage.events.v1', 0, 7, 'it has no value', 0, 7)");
    AtomicBoolean repaired = new AtomicBoolean();
    List<Optional<AuditAlarm.Trouble>> raised = new ArrayList<>();
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
            },
            trouble -> raised.add(Optional.ofNullable(trouble)))) {
      assertThat(audit.round()).isTrue();
      assertThat(raised.get(raised.size() - 1).orElseThrow().sentence())
          .startsWith("The audit finds " + audit.state().drift() + " differences");
      assertThat(audit.state().differences())
          .extracting(Difference::check)
          .contains("balances", "rejects")
          .doesNotContain("windows");
      assertThat(audit.state().drift()).isEqualTo(audit.state().differences().size());
      assertThat(audit.state().audited()).isEqualTo(audit.state().accounts()).isEqualTo(6);
      assertThat(audit.state().roundCompletedAt()).isNotNull();
      repair();
      assertThat(audit.round()).isTrue();
      assertThat(audit.state().drift()).isZero();
      assertThat(raised.get(raised.size() - 1)).isEmpty();
    }
  }

  /**
   * The account's state is another one with every look. Usage flows all the time, and the ledger is
   * behind it.
   */
  @Test
  void aWrongBalanceIsFoundWhileTheAccountIsUsed() throws Exception {
    TOUCHED.addAll(TABLES);
    AtomicBoolean flows = new AtomicBoolean(true);
    List<Throwable> broken = new ArrayList<>();
    try (Connection connection = engine.writer(DAMAGED).connect()) {
      BusyAccount account =
          new BusyAccount(
              connection, "list:embed*:2026-01-01T00:00:00Z:v1", new BigDecimal("0.02"));
      Thread flow =
          new Thread(
              () -> {
                try {
                  while (flows.get()) {
                    account.step();
                    Thread.sleep(20);
                  }
                } catch (SQLException | InterruptedException e) {
                  broken.add(e);
                }
              });
      flow.start();
      try (BackgroundAudit audit =
          new BackgroundAudit(
              () -> engine.reader(DAMAGED).connect(),
              50,
              Clock.systemUTC(),
              duration -> Thread.sleep(Math.min(200, duration.toMillis())),
              AuditAlarm.NONE)) {
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
        .endsWith("639 events of 6 accounts, 25 checks: 2 differences");
    assertThat(report.toJson())
        .contains("\"check\":\"balances\"")
        .contains("\"eventsChecked\":639");
  }
}
