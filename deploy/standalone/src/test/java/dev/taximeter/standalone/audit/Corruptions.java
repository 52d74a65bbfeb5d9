package dev.taximeter.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.api.audit.Difference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Damages of landed data, each to accounts or lines of its own in some copy of the world, so that
 * one audit finds all of them.
 */
final class Corruptions {
  /**
   * Table, change, rows and the checks that find it: exactly these. A change of {@code -} deletes
   * the rows, one that begins with {@code +} inserts the first of them once more, with that
   * replaced.
   */
  private static final List<String> ALL =
      List.of(
          "usage_events | input = input + 1 | account = 'globex' AND sequence = 5 AND "
              + "input > 0 | charges re_ratings windows",
          "usage_events | cost = cost + 0.000000000001 | account = 'acme' AND sequence = "
              + "9 | balances costs ledger re_ratings windows",
          "usage_events | model = 'nobody' | account = 'acme' AND sequence < 12 AND cost "
              + "> 0 | prices re_ratings windows",
          "usage_events | unpriced = NOT unpriced | account = 'kolkata' AND sequence = 4 "
              + "| final_bills periods prices",
          "usage_events | currency = 'EUR' | account = 'kolkata' AND sequence = 4 | costs",
          "usage_events | `charges.amount` = arrayMap(a -> a * 2, `charges.amount`), "
              + "cost = cost * 2 | account = 'globex' AND sequence = 7 | balances bill_lines "
              + "charges ledger ledger_accounts re_ratings tiers windows",
          "usage_events | `charges.quantity` = arrayMap(q -> q + 1, `charges.quantity`) "
              + "| account = 'acme' AND sequence = 2 AND cost > 0 | bill_lines charges",
          "usage_events | sequence = 3 | account = 'globex' AND sequence = 4 | sequences",
          "usage_windows | requests = requests + 1 | account = 'acme' AND granularity = "
              + "'minute' AND segment = 1 | windows",
          "usage_windows | input = input + 1 | account = 'acme' AND granularity = "
              + "'month' AND of_all_keys AND segment = 1 | windows",
          "usage_windows | cost = cost + 0.1 | account = 'kolkata' AND granularity = "
              + "'hour' AND segment = 1 | windows",
          "account_states | spent = spent + 1 | account = 'globex' | balances bill_rows "
              + "ledger",
          "account_states | requests = requests - 1 | account = 'globex' | balances " + "bill_rows",
          "account_states | state = replaceOne(state, "
              + "'\"period\":\"2026-11\",\"requests\":', "
              + "'\"period\":\"2026-11\",\"requests\":1') | account = 'kolkata' | periods",
          "account_states | state = replaceOne(state, '\"amount\":\"50\"', "
              + "'\"amount\":\"51\"') | account = 'acme' | credits ledger",
          "account_states | state = replaceOne(state, '\"drawn\":\"', '\"drawn\":\"1') | "
              + "account = 'acme' | credits",
          "ledger_entries | amount = amount + 1 | account = 'acme' AND posting = 3 AND "
              + "entry = 0 | ledger ledger_accounts",
          "ledger_entries | amount = amount * 2 | account = 'acme' AND posting = 3 | "
              + "ledger ledger_accounts",
          "ledger_entries | amount = amount * 2 | account = 'acme' AND posting = 1 | "
              + "credits ledger ledger_accounts",
          "ledger_entries | amount = amount * 2 | account = 'kolkata' AND kind = 'bill' "
              + "| bills ledger_accounts",
          // What is kept of credit notes, in the ledger, on the bill and in the state.
          "ledger_entries | amount = amount * 2 | account = 'hooli' AND kind = "
              + "'adjustment' | final_bills ledger",
          "bills | bill = replaceAll(bill, '0.0004675', '0.0004676') | account = 'hooli' "
              + "AND number = 2 | bill_rows final_bills",
          "account_states | state = replaceOne(state, '\"noted\":\"2.008925\"', "
              + "'\"noted\":\"2.008\"') | account = 'hooli' | final_bills",
          // A note gives a promotion out as money, in the ledger and on the bill.
          "ledger_entries | ledger = 'receivable' | account = 'hooli' AND kind = "
              + "'credit-note' AND ledger = 'credits' AND posting = 4 | bills credits "
              + "final_bills months",
          "ledger_entries | credit = 'ledger:other' | account = 'hooli' AND kind = "
              + "'credit-note' AND ledger = 'credits' AND posting = 4 | credits final_bills "
              + "months",
          "bills | bill = replaceOne(bill, '\"amount\":\"0.7\"', '\"amount\":\"0.6\"') | "
              + "account = 'hooli' AND number = 1 | bills final_bills",
          "ledger_entries | amount = amount * 2 | account = 'acme' AND kind = "
              + "'re-rating' | credits final_bills ledger ledger_accounts months re_ratings",
          "account_states | state = replaceAll(state, '\"posted\":\"', '\"posted\":\"1') "
              + "| account = 'acme' | re_ratings",
          "account_states | state = replaceAll(state, '\"termsVersion\":3', "
              + "'\"termsVersion\":2') | account = 'acme' | bill_rows re_ratings",
          "bills | bill = replaceOne(bill, '\"kind\":\"re-rating\"', "
              + "'\"kind\":\"debit\"') | account = 'kolkata' | final_bills re_ratings",
          // Words of a bill are hashed, too.
          "bills | bill = replaceOne(bill, '\"reason\":\"new prices\"', "
              + "'\"reason\":\"old prices\"') | account = 'kolkata' | final_bills",
          "bills | amount_due = amount_due + 1 | account = 'kolkata' | bill_rows bills",
          "bills | exact_total = exact_total + 0.000001 | account = 'kolkata' | "
              + "bill_rows bills",
          "bills | content_hash = '00' | account = 'kolkata' | bill_rows final_bills",
          "bills | bill = replaceOne(bill, '\"quantity\":', '\"quantity\":1') | account "
              + "= 'kolkata' | bill_rows final_bills",
          "bills | sequence_to = 75 | account = 'kolkata' | bill_rows final_bills",
          "bills | `lines.amount` = arrayMap(a -> a + 1, `lines.amount`) | account = "
              + "'kolkata' | bill_rows bills",
          "bill_lines | quantity = quantity + 1 | account = 'globex' AND token_class = "
              + "'request' AND period = '2026-11' | bill_amounts bill_lines",
          "bill_lines | amount = amount + 0.000001 | account = 'globex' AND token_class "
              + "= 'output' AND period = '2026-11' AND model = '*' | bill_amounts bill_lines",
          "line_accounting | read = read + 1 | shipment = 'run-1' AND writer = 'shipper' "
              + "| conservation",
          "line_accounting | settled = settled - 1 | shipment = 'run-1' AND writer = "
              + "'account-0' | conservation",
          "line_fates | fate = 'suspense' | shipment = 'run-1' AND offset = 0 | " + "landed_lines",
          "usage_events | `charges.price_version` = arrayMap(v -> replaceOne(v, "
              + "':-12.5%', ''), `charges.price_version`) | account = 'initech' AND model LIKE "
              + "'qwen%' AND has(arrayMap(v -> endsWith(v, '%'), `charges.price_version`), "
              + "true) | bill_lines charges prices",
          // What stands in the columns beside the document.
          "bills | requests = requests + 1 | account = 'kolkata' | bill_rows",
          "bills | currency = 'EUR' | account = 'kolkata' | bill_rows",
          "bills | finalized_at = finalized_at + INTERVAL 1 DAY | account = 'kolkata' | "
              + "bill_rows",
          "bills | sequence_from = sequence_from + 1 | account = 'kolkata' | bill_rows",
          "bills | canonical_form = concat(canonical_form, ' ') | account = 'kolkata' | "
              + "bill_rows",
          "bills | `credits.id` = arrayMap(c -> 'ledger:other', `credits.id`) | account "
              + "= 'hooli' AND number = 1 | bill_rows",
          "bills | `lines.model` = arrayMap(m -> 'other', `lines.model`) | account = "
              + "'kolkata' | bill_rows",
          "account_states | last_completion = last_completion + INTERVAL 1 DAY | account "
              + "= 'kolkata' | balances bill_rows",
          "accounts | currency = 'EUR' | id = 'kolkata' | bill_rows",
          // When the account's writer decided.
          "usage_events | settled = settled + INTERVAL 1 DAY | account = 'globex' AND "
              + "sequence = 20 | instants",
          "usage_events | settled = settled - INTERVAL 1 DAY | account = 'globex' AND "
              + "sequence = 20 | instants",
          "ledger_entries | recorded = recorded - INTERVAL 1 DAY | account = 'hooli' AND "
              + "posting = 4 AND entry = 0 | instants",
          "ledger_entries | recorded = recorded + INTERVAL 1 DAY | account = 'hooli' AND "
              + "posting = 4 | instants",
          // In which currency, when, by whom and why: no hash covers it.
          "ledger_entries | currency = 'EUR' | account = 'globex' AND posting = 1 AND entry = 0 "
              + "| ledger",
          "usage_windows | currency = 'EUR' | account = 'globex' AND granularity = 'day' AND "
              + "segment = 1 | windows",
          "bills | bill = replaceOne(bill, '\"finalizedAt\":\"2026-12-06', "
              + "'\"finalizedAt\":\"2026-12-05'), finalized_at = finalized_at - INTERVAL 1 DAY | "
              + "account = 'kolkata' | final_bills",
          "bills | bill = replaceOne(bill, '\"finalizedBy\":\"ann\"', "
              + "'\"finalizedBy\":\"bob\"') | account = 'hooli' AND number = 2 | final_bills",
          "bills | bill = replaceOne(bill, '\"at\":\"2026-12-06', '\"at\":\"2026-12-05') | "
              + "account = 'hooli' AND number = 1 | final_bills",
          "bills | bill = replaceOne(bill, '\"author\":\"ann\",\"reason\":\"outage\"', "
              + "'\"author\":\"ann\",\"reason\":\"outrage\"') | account = 'hooli' AND number = 1 | "
              + "final_bills",
          "bills | bill = replaceOne(bill, '\"number\":2,\"amount\":\"0.8\"', "
              + "'\"number\":3,\"amount\":\"0.8\"') | account = 'hooli' AND number = 1 | "
              + "final_bills",
          "ledger_entries | reason = 'outrage' | account = 'hooli' AND kind = 'credit-note' AND "
              + "posting = 4 | final_bills",
          "ledger_entries | at = at - INTERVAL 1 DAY | account = 'kolkata' AND kind = 'bill' | "
              + "final_bills",
          // A month without usage is there because of its bill, or of a charge.
          "account_states | state = replaceOne(state, concat(',', "
              + "JSONExtractArrayRaw(state, 'periods')[2]), '') | account = 'hooli' | months",
          // Where money comes from, and until when it pays.
          "ledger_entries | ledger = 'cash' | account = 'acme' AND ledger = 'promotion' "
              + "| ledger_accounts",
          "ledger_entries | credit_until = credit_until - INTERVAL 1 DAY | account = "
              + "'acme' AND credit = 'welcome' AND kind = 'grant' | credits ledger_accounts "
              + "months",
          "usage_events | provider_cost = provider_cost + 1 | account = 'initech' AND "
              + "provider_currency = 'EUR' | provider_costs",
          "usage_events | `provider_charges.amount` = arrayMap(a -> a + 1, "
              + "`provider_charges.amount`) | account = 'initech' AND provider_currency = "
              + "'EUR' | provider_costs",
          // Missing, and there twice.
          "usage_events | - | account = 'globex' AND sequence = 77 | balances bill_lines "
              + "landed_lines ledger ledger_accounts periods sequences windows",
          "usage_events | + completion + INTERVAL 1 MILLISECOND AS completion | account "
              + "= 'acme' AND sequence = 33 | balances bill_lines credits identities "
              + "landed_lines ledger ledger_accounts months periods re_ratings sequences "
              + "windows",
          "usage_windows | - | account = 'acme' AND granularity = 'hour' AND segment = 1 "
              + "| windows",
          "bill_lines | - | account = 'globex' AND token_class = 'request' AND period = "
              + "'2026-11' | bill_lines",
          "ledger_entries | - | account = 'acme' AND posting = 2 | credits ledger "
              + "ledger_accounts months",
          "ledger_entries | - | account = 'hooli' AND kind = 'adjustment' | final_bills "
              + "ledger",
          "bills | - | account = 'kolkata' | bills final_bills months re_ratings",
          "account_states | - | account = 'kolkata' | sequences",
          "line_replays | - | shipment = 'run-1' AND outcome = 'resolved' | landed_lines",
          // One more way each in which a line could be paid twice, or by nobody.
          "usage_events | + 'acme' AS account | account = 'globex' AND has(flags, "
              + "'claimed') | balances bill_lines credits identities landed_lines ledger "
              + "ledger_accounts months periods prices re_ratings sequences windows",
          "usage_events | + toUUID('00000000-0000-0000-0000-000000999999') AS id | "
              + "account = 'globex' AND has(flags, 'claimed') | balances bill_lines identities "
              + "landed_lines ledger ledger_accounts periods re_ratings sequences tiers windows",
          "usage_events | + 'acme' AS account | account = 'globex' AND has(flags, "
              + "'assigned') | balances bill_lines credits identities landed_lines ledger "
              + "ledger_accounts months periods prices re_ratings sequences suspense windows",
          "usage_events | flags = [] | account = 'globex' AND has(flags, 'claimed') | "
              + "identities landed_lines",
          "suspense | account = 'acme' | account = 'globex' AND state = 'assigned' | " + "suspense",
          "suspense | state = 'open' | account = 'globex' AND state = 'assigned' | " + "suspense",
          // The version that was replaced, with the amounts that it gives.
          "usage_events | `charges.price_version` = arrayMap(v -> replaceOne(v, "
              + "'2026-01-01T00:00:00Z:v1', '2026-11-15T00:00:00Z:v1'), "
              + "`charges.price_version`) | account = 'acme' AND completion < '2026-11-14 "
              + "00:00:00' AND arrayExists(v -> startsWith(v, 'list:gpt-4o*:2026-01'), "
              + "`charges.price_version`) | bill_lines charges prices");

  /** What stands in quotes, and is another name in a copy. */
  private static final List<String> ACCOUNTS =
      List.of(
          LandedWorld.FLAT,
          LandedWorld.TIERED,
          LandedWorld.ODD_ZONE,
          LandedWorld.ALL_MODELS,
          LandedWorld.NOTED);

  private static final List<String> OTHERS = List.of("welcome", "run-1");

  /** These belong to no account. */
  private static final Set<String> OF_LINES = Set.of("conservation", "landed_lines", "suspense");

  private static final String LINES = "";
  private static final Pattern OF_COPY = Pattern.compile("-(\\d{2})$");
  private static final Pattern SHIPMENT = Pattern.compile("run-1-(\\d{2}),");
  private static final Pattern LINE = Pattern.compile("line .*-([0-9a-f]{5})[0-9a-f]{7}$");

  /**
   * One of them.
   *
   * @param concerned accounts; the empty one stands for lines
   * @param copy number of the world's copy in which they are
   */
  record Corruption(
      String table,
      String change,
      String where,
      List<String> checks,
      Set<String> concerned,
      int copy) {
    Corruption {
      checks = List.copyOf(checks);
      concerned = Set.copyOf(concerned);
    }

    String name() {
      return "%s: %s where %s".formatted(table, change, where);
    }

    private String named(String text) {
      String named = text;
      for (String name : ACCOUNTS) {
        named = renamed(named, name);
      }
      for (String name : OTHERS) {
        named = renamed(named, name);
      }
      return named;
    }

    private String renamed(String text, String name) {
      return text.replace("'" + name + "'", "'" + LandedWorld.named(name, copy) + "'");
    }

    private String rows() {
      return table + " WHERE " + named(where);
    }

    private boolean isTwin() {
      return change.startsWith("+");
    }

    private String twin() {
      return "INSERT INTO %s SELECT * REPLACE (%s) FROM (SELECT * FROM %s ORDER BY sequence LIMIT 1)"
          .formatted(table, named(change.substring(2)), rows());
    }

    private String command() {
      return change.equals("-")
          ? "DELETE WHERE " + named(where)
          : "UPDATE %s WHERE %s".formatted(named(change), named(where));
    }
  }

  private final List<Corruption> corruptions = new ArrayList<>();
  private int copies;

  Corruptions() {
    Map<Integer, Set<String>> damaged = new TreeMap<>();
    for (String each : ALL) {
      String[] parts = each.split(" \\| ");
      List<String> checks = List.of(parts[3].split(" "));
      Set<String> concerned = new TreeSet<>();
      for (String account : ACCOUNTS) {
        if (each.contains("'" + account + "'")) {
          concerned.add(account);
        }
      }
      if (checks.stream().anyMatch(OF_LINES::contains)) {
        concerned.add(LINES);
      }
      int copy = 1;
      while (damaged.getOrDefault(copy, Set.of()).stream().anyMatch(concerned::contains)) {
        copy++;
      }
      damaged.computeIfAbsent(copy, first -> new TreeSet<>()).addAll(concerned);
      corruptions.add(new Corruption(parts[0], parts[1], parts[2], checks, concerned, copy));
      copies = Math.max(copies, copy);
    }
  }

  List<Corruption> all() {
    return List.copyOf(corruptions);
  }

  /** Lands the world and as many copies as it takes, and damages them: a table at a time. */
  void seed(Connection connection) throws SQLException {
    LandedWorld.land(connection, copies);
    try (Statement statement = connection.createStatement()) {
      Map<String, List<String>> commands = new TreeMap<>();
      for (Corruption each : corruptions) {
        try (ResultSet row = statement.executeQuery("SELECT count() FROM " + each.rows())) {
          row.next();
          assertThat(row.getLong(1)).as("rows to damage: " + each.rows()).isPositive();
        }
        if (each.isTwin()) {
          statement.execute(each.twin());
        } else {
          commands.computeIfAbsent(each.table(), t -> new ArrayList<>()).add(each.command());
        }
      }
      for (Map.Entry<String, List<String>> ofTable : commands.entrySet()) {
        statement.execute(
            "ALTER TABLE %s %s SETTINGS mutations_sync = 2"
                .formatted(ofTable.getKey(), String.join(", ", ofTable.getValue())));
      }
    }
  }

  /** The checks that find them; what none of them explains stands under nothing, in words. */
  Map<Optional<Corruption>, Set<String>> found(AuditReport report) {
    Map<Optional<Corruption>, Set<String>> found = new HashMap<>();
    for (Difference difference : report.differences()) {
      Optional<Corruption> cause = cause(difference);
      found
          .computeIfAbsent(cause, first -> new TreeSet<>())
          .add(cause.isPresent() ? difference.check() : difference.toString());
    }
    return found;
  }

  private Optional<Corruption> cause(Difference difference) {
    int copy = copy(difference);
    String account = OF_COPY.matcher(difference.account()).replaceFirst("");
    return corruptions.stream()
        .filter(each -> each.copy() == copy && each.concerned().contains(account))
        .findFirst();
  }

  private static int copy(Difference difference) {
    Matcher account = OF_COPY.matcher(difference.account());
    if (account.find()) {
      return Integer.parseInt(account.group(1));
    }
    Matcher shipment = SHIPMENT.matcher(difference.subject());
    if (shipment.find()) {
      return Integer.parseInt(shipment.group(1));
    }
    Matcher line = LINE.matcher(difference.subject());
    return line.find() ? Integer.parseInt(line.group(1), 16) : 0;
  }
}
