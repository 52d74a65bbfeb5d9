package dev.taximeter.standalone.audit;

import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;

/**
 * An account that is used all the time: each step lands some events, what follows from them, now
 * and then a posting of the ledger, and in the end the state; one table after the other, as topics
 * land.
 */
final class BusyAccount {
  static final String ID = "busy";

  private static final Instant START = Instant.parse("2026-11-20T00:00:00Z");
  private static final BigDecimal TOP_UP = new BigDecimal("1000");
  private static final int EVENTS_PER_STEP = 7;
  private static final int STEPS_PER_POSTING = 5;

  private final Connection connection;

  /** Price version and price per million of the model's input. */
  private final String priceVersion;

  private final BigDecimal cost;
  private long sequence;
  private long posted;
  private long postings;
  private long step;

  /** By how much more was charged, as its state has it; 0 is right. */
  volatile BigDecimal wrong = BigDecimal.ZERO;

  /**
   * @param cost of a request of a million tokens
   */
  BusyAccount(Connection connection, String priceVersion, BigDecimal cost) throws SQLException {
    this.connection = connection;
    this.priceVersion = priceVersion;
    this.cost = cost;
    insert(
        "accounts (id, version, name, currency, timezone, plan)",
        "('busy', 1, 'busy', 'USD', 'UTC', 'pay-as-you-go')");
    post("top-up", "cash", "", "ledger:top-up", TOP_UP, "credits");
    step();
  }

  private void insert(String into, String rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO " + into + " VALUES " + rows);
    }
  }

  private BigDecimal costOf(long requests) {
    return cost.multiply(BigDecimal.valueOf(requests));
  }

  void step() throws SQLException {
    step++;
    StringBuilder events = new StringBuilder();
    Instant at = START.plusSeconds(step);
    for (int i = 0; i < EVENTS_PER_STEP; i++) {
      sequence++;
      events.append(
          "(toUUID('00000000-0000-0000-beef-%012d'), 'busy', %d, 'billed', 'k', 'embed-3', 1000000, '%s', '%s', 'USD', %s, ['input'], ['embed-3'], ['%s'], [1000000], [%s], %d) "
              .formatted(
                  sequence, sequence, clock(at), clock(at), cost, priceVersion, cost, sequence));
    }
    insert(
        "usage_events (id, account, sequence, fate, key, model, input, completion, arrival, currency, cost, charges.token_class, charges.model, charges.price_version, charges.quantity, charges.amount, record_offset)",
        events.toString());
    StringBuilder windows = new StringBuilder();
    for (String granularity : List.of("minute", "hour", "day", "month")) {
      for (String key : List.of("'k', false", "'', true")) {
        windows.append(
            "('busy', %s, 'embed-3', '%s', toStartOf%s(toDateTime('%s', 'UTC')), %d, %d, %d, %d, 'USD', %s, %d) "
                .formatted(
                    key,
                    granularity,
                    Character.toUpperCase(granularity.charAt(0)) + granularity.substring(1),
                    clock(at).substring(0, 19),
                    step,
                    sequence,
                    EVENTS_PER_STEP,
                    EVENTS_PER_STEP * 1_000_000,
                    costOf(EVENTS_PER_STEP),
                    sequence));
      }
    }
    insert(
        "usage_windows (account, key, of_all_keys, model, granularity, start, segment, sequence, requests, input, currency, cost, record_offset)",
        windows.toString());
    insert(
        "bill_lines (account, period, model, token_class, price_version, quantity, amount, sequence, record_offset)",
        "('busy', '2026-11', 'embed-3', 'input', '%s', %d, %s, %d, %d)"
            .formatted(priceVersion, sequence * 1_000_000, costOf(sequence), sequence, sequence));
    if (step % STEPS_PER_POSTING == 0) {
      BigDecimal more = costOf(sequence - posted);
      posted = sequence;
      post("usage", "unbilled", "2026-11", "", more, "usage");
      post("usage", "credits", "", "ledger:top-up", more, "unbilled");
    }
    state(at);
  }

  private static String clock(Instant at) {
    return at.toString().replace('T', ' ').replace("Z", "") + ".000";
  }

  private void post(
      String kind, String debit, String period, String credit, BigDecimal amount, String other)
      throws SQLException {
    postings++;
    StringBuilder rows = new StringBuilder();
    for (int entry = 0; entry < 2; entry++) {
      rows.append(
          "('busy', %d, %d, '%s', '%s', %d, 'USD', '%s', '%s', '%s', '%s', %s, %d, %d) "
              .formatted(
                  postings,
                  entry,
                  kind,
                  clock(START),
                  sequence,
                  kind.equals("top-up") ? "top-up" : "",
                  entry == 0 ? debit : other,
                  period,
                  credit,
                  entry == 0 ? amount : amount.negate(),
                  kind.equals("top-up") ? 100 : -1,
                  postings));
    }
    insert(
        "ledger_entries (account, posting, entry, kind, at, sequence, currency, command_id, ledger, period, credit, amount, credit_priority, record_offset)",
        rows.toString());
  }

  private void state(Instant at) throws SQLException {
    BigDecimal spent = costOf(sequence);
    AccountRecord state =
        new AccountRecord.Summary(
            ID,
            sequence,
            2,
            "USD",
            "UTC",
            spent,
            sequence,
            List.of(
                new CreditState(
                    "ledger:top-up",
                    CreditKind.TOP_UP,
                    100,
                    TOP_UP,
                    null,
                    null,
                    BigDecimal.ZERO,
                    spent)),
            List.of(
                new AccountRecord.MonthTotals(
                    YearMonth.of(2026, 11),
                    sequence,
                    0,
                    0,
                    sequence,
                    new PeriodBilling(
                        0,
                        0,
                        List.of(new CreditUse("ledger:top-up", spent)),
                        List.of(),
                        null,
                        null))),
            at,
            new AccountState.Books(START, postings, 0, wrong, BigDecimal.ZERO));
    insert(
        "account_states (account, sequence, terms_version, currency, zone, spent, requests, last_completion, state, record_offset)",
        "('busy', %d, 2, 'USD', 'UTC', %s, %d, '%s', '%s', %d)"
            .formatted(
                sequence, spent, sequence, clock(at), Json.MAPPER.writeValueAsString(state), step));
  }
}
