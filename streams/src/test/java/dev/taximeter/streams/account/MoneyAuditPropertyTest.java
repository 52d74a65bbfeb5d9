package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.MoneyHistory;
import dev.taximeter.api.audit.MoneyThen;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import tools.jackson.databind.JsonNode;

/**
 * Whatever happens to an account, the audit's second reading of the rules comes to what its writer
 * decided; and to what it had decided at any earlier moment.
 */
class MoneyAuditPropertyTest {
  /** A state that somebody may have seen: the ledger may be behind usage. */
  private record Seen(long sequence, long posting, String money) {}

  /** Earlier moments of a history that are derived again. */
  private static final int MOST_LOOKS = 5;

  private Life life = new Life();
  private List<Seen> seen = new ArrayList<>();

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void aCleanHistoryRaisesNoAlarm(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    live(seed);
    Random random = new Random(seed);
    Collections.shuffle(seen, random);
    for (Seen each : seen.subList(0, Math.min(MOST_LOOKS, seen.size()))) {
      MoneyThen then =
          LandedMachine.history(life.machine, life.terms, each.sequence, each.posting).then();
      assertThat(money(then)).isEqualTo(each.money);
    }
  }

  private void live(long seed) throws SQLException {
    // One instance makes all tries.
    life = new Life();
    seen = new ArrayList<>();
    Random random = new Random(seed);
    life.live(
        seed,
        () -> {
          look();
          if (random.nextInt(6) == 0) {
            audit();
          }
        });
    audit();
  }

  /**
   * One figure of a history is made wrong that adds up nonetheless: of a note, of what is kept of
   * it, of a bill (which is hashed again), of the ledger's accounts, of the account's state.
   */
  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void everyForgeryIsFound(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    live(seed);
    MoneyHistory clean = LandedMachine.history(life.machine, life.terms);
    Random random = new Random(seed);
    for (Map.Entry<String, MoneyHistory> each : new Forger(clean, random).forgeries().entrySet()) {
      assertThat(each.getValue().differences()).as(each.getKey()).isNotEmpty();
    }
  }

  private void audit() throws SQLException {
    life.machine.sweep();
    life.look(this::look);
    assertThat(LandedMachine.history(life.machine, life.terms).differences()).isEmpty();
  }

  private void look() {
    JsonNode state = life.machine.summary;
    seen.add(
        new Seen(
            state.path("sequence").asLong(),
            state.path("books").path("postings").asLong(),
            money(state)));
  }

  /** What no bill has, and what pays for it. */
  private static String money(JsonNode state) {
    Map<String, String> money = new TreeMap<>();
    Map<String, String> credits = new TreeMap<>();
    for (JsonNode credit : state.path("credits")) {
      credits.put(
          credit.path("id").asString(),
          credit.path("kind").asString() + ' ' + credit.path("reason").asString(""));
    }
    for (JsonNode period : state.path("periods")) {
      String month = period.path("period").asString();
      JsonNode billing = period.path("billing");
      for (JsonNode use : billing.path("creditsApplied")) {
        String credit = use.path("credit").asString();
        money.put(month + ' ' + credit, amount(use) + ' ' + credits.get(credit));
      }
      for (JsonNode charge : billing.path("charges")) {
        money.put(charge.path("id").asString(), amount(charge));
      }
    }
    return money.toString();
  }

  private static String amount(JsonNode node) {
    return plain(new BigDecimal(node.path("amount").asString()));
  }

  private static String money(MoneyThen then) {
    Map<String, String> money = new TreeMap<>();
    then.uses()
        .forEach(
            (month, uses) ->
                uses.forEach(
                    (credit, amount) -> {
                      MoneyThen.Credit known = then.credits().get(credit);
                      money.put(
                          month + ' ' + credit,
                          plain(amount) + ' ' + known.kind() + ' ' + known.reason());
                    }));
    then.charges().forEach(charge -> money.put(charge.id(), plain(charge.amount())));
    return money.toString();
  }

  private static String plain(BigDecimal amount) {
    return amount.stripTrailingZeros().toPlainString();
  }
}
