package dev.taximeter.api.alerts;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Accounts that were granted something of which little or nothing is left, and accounts with
 * requests that had no price, from the states that the accounts' writers publish.
 */
public final class BalanceConditions implements ConditionSource {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final AccountStates states;
  private final BigDecimal lowPercent;

  /**
   * @param lowPercent a balance is low at so many percent of the credits that are not used up
   */
  public BalanceConditions(AccountStates states, int lowPercent) {
    this.states = states;
    this.lowPercent = BigDecimal.valueOf(lowPercent);
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.BALANCE_LOW, AlertKind.BALANCE_EXHAUSTED, AlertKind.UNPRICED_MODEL);
  }

  @Override
  public List<Condition> now(Instant now) {
    List<Condition> found = new ArrayList<>();
    for (AccountState state : states.all()) {
      if (!state.account().startsWith(Holders.UNATTRIBUTED)) {
        balance(state, now, found);
        unpriced(state, found);
      }
    }
    return found;
  }

  private void balance(AccountState state, Instant now, List<Condition> found) {
    // An account whose credit has expired was granted something, too; one whose credit is yet to
    // come was not.
    List<CreditState> granted =
        state.credits().stream().filter(credit -> !credit.isUpcoming(now)).toList();
    if (granted.isEmpty()) {
      return;
    }
    BigDecimal balance = Decimals.canonical(state.granted(now).subtract(state.spent()));
    BigDecimal live =
        sum(
            granted.stream()
                .filter(credit -> credit.isInForce(now) && credit.remaining(now).signum() > 0));
    BigDecimal limit = Decimals.canonical(live.multiply(lowPercent).divide(HUNDRED));
    if (balance.compareTo(limit) <= 0) {
      BigDecimal of = live.signum() > 0 ? live : sum(granted.stream());
      found.add(
          condition(
              AlertKind.BALANCE_LOW,
              state,
              balance,
              limit,
              of,
              balance.signum() > 0
                  ? "%s %s are left of %s %2$s."
                  : "Nothing is left of %3$s %2$s."));
    }
    if (balance.signum() <= 0) {
      found.add(
          condition(
              AlertKind.BALANCE_EXHAUSTED,
              state,
              balance,
              BigDecimal.ZERO,
              sum(granted.stream()),
              "The balance is %s %s; the %s %2$s that were granted are used up or expired."));
    }
  }

  private static BigDecimal sum(Stream<CreditState> credits) {
    return credits.map(CreditState::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Condition condition(
      AlertKind kind,
      AccountState state,
      BigDecimal balance,
      BigDecimal limit,
      BigDecimal of,
      String sentence) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("value", Decimals.plain(balance));
    details.put("limit", Decimals.plain(limit));
    details.put("currency", state.currency());
    details.put("sequence", Long.toString(state.sequence()));
    return new Condition(
        kind,
        state.account(),
        "",
        sentence.formatted(
            Decimals.plain(balance), state.currency(), Decimals.plain(Decimals.canonical(of))),
        details);
  }

  /**
   * Of months that are not billed yet: once there is a price, a re-rating brings it on the bill.
   */
  private static void unpriced(AccountState state, List<Condition> found) {
    for (AccountState.Period period : state.periods()) {
      if (period.unpriced() > 0 && period.billing().bill() == 0) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("value", Long.toString(period.unpriced()));
        details.put("limit", "0");
        details.put("sequence", Long.toString(state.sequence()));
        found.add(
            new Condition(
                AlertKind.UNPRICED_MODEL,
                state.account(),
                period.period().toString(),
                "Requests of %s that had no price and cost nothing: %d; GET /v1/usage by model shows which."
                    .formatted(period.period(), period.unpriced()),
                details));
      }
    }
  }
}
