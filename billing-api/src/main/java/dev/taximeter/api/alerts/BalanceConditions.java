package dev.taximeter.api.alerts;

import dev.taximeter.api.accounts.AccountStates;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    if (state.credits().stream().allMatch(credit -> credit.isUpcoming(now))) {
      return;
    }
    BigDecimal granted = state.granted(now);
    BigDecimal balance = Decimals.canonical(granted.subtract(state.spent()));
    BigDecimal live = live(state, now);
    BigDecimal limit = Decimals.canonical(live.multiply(lowPercent).divide(HUNDRED));
    if (balance.compareTo(limit) <= 0) {
      BigDecimal of = live.signum() > 0 ? live : granted;
      found.add(
          condition(
              AlertKind.BALANCE_LOW, state, balance, limit, of, "%s %s are left of %s %2$s."));
    }
    if (balance.signum() <= 0) {
      found.add(
          condition(
              AlertKind.BALANCE_EXHAUSTED,
              state,
              balance,
              BigDecimal.ZERO,
              granted,
              "The balance is %s %s; %s %2$s were granted."));
    }
  }

  /** Amounts of the credits in force of which something is left: what was used up is history. */
  private static BigDecimal live(AccountState state, Instant now) {
    return state.credits().stream()
        .filter(credit -> credit.isInForce(now) && credit.remaining(now).signum() > 0)
        .map(AccountState.CreditState::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
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

  private static void unpriced(AccountState state, List<Condition> found) {
    if (state.periods().isEmpty()) {
      return;
    }
    AccountState.Period latest = state.periods().get(state.periods().size() - 1);
    if (latest.unpriced() > 0) {
      Map<String, String> details = new LinkedHashMap<>();
      details.put("value", Long.toString(latest.unpriced()));
      details.put("limit", "0");
      details.put("sequence", Long.toString(state.sequence()));
      found.add(
          new Condition(
              AlertKind.UNPRICED_MODEL,
              state.account(),
              latest.period().toString(),
              "%d requests had no price and cost nothing; GET /v1/usage by model shows which."
                  .formatted(latest.unpriced()),
              details));
    }
  }
}
