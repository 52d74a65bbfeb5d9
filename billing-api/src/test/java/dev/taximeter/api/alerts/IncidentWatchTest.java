package dev.taximeter.api.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.audit.AuditTrouble;
import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Incident;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Incidents begin once and end once. */
class IncidentWatchTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");

  private final InMemoryIncidents incidents = new InMemoryIncidents();
  private final List<Condition> wrong = new ArrayList<>();
  private boolean down;

  private final ConditionSource source =
      new ConditionSource() {
        @Override
        public Set<AlertKind> kinds() {
          return Set.of(AlertKind.GAP, AlertKind.RESIDUAL);
        }

        @Override
        public List<Condition> now(Instant now) {
          if (down) {
            throw new HistoryUnavailableException("down", new IllegalStateException());
          }
          return List.copyOf(wrong);
        }
      };

  private final IncidentWatch watch = new IncidentWatch(List.of(source), incidents);

  private static Condition condition(AlertKind kind, String subject) {
    return new Condition(kind, null, subject, "text", Map.of("value", "1"));
  }

  private List<Incident> look(IncidentWatch by, Instant at) {
    List<Incident> changes = by.changes(at);
    changes.forEach(incidents::put);
    return changes;
  }

  @Test
  void beginsAndEndsOnceWhoeverLooks() {
    wrong.add(condition(AlertKind.GAP, "h:/a"));
    List<Incident> begun = look(watch, NOW);
    assertThat(begun).hasSize(1);
    assertThat(begun.get(0).resolvedAt()).isNull();
    assertThat(look(watch, NOW.plusSeconds(2))).isEmpty();
    // Another process takes over: it knows what the topic says.
    IncidentWatch successor = new IncidentWatch(List.of(source), incidents);
    assertThat(look(successor, NOW.plusSeconds(4))).isEmpty();

    wrong.clear();
    List<Incident> ended = look(successor, NOW.plusSeconds(6));
    assertThat(ended).hasSize(1);
    assertThat(ended.get(0).id()).isEqualTo(begun.get(0).id());
    assertThat(ended.get(0).resolvedAt()).isEqualTo(NOW.plusSeconds(6));
    assertThat(ended.get(0).revision()).isEqualTo(2);
    assertThat(look(successor, NOW.plusSeconds(8))).isEmpty();

    wrong.add(condition(AlertKind.GAP, "h:/a"));
    assertThat(look(successor, NOW.plusSeconds(10)).get(0).id()).isNotEqualTo(begun.get(0).id());
  }

  @Test
  void whatCannotBeSaidStaysAsItIs() {
    wrong.add(condition(AlertKind.GAP, "h:/a"));
    look(watch, NOW);
    down = true;
    assertThat(look(watch, NOW.plusSeconds(2))).isEmpty();
    assertThat(incidents.all()).extracting(Incident::resolvedAt).containsOnlyNulls();
  }

  @Test
  void aNumberThatIsOffForAMomentIsNoIncident() {
    wrong.add(condition(AlertKind.RESIDUAL, ""));
    assertThat(look(watch, NOW)).isEmpty();
    assertThat(look(watch, NOW.plusSeconds(30))).isEmpty();
    wrong.clear();
    assertThat(look(watch, NOW.plusSeconds(50))).isEmpty();
    wrong.add(condition(AlertKind.RESIDUAL, ""));
    assertThat(look(watch, NOW.plusSeconds(70))).as("counted anew").isEmpty();
    assertThat(look(watch, NOW.plusSeconds(130))).hasSize(1);
    wrong.clear();
    assertThat(look(watch, NOW.plusSeconds(132))).isEmpty();
    assertThat(look(watch, NOW.plusSeconds(192))).hasSize(1);
  }

  /** Looks until there is nothing new. */
  private int lookAll() {
    int begun = 0;
    for (int i = 0; i < 20; i++) {
      List<Incident> changes = look(watch, NOW.plusSeconds(i));
      assertThat(changes).hasSizeLessThanOrEqualTo(IncidentWatch.MOST_CHANGES);
      begun += changes.size();
    }
    return begun;
  }

  @Test
  void ofTheInstallationThereAreNotMoreThanPeopleCanRead() {
    for (int i = 0; i <= IncidentWatch.MOST_OPEN_OF_A_KIND; i++) {
      wrong.add(condition(AlertKind.GAP, "h:/" + i));
    }
    assertThat(lookAll()).isEqualTo(IncidentWatch.MOST_OPEN_OF_A_KIND);
  }

  @Test
  void everyAccountIsTold() {
    for (int i = 0; i <= IncidentWatch.MOST_OPEN_OF_A_KIND; i++) {
      wrong.add(new Condition(AlertKind.GAP, "account-" + i, "", "text", Map.of()));
    }
    assertThat(lookAll()).isEqualTo(IncidentWatch.MOST_OPEN_OF_A_KIND + 1);
  }

  @Test
  void twoWhoFindTheSameBeginTheSame() {
    wrong.add(condition(AlertKind.GAP, "h:/a"));
    IncidentWatch other = new IncidentWatch(List.of(source), incidents);
    String first = watch.changes(NOW).get(0).id();
    Incident same = other.changes(NOW.plusSeconds(3)).get(0);
    assertThat(same.id()).isEqualTo(first);
    incidents.put(same.resolved(NOW.plusSeconds(9)));

    String next = watch.changes(NOW.plusSeconds(10)).get(0).id();
    assertThat(next).isNotEqualTo(first);
    assertThat(other.changes(NOW.plusSeconds(11)).get(0).id()).isEqualTo(next);
  }

  @Test
  void aSourceThatFailsKeepsNoOtherSilent() {
    ConditionSource broken =
        new ConditionSource() {
          @Override
          public Set<AlertKind> kinds() {
            return Set.of(AlertKind.DRIFT);
          }

          @Override
          public List<Condition> now(Instant now) {
            throw new IllegalStateException("a defect");
          }
        };
    IncidentWatch both = new IncidentWatch(List.of(broken, source), incidents);
    wrong.add(condition(AlertKind.GAP, "h:/a"));

    assertThat(look(both, NOW)).hasSize(1);
    assertThat(both.defects()).isEqualTo(1);
  }

  @Test
  void theOldestThatAreOverAreForgotten() {
    for (int i = 0; i < IncidentWatch.MOST_INCIDENTS + 2; i++) {
      Incident one =
          new Incident(
              new UUID(0, i).toString(),
              1,
              AlertKind.GAP,
              null,
              "h:/" + i,
              "text",
              Map.of(),
              NOW.plusSeconds(i),
              null);
      incidents.put(i == 0 ? one : one.resolved(NOW.plusSeconds(i + 1)));
    }
    assertThat(watch.forgotten())
        .containsExactly(new UUID(0, 1).toString(), new UUID(0, 2).toString());
  }

  private static AccountState state(String granted, String spent, long unpriced) {
    List<AccountState.Period> periods =
        List.of(new AccountState.Period(YearMonth.of(2026, 11), 3, unpriced, List.of()));
    List<CreditState> credits =
        granted == null
            ? List.of()
            : List.of(new CreditState("c", new BigDecimal(granted), null, BigDecimal.ZERO));
    return new AccountState(
        "acme", 7, 1, "USD", "UTC", new BigDecimal(spent), 3, credits, periods, null);
  }

  private static List<Condition> conditions(AccountState state) {
    return new BalanceConditions(
            new dev.taximeter.api.accounts.AccountStates() {
              @Override
              public boolean complete() {
                return true;
              }

              @Override
              public AccountState find(String account) {
                return state;
              }

              @Override
              public Collection<AccountState> all() {
                return List.of(state);
              }
            },
            10)
        .now(NOW);
  }

  @Test
  void aBalanceIsLowAtATenthAndUsedUpAtNothing() {
    assertThat(conditions(state("50", "44.999999", 0))).isEmpty();
    assertThat(conditions(state(null, "44", 0))).as("pays by bill").isEmpty();
    assertThat(conditions(state("50", "45", 0)))
        .extracting(Condition::kind)
        .containsExactly(AlertKind.BALANCE_LOW);
    List<Condition> usedUp = conditions(state("50", "50", 0));
    assertThat(usedUp)
        .extracting(Condition::kind)
        .containsExactly(AlertKind.BALANCE_LOW, AlertKind.BALANCE_EXHAUSTED);
    assertThat(usedUp.get(0).text()).isEqualTo("Nothing is left of 50 USD.");
    assertThat(usedUp.get(0).details())
        .containsEntry("value", "0")
        .containsEntry("limit", "5")
        .containsEntry("sequence", "7");
    assertThat(usedUp.get(1).text())
        .isEqualTo("The balance is 0 USD; the 50 USD that were granted are used up or expired.");
  }

  private static AccountState granted(String spent, CreditState... credits) {
    return new AccountState(
        "acme", 7, 1, "USD", "UTC", new BigDecimal(spent), 3, List.of(credits), List.of(), null);
  }

  private static CreditState credit(int number, String drawn, Instant from) {
    return new CreditState(
        "c" + number,
        AccountState.CreditKind.TOP_UP,
        1,
        new BigDecimal("100"),
        from,
        null,
        BigDecimal.ZERO,
        new BigDecimal(drawn));
  }

  @Test
  void whatWasUsedUpLongAgoDoesNotRaiseTheLimit() {
    CreditState[] ten = new CreditState[10];
    for (int i = 0; i < 10; i++) {
      ten[i] = credit(i, i < 9 ? "100" : "89", null);
    }
    assertThat(conditions(granted("989", ten))).as("11 of 100 are left").isEmpty();
    ten[9] = credit(9, "90", null);
    assertThat(conditions(granted("990", ten)))
        .extracting(it -> it.kind() + " " + it.text())
        .containsExactly("BALANCE_LOW 10 USD are left of 100 USD.");
    ten[9] = credit(9, "100", null);
    assertThat(conditions(granted("1000", ten)))
        .extracting(Condition::kind)
        .containsExactly(AlertKind.BALANCE_LOW, AlertKind.BALANCE_EXHAUSTED);
  }

  @Test
  void creditThatIsYetToComeIsNotUsedUp() {
    assertThat(conditions(granted("0", credit(1, "0", NOW.plusSeconds(1))))).isEmpty();
  }

  @Test
  void whatExpiredIsToldAsGranted() {
    CreditState trial =
        new CreditState("trial", new BigDecimal("5"), NOW.minusSeconds(1), BigDecimal.ZERO);
    assertThat(conditions(granted("2", trial)))
        .extracting(Condition::text)
        .containsExactly(
            "Nothing is left of 5 USD.",
            "The balance is -2 USD; the 5 USD that were granted are used up or expired.");
  }

  @Test
  void requestsWithoutAPriceAreToldUntilTheirMonthIsBilled() {
    AccountState.Period open = new AccountState.Period(YearMonth.of(2026, 10), 3, 1, List.of());
    AccountState.Period billed =
        new AccountState.Period(
            YearMonth.of(2026, 9),
            3,
            1,
            List.of(),
            new AccountState.PeriodBilling(1, 1, List.of(), List.of(), null, null),
            List.of());
    AccountState.Period priced = new AccountState.Period(YearMonth.of(2026, 11), 3, 0, List.of());
    AccountState state =
        new AccountState(
            "acme",
            7,
            1,
            "USD",
            "UTC",
            BigDecimal.ZERO,
            9,
            List.of(),
            List.of(billed, open, priced),
            null);
    assertThat(conditions(state)).extracting(Condition::subject).containsExactly("2026-10");
  }

  @Test
  void requestsWithoutAPriceAreTold() {
    Condition condition = conditions(state(null, "0", 2)).get(0);

    assertThat(condition.kind()).isEqualTo(AlertKind.UNPRICED_MODEL);
    assertThat(condition.account()).isEqualTo("acme");
    assertThat(condition.subject()).isEqualTo("2026-11");
  }

  private static DriftConditions drift(boolean on, Instant completed, long drift, String failure) {
    return new DriftConditions(
        () -> new AuditProgress.State(on, NOW, completed, 1, 1, drift, List.of(), failure, null));
  }

  @Test
  void anAuditThatCannotLookForLongIsTold() {
    AuditTrouble stalled =
        new AuditTrouble(AuditTrouble.Kind.STALLED, NOW, "Nothing was audited for an hour.");
    DriftConditions conditions =
        new DriftConditions(
            () ->
                new AuditProgress.State(
                    true, NOW, null, 1, 0, 0, List.of(), "unreachable", stalled));

    assertThat(conditions.now(NOW))
        .singleElement()
        .satisfies(condition -> assertThat(condition.text()).contains("for an hour"));
  }

  @Test
  void anAuditThatHasNotLookedSaysNothing() {
    assertThat(drift(true, NOW, 0, null).now(NOW)).isEmpty();
    assertThat(drift(true, null, 2, null).now(NOW)).hasSize(1);
    assertThat(drift(true, NOW, 2, "down").now(NOW)).hasSize(1);
    for (DriftConditions unknown :
        List.of(
            drift(true, null, 0, null), drift(false, NOW, 0, null), drift(true, NOW, 0, "down"))) {
      assertThatThrownBy(() -> unknown.now(NOW)).isInstanceOf(UnknownConditionException.class);
    }
  }

  @Test
  void whatEndsIsToldUnderTheSameAlert() {
    wrong.add(condition(AlertKind.GAP, "h:/a"));
    Incident begun = look(watch, NOW).get(0);
    AlertMessage first = AlertMessages.of(begun);
    AlertMessage last = AlertMessages.of(begun.resolved(NOW.plus(Duration.ofMinutes(1))));

    assertThat(first.type()).isEqualTo("alert.gap");
    assertThat(last.type()).isEqualTo("alert.gap.resolved");
    assertThat(last.alert()).isEqualTo(first.alert());
    assertThat(last.title()).isEqualTo("Over: Missing bytes: h:/a");
  }
}
