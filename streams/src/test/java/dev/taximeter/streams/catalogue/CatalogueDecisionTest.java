package dev.taximeter.streams.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.Command;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogueDecisionTest {
  private static final Instant NOW = Instant.parse("2026-11-20T00:00:00Z");
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant FEBRUARY = Instant.parse("2026-02-01T00:00:00Z");

  private static PriceEntry entry(String model, Instant from, String price) {
    return new PriceEntry(
        "list",
        model,
        from,
        0,
        Map.of(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal(price))));
  }

  private static PriceBook book(PriceEntry... entries) {
    return new PriceBook("list", "USD", List.of(entries));
  }

  private static Account account(String id) {
    return new Account(id, "Name", "USD", ZoneId.of("UTC"), "pay");
  }

  private static Plan plan(String perRequest) {
    return new Plan("pay", "list", new BigDecimal(perRequest), 0);
  }

  private static ApiKey key(String account, String name, char digit) {
    return new ApiKey(account, name, String.valueOf(digit).repeat(64), "");
  }

  private static Catalog accounts(Account... accounts) {
    return new Catalog(List.of(accounts), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static Catalog keys(ApiKey... keys) {
    return new Catalog(List.of(), List.of(keys), List.of(), List.of(), List.of(), List.of());
  }

  private static Catalog books(PriceBook... books) {
    return new Catalog(List.of(), List.of(), List.of(books), List.of(), List.of(), List.of());
  }

  private static Catalog plans(Plan... plans) {
    return new Catalog(List.of(), List.of(), List.of(), List.of(plans), List.of(), List.of());
  }

  private static Catalog quotas(Quota... quotas) {
    return new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(quotas), List.of());
  }

  private static Catalog credits(Credit... credits) {
    return new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(credits));
  }

  private static Quota quota(String account, String key, String limit, Integer... thresholds) {
    return new Quota(
        "q",
        account,
        key,
        null,
        Quota.Metric.COST,
        Quota.Window.DAY,
        new BigDecimal(limit),
        List.of(thresholds));
  }

  private static CatalogueDecision decide(CatalogueBook before, Catalog upsert) {
    return CatalogueDecision.on(
        new Command("c", "author", "reason", NOW, upsert, List.of()), before, NOW);
  }

  private static CatalogueBook loaded() {
    Catalog first =
        new Catalog(
            List.of(account("acme"), account("globex")),
            List.of(key("acme", "prod", 'a')),
            List.of(book(entry("*", JANUARY, "1"))),
            List.of(plan("0")),
            List.of(),
            List.of());
    CatalogueDecision decision = decide(CatalogueBook.EMPTY, first);
    assertThat(decision.result().problems()).isEmpty();
    return decision.after();
  }

  private static void assertRefused(Catalog upsert, String... words) {
    CatalogueBook before = loaded();
    CatalogueDecision decision = decide(before, upsert);
    assertThat(decision.result().accepted()).isFalse();
    assertThat(decision.result().catalogVersion()).isEqualTo(1);
    assertThat(decision.result().problems()).singleElement().asString().contains(words);
    assertThat(decision.after()).isSameAs(before);
    assertThat(decision.records()).isEmpty();
    assertThat(decision.terms()).isEmpty();
  }

  @Test
  void oneCommandIsOneVersionAndItsLastRecordSaysSo() {
    CatalogueDecision decision = decide(loaded(), accounts(account("new-1"), account("new-2")));
    assertThat(decision.result().accepted()).isTrue();
    assertThat(decision.result().changed()).containsExactly("account/new-1", "account/new-2");
    assertThat(decision.records())
        .extracting(CatalogRecord::recordKey)
        .containsExactly("account/new-1@2", "account/new-2@2");
    assertThat(decision.records()).extracting(CatalogRecord::last).containsExactly(false, true);
    assertThat(decision.terms())
        .extracting(terms -> terms.account().id())
        .containsExactly("new-1", "new-2");
  }

  private static Account withChanges(String id, PlanChange... changes) {
    return account(id).withDetails(AccountDetails.NONE.withPlanChanges(List.of(changes)));
  }

  private static Plan other() {
    return new Plan("other", "list", BigDecimal.ONE, 0);
  }

  @Test
  void aPlanChangesFromAnInstantOn() {
    CatalogueBook before = decide(loaded(), plans(other())).after();
    Instant later = NOW.plusSeconds(60);
    CatalogueDecision decision =
        decide(before, accounts(withChanges("acme", new PlanChange(later, "other"))));
    assertThat(decision.result().problems()).isEmpty();
    assertThat(decision.terms())
        .singleElement()
        .satisfies(
            terms -> {
              assertThat(terms.plan().id()).isEqualTo("pay");
              assertThat(terms.laterPlans())
                  .extracting(AccountTerms.LaterPlan::from)
                  .containsExactly(later);
            });
    // A change of the later plan concerns the account, too.
    assertThat(
            decide(decision.after(), plans(new Plan("other", "list", BigDecimal.TEN, 0))).terms())
        .extracting(terms -> terms.account().id())
        .containsExactly("acme");
    // What has not begun can be taken back; what has begun stays.
    assertThat(decide(decision.after(), accounts(account("acme"))).result().accepted()).isTrue();
    CatalogueDecision tooLate =
        CatalogueDecision.on(
            new Command("c", "author", "", later, accounts(account("acme")), List.of()),
            decision.after(),
            later.plusMillis(1));
    assertThat(tooLate.result().problems()).singleElement().asString().contains("begun to apply");
  }

  /** History does not tell which usage came before it: the month could not be re-rated. */
  @Test
  void aPlanDoesNotChangeWithinAMillisecond() {
    CatalogueBook before = decide(loaded(), plans(other())).after();
    PlanChange fine = new PlanChange(NOW.plusSeconds(60).plusNanos(500_000), "other");
    assertThat(decide(before, accounts(withChanges("acme", fine))).result().problems())
        .singleElement()
        .asString()
        .contains("at most milliseconds", fine.from().toString());
  }

  @Test
  void aPlanThatWouldReachIntoThePastIsRefused() {
    CatalogueBook before = decide(loaded(), plans(other())).after();
    CatalogueDecision decision =
        decide(before, accounts(withChanges("acme", new PlanChange(NOW.minusMillis(1), "other"))));
    assertThat(decision.result().problems())
        .singleElement()
        .asString()
        .contains("other", "rated already", NOW.toString());
    // A new account has used nothing yet.
    assertThat(
            decide(
                    before,
                    accounts(withChanges("new", new PlanChange(NOW.minusMillis(1), "other"))))
                .result()
                .accepted())
        .isTrue();
  }

  @Test
  void anotherPlanWithoutAnInstantAppliesFromNowOn() {
    CatalogueBook before = decide(loaded(), plans(other())).after();
    Account asked = new Account("acme", "acme", "USD", account("acme").timezone(), "other");
    Account current = before.account("acme");
    Account wanted =
        new Account(
            current.id(),
            current.name(),
            current.currency(),
            current.timezone(),
            asked.plan(),
            current.billing(),
            current.details());
    CatalogueDecision decision = decide(before, accounts(wanted));
    assertThat(decision.after().account("acme").plan()).isEqualTo("pay");
    assertThat(decision.after().account("acme").details().planChanges())
        .containsExactly(new PlanChange(NOW, "other"));
    // Asked again it is what holds already.
    assertThat(
            decide(
                    decision.after(),
                    accounts(
                        new Account(
                            wanted.id(),
                            wanted.name(),
                            wanted.currency(),
                            wanted.timezone(),
                            wanted.plan(),
                            wanted.billing(),
                            decision.after().account("acme").details())))
                .result()
                .changed())
        .isEmpty();
  }

  @Test
  void aDiscountThatLeavesTooManyDigitsIsRefused() {
    Plan discount = new Plan("pay", "list", BigDecimal.ZERO, 0, new BigDecimal("-10"), null);
    assertThat(decide(loaded(), plans(discount)).result().accepted()).isTrue();
    CatalogueBook exact = decide(loaded(), books(book(entry("*", JANUARY, "0.000001")))).after();
    assertThat(decide(exact, plans(discount)).result().problems())
        .singleElement()
        .asString()
        .contains("0.0000009", "plan pay");
    assertRefused(
        plans(new Plan("pay", "list", BigDecimal.ZERO, 0, new BigDecimal("-101"), null)), "-100");
    assertRefused(
        plans(new Plan("pay", "list", BigDecimal.ZERO, 0, BigDecimal.ONE, "list")), "cost book");
  }

  @Test
  void everyPriceModelHasItsRules() {
    assertRefused(
        books(book(priced(new PriceSchedule.Package(0, BigDecimal.ONE)))), "1 token or more");
    assertRefused(books(book(priced(new PriceSchedule.Volume(List.of())))), "no tiers");
    assertRefused(
        books(
            book(
                priced(
                    new PriceSchedule.Allowance(
                        5, new PriceSchedule.Flat(new BigDecimal("0.0000001")))))),
        "6 digits");
    PriceEntry gap =
        new PriceEntry(
            "list",
            "*",
            JANUARY,
            0,
            Map.of(TokenClass.INPUT, new PriceSchedule.Flat(BigDecimal.ONE)),
            List.of(
                new PriceEntry.ContextTier(
                    10, Map.of(TokenClass.OUTPUT, new PriceSchedule.Flat(BigDecimal.ONE)))));
    assertRefused(books(book(gap)), "above 10", "same classes");
  }

  private static PriceEntry priced(PriceSchedule schedule) {
    return new PriceEntry("list", "*", JANUARY, 0, Map.of(TokenClass.INPUT, schedule));
  }

  @Test
  void aCostBookReachesTheAccountsThatItHoldsFor() {
    PriceBook costs =
        new PriceBook(
            "provider",
            "EUR",
            List.of(
                new PriceEntry(
                    "provider",
                    "*",
                    JANUARY,
                    0,
                    Map.of(TokenClass.INPUT, new PriceSchedule.Flat(BigDecimal.ONE)))),
            PriceBook.Purpose.COMMON_COST);
    CatalogueDecision decision = decide(loaded(), books(costs));
    assertThat(decision.terms())
        .hasSize(2)
        .allSatisfy(
            terms ->
                assertThat(terms.otherBooks())
                    .extracting(PriceBook::id)
                    .containsExactly("provider"));
    assertThat(
            decide(
                    decision.after(),
                    books(new PriceBook("provider", "EUR", List.of(), PriceBook.Purpose.PRICE)))
                .result()
                .problems())
        .first()
        .asString()
        .contains("cost book already");
  }

  @Test
  void keysRotateUnderTheirName() {
    ApiKey before = key("acme", "prod", 'a');
    ApiKey next = key("acme", "prod", 'b');
    ApiKey replaced =
        new ApiKey(
            "acme", "prod", before.fingerprint(), before.lastFour(), null, NOW, next.fingerprint());
    CatalogueDecision decision = decide(loaded(), keys(replaced, next));
    assertThat(decision.result().problems()).isEmpty();
    assertThat(decide(decision.after(), keys(before)).result().problems())
        .first()
        .asString()
        .contains("replaced for good");
    assertRefused(keys(next), "rotate it");
    assertRefused(
        keys(new ApiKey("acme", "prod", before.fingerprint(), "", null, null, "c".repeat(64))),
        "not there");
  }

  @Test
  void aKeyThatHasEndedDoesNotComeBack() {
    ApiKey key = key("acme", "prod", 'a');
    ApiKey ended = new ApiKey("acme", "prod", key.fingerprint(), key.lastFour(), null, NOW, null);
    CatalogueBook after = decide(loaded(), keys(ended)).after();
    for (Instant again : new Instant[] {null, NOW.plusSeconds(60)}) {
      ApiKey revived =
          new ApiKey("acme", "prod", key.fingerprint(), key.lastFour(), null, again, null);
      assertThat(decide(after, keys(revived)).result().problems())
          .singleElement()
          .asString()
          .contains("ended for good");
    }
    assertThat(decide(after, keys(ended)).result().changed()).isEmpty();
  }

  @Test
  void keysBelongToTeamsOfTheirAccount() {
    CatalogueBook before = decide(loaded(), Catalog.of(new Team("core", "acme", "Core"))).after();
    ApiKey moved =
        new ApiKey(
            "acme",
            "prod",
            "a".repeat(64),
            key("acme", "prod", 'a').lastFour(),
            "core",
            null,
            null);
    assertThat(decide(before, keys(moved)).result().accepted()).isTrue();
    assertThat(decide(before, Catalog.of(new Team("core", "globex", "Core"))).result().problems())
        .first()
        .asString()
        .contains("another account");
    assertRefused(keys(moved), "team core");
  }

  @Test
  void whatWasChangedMeanwhileIsNotWrittenOver() {
    CatalogueBook before = loaded();
    Command outdated =
        new Command("c", "author", "", NOW, plans(plan("5")), List.of(), Map.of("plan/pay", 7L));
    assertThat(CatalogueDecision.on(outdated, before, NOW).result().problems())
        .containsExactly(
            "plan/pay was changed meanwhile: it is at version 1, not 7; read it again");
    Command current =
        new Command("c", "author", "", NOW, plans(plan("5")), List.of(), Map.of("plan/pay", 1L));
    assertThat(CatalogueDecision.on(current, before, NOW).result().accepted()).isTrue();
  }

  @Test
  void aClosedAccountStaysClosed() {
    AccountDetails closed =
        new AccountDetails(
            List.of(), null, AccountDetails.Status.CLOSED, List.of(), Map.of(), null, NOW);
    CatalogueBook before = decide(loaded(), accounts(account("acme").withDetails(closed))).after();
    assertThat(decide(before, accounts(account("acme"))).result().problems())
        .first()
        .asString()
        .contains("closed for good");
    assertRefused(
        accounts(
            account("acme")
                .withDetails(
                    new AccountDetails(
                        List.of(),
                        null,
                        AccountDetails.Status.CLOSED,
                        List.of(),
                        Map.of(),
                        null,
                        null))),
        "closing");
  }

  @Test
  void theSameAgainChangesNothing() {
    CatalogueBook before = loaded();
    CatalogueDecision decision =
        decide(
            before,
            new Catalog(
                List.of(account("acme")),
                List.of(key("acme", "prod", 'a')),
                List.of(book(entry("*", JANUARY, "1.000"))),
                List.of(plan("0.00")),
                List.of(),
                List.of()));
    assertThat(decision.result().accepted()).isTrue();
    assertThat(decision.result().changed()).isEmpty();
    assertThat(decision.after()).isEqualTo(before);
  }

  @Test
  void pricesThatStayKeepTheVersionThatBroughtThem() {
    CatalogueDecision decision =
        decide(loaded(), books(book(entry("*", JANUARY, "1"), entry("*", FEBRUARY, "2"))));
    assertThat(decision.after().priceBook("list").prices())
        .extracting(PriceEntry::knownSince)
        .containsExactly(1L, 2L);
    assertThat(decision.terms())
        .extracting(terms -> terms.account().id(), AccountTerms::catalogVersion)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("acme", 2L),
            org.assertj.core.groups.Tuple.tuple("globex", 2L));

    CatalogueDecision corrected =
        decide(decision.after(), books(book(entry("*", JANUARY, "1"), entry("*", FEBRUARY, "3"))));
    assertThat(corrected.after().priceBook("list").prices())
        .extracting(PriceEntry::knownSince)
        .containsExactly(1L, 3L);
  }

  @Test
  void aPlanKeepsItsVersionUnlessItChanges() {
    CatalogueDecision decision = decide(loaded(), plans(plan("0.01")));
    assertThat(decision.after().plan("pay").version()).isEqualTo("plan:pay:v1");
    assertThat(decision.after().plan("pay").at(NOW).version()).isEqualTo("plan:pay:v2");
    assertThat(decision.terms()).hasSize(2);
  }

  private static CatalogueDecision decideAt(Instant at, CatalogueBook before, Plan plan) {
    return CatalogueDecision.on(
        new Command("c", "author", "reason", at, plans(plan), List.of()), before, at);
  }

  private static List<String> terms(Plan plan) {
    return plan.versions().stream()
        .map(terms -> terms.effectiveFrom() + " " + terms.perRequest().toPlainString())
        .toList();
  }

  @Test
  void otherTermsOfAPlanHoldFromTheDecisionOn() {
    CatalogueDecision decision = decide(loaded(), plans(plan("0.01")));
    assertThat(terms(decision.after().plan("pay"))).containsExactly("null 0", NOW + " 0.01");
    assertThat(decision.terms().get(0).plan().perRequest()).isZero();
    assertThat(decision.terms().get(0).laterPlans())
        .singleElement()
        .satisfies(
            later -> {
              assertThat(later.from()).isEqualTo(NOW);
              assertThat(later.plan().perRequest()).isEqualByComparingTo("0.01");
            });
    CatalogueBook after = decision.after();
    assertThat(decideAt(NOW.plusSeconds(9), after, plan("0.010")).result().changed()).isEmpty();
    assertThat(terms(decideAt(NOW.plusSeconds(9), after, plan("0")).after().plan("pay")))
        .containsExactly("null 0", NOW + " 0.01", NOW.plusSeconds(9) + " 0");
  }

  @Test
  void aPlanCanBeChangedFromALaterInstantOnAndThatBeTakenBack() {
    Instant later = NOW.plusSeconds(60);
    Plan dearer = plan("1").withEffectiveFrom(later);
    CatalogueBook after = decide(loaded(), plans(dearer)).after();
    assertThat(terms(after.plan("pay"))).containsExactly("null 0", later + " 1");
    assertThat(decide(after, plans(dearer)).result().changed()).isEmpty();
    // The file of before names what holds now.
    assertThat(decide(after, plans(plan("0"))).result().changed()).isEmpty();
    CatalogueBook now = decide(after, plans(plan("0.5"))).after();
    assertThat(terms(now.plan("pay"))).containsExactly("null 0", NOW + " 0.5", later + " 1");
    CatalogueBook back = decide(after, plans(plan("0").withEffectiveFrom(later))).after();
    assertThat(terms(back.plan("pay"))).containsExactly("null 0", later + " 0");
    assertThat(terms(decideAt(later, after, plan("1")).after().plan("pay"))).hasSize(2);
  }

  @Test
  void aPlanThatPricedUsageKeepsItsPast() {
    Plan back = plan("1").withEffectiveFrom(NOW.minusMillis(1));
    assertRefused(plans(back), "plan pay cannot change", "account acme", "re-rate");
    assertRefused(plans(plan("1").withEffectiveFrom(NOW.plusNanos(1))), "milliseconds");
    // Nobody has had it since then.
    CatalogueBook unused = decide(loaded(), plans(other())).after();
    Plan cheaper =
        new Plan("other", "list", BigDecimal.ZERO, 0).withEffectiveFrom(NOW.minusMillis(1));
    assertThat(terms(decide(unused, plans(cheaper)).after().plan("other")))
        .containsExactly("null 1", NOW.minusMillis(1) + " 0");
    CatalogueBook used =
        decide(unused, accounts(withChanges("acme", new PlanChange(NOW, "other")))).after();
    Instant next = NOW.plusSeconds(9);
    assertThat(decideAt(next, used, cheaper.withEffectiveFrom(NOW)).result().problems())
        .singleElement()
        .asString()
        .contains("plan other cannot change from " + NOW);
    assertThat(decideAt(next, used, cheaper).result().accepted()).isFalse();
  }

  @Test
  void allTermsOfAPlanKeepWhatTheyReferTo() {
    PriceBook euros = new PriceBook("euros", "EUR", List.of());
    CatalogueBook before = decide(loaded(), books(euros)).after();
    Plan inEuros =
        new Plan("pay", "euros", BigDecimal.ZERO, 0).withEffectiveFrom(NOW.plusSeconds(9));
    assertThat(decide(before, plans(inEuros)).result().problems())
        .contains("account acme is in USD, its price book euros in EUR");
    Plan discount = new Plan("pay", "list", BigDecimal.ZERO, 0, new BigDecimal("-10"), null);
    CatalogueBook replaced =
        decideAt(NOW.plusSeconds(9), decide(before, plans(discount)).after(), plan("0")).after();
    // The discount prices late usage still.
    assertThat(decide(replaced, books(book(entry("*", JANUARY, "0.000001")))).result().problems())
        .singleElement()
        .asString()
        .contains("0.0000009", "plan pay");
  }

  /** An account's terms have a plan's terms only while the account has the plan. */
  @Test
  void termsOfPlansAndPlansOfAccountsFollowEachOther() {
    Instant first = NOW.plusSeconds(10);
    Instant second = NOW.plusSeconds(20);
    CatalogueBook book = decide(loaded(), plans(other())).after();
    book =
        decide(
                book,
                accounts(
                    withChanges(
                        "acme", new PlanChange(first, "other"), new PlanChange(second, "pay"))))
            .after();
    book = decide(book, plans(plan("3").withEffectiveFrom(NOW.plusSeconds(5)))).after();
    book = decide(book, plans(plan("4").withEffectiveFrom(NOW.plusSeconds(15)))).after();
    CatalogueDecision last =
        decide(
            book,
            plans(
                new Plan("other", "list", BigDecimal.TEN, 0).withEffectiveFrom(second),
                plan("5").withEffectiveFrom(NOW.plusSeconds(25))));
    AccountTerms acme =
        last.terms().stream()
            .filter(terms -> terms.account().id().equals("acme"))
            .findFirst()
            .orElseThrow();
    assertThat(acme.laterPlans())
        .extracting(
            later ->
                later.from().getEpochSecond()
                    - NOW.getEpochSecond()
                    + " "
                    + later.plan().id()
                    + " "
                    + later.plan().perRequest().toPlainString())
        .containsExactly("5 pay 3", "10 other 1", "20 pay 4", "25 pay 5");
  }

  @Test
  void onlyTheAccountsConcernedGetTerms() {
    assertThat(decide(loaded(), credits(new Credit("c", "globex", BigDecimal.TEN, null))).terms())
        .singleElement()
        .matches(terms -> terms.account().id().equals("globex") && terms.credits().size() == 1);
    assertThat(decide(loaded(), quotas(quota("acme", "prod", "5", 50, 100))).terms())
        .singleElement()
        .matches(terms -> terms.account().id().equals("acme") && terms.quotas().size() == 1);
    assertThat(decide(loaded(), keys(key("globex", "main", 'b'))).terms()).isEmpty();
  }

  @Test
  void whatAQuotaCountsDoesNotChange() {
    Quota daily = quota("acme", null, "5", 50);
    CatalogueBook book = decide(loaded(), quotas(daily)).after();
    assertThat(decide(book, quotas(quota("acme", null, "7", 80, 100))).result().accepted())
        .isTrue();
    assertThat(decide(book, quotas(quota("acme", "prod", "5", 50))).result().problems())
        .singleElement()
        .matches(problem -> problem.contains("quota q counts") && problem.contains("another id"));
  }

  private static Quota quota(
      String team, Quota.Window window, Quota.Kind kind, Quota.Anchor anchor) {
    return new Quota(
        "q",
        "acme",
        null,
        null,
        Quota.Metric.COST,
        window,
        BigDecimal.TEN,
        List.of(100),
        team,
        Quota.Enforcement.HARD,
        kind,
        anchor);
  }

  @Test
  void anAnchorFitsItsWindow() {
    for (Quota wrong :
        List.of(
            quota(null, Quota.Window.HOUR, Quota.Kind.CALENDAR, new Quota.Anchor(1, 0)),
            quota(null, Quota.Window.DAY, Quota.Kind.SLIDING, new Quota.Anchor(1, 0)),
            quota(null, Quota.Window.DAY, Quota.Kind.CALENDAR, new Quota.Anchor(2, 0)),
            quota(null, Quota.Window.WEEK, Quota.Kind.CALENDAR, new Quota.Anchor(8, 0)),
            quota(null, Quota.Window.MONTH, Quota.Kind.CALENDAR, new Quota.Anchor(0, 0)),
            quota(null, Quota.Window.MONTH, Quota.Kind.CALENDAR, new Quota.Anchor(1, 24)))) {
      assertRefused(quotas(wrong), "anchor", "q");
    }
    Quota right = quota(null, Quota.Window.MONTH, Quota.Kind.CALENDAR, new Quota.Anchor(31, 23));
    CatalogueBook book = decide(loaded(), quotas(right)).after();
    for (Quota moved :
        List.of(
            quota(null, Quota.Window.MONTH, Quota.Kind.CALENDAR, new Quota.Anchor(30, 23)),
            quota(null, Quota.Window.MONTH, Quota.Kind.CALENDAR, null),
            quota(null, Quota.Window.MONTH, Quota.Kind.SLIDING, null))) {
      assertThat(decide(book, quotas(moved)).result().problems())
          .singleElement()
          .asString()
          .contains("anchor", "another id");
    }
  }

  @Test
  void aQuotaOfATeamKnowsItsKeys() {
    Quota ofTeam = quota("blue", Quota.Window.DAY, Quota.Kind.CALENDAR, null);
    assertRefused(quotas(ofTeam), "team blue", "acme");
    CatalogueBook book = decide(loaded(), Catalog.of(new Team("blue", "acme", "Blue"))).after();
    ApiKey prod = key("acme", "prod", 'a');
    ApiKey inTeam =
        new ApiKey("acme", "prod", prod.fingerprint(), prod.lastFour(), "blue", null, null);
    // Without such a quota a key's team touches no terms.
    assertThat(decide(book, keys(inTeam)).terms()).isEmpty();
    CatalogueDecision decision = decide(book, quotas(ofTeam));
    assertThat(decision.terms()).singleElement().matches(terms -> terms.teams().isEmpty());
    CatalogueDecision joined = decide(decision.after(), keys(inTeam));
    assertThat(joined.terms())
        .singleElement()
        .matches(terms -> terms.teams().equals(Map.of("prod", "blue")));
    assertThat(decide(joined.after(), keys(prod)).terms())
        .singleElement()
        .matches(terms -> terms.teams().isEmpty());
  }

  @Test
  void aFingerprintBelongsToOneAccount() {
    assertRefused(keys(key("globex", "stolen", 'a')), "stolen", "another account");
    assertRefused(keys(key("acme", "x", 'b'), key("globex", "y", 'b')), "named twice");
  }

  @Test
  void aKeyNameStandsForOneSecret() {
    assertRefused(keys(key("acme", "prod", 'b')), "acme", "prod");
    assertThat(decide(loaded(), keys(key("globex", "prod", 'b'))).result().accepted()).isTrue();
  }

  @Test
  void referencesMustExist() {
    assertRefused(
        accounts(new Account("new", "N", "USD", ZoneId.of("UTC"), "missing")), "new", "missing");
    assertRefused(plans(new Plan("other", "missing", BigDecimal.ZERO, 0)), "other", "missing");
    assertRefused(keys(key("missing", "k", 'b')), "missing");
    assertRefused(credits(new Credit("c", "missing", BigDecimal.ONE, null)), "missing");
    assertRefused(quotas(quota("missing", null, "1", 50)), "missing");
    assertRefused(quotas(quota("acme", "missing", "1", 50)), "missing");
  }

  @Test
  void currenciesMustAgree() {
    assertRefused(accounts(new Account("new", "N", "EUR", ZoneId.of("UTC"), "pay")), "new", "EUR");
    assertThat(
            decide(loaded(), accounts(new Account("new", "N", "XYZW", ZoneId.of("UTC"), "pay")))
                .result()
                .problems())
        .anyMatch(problem -> problem.contains("ISO 4217") && problem.contains("XYZW"));
  }

  @Test
  void whatUsageStandsOnDoesNotChange() {
    assertRefused(
        accounts(new Account("acme", "N", "USD", ZoneId.of("Europe/Berlin"), "pay")),
        "acme",
        "months");
  }

  @Test
  void pricesMustBeExactAndWhole() {
    assertRefused(books(book(entry("*", JANUARY, "-1"))), "negative");
    assertRefused(books(book(entry("*", JANUARY, "0.0000001"))), "6 digits");
    assertRefused(books(book(entry("*", JANUARY, "1"), entry("*", JANUARY, "2"))), "twice");
    assertRefused(books(book(new PriceEntry("list", "*", JANUARY, 0, Map.of()))), "no price");
    assertRefused(plans(plan("0.0000000000001")), "12 digits");
    assertRefused(plans(plan("-1")), "negative");
  }

  @Test
  void tiersMustCoverEverythingOnce() {
    assertRefused(books(tiers(new Tier(100L, BigDecimal.ONE))), "last tier");
    assertRefused(
        books(
            tiers(
                new Tier(100L, BigDecimal.ONE),
                new Tier(100L, BigDecimal.ONE),
                new Tier(null, BigDecimal.ONE))),
        "tier 2");
    assertRefused(
        books(tiers(new Tier(null, BigDecimal.ONE), new Tier(null, BigDecimal.ONE))), "tier 1");
  }

  private static PriceBook tiers(Tier... tiers) {
    return book(
        new PriceEntry(
            "list",
            "*",
            JANUARY,
            0,
            Map.of(TokenClass.INPUT, new PriceSchedule.Graduated(List.of(tiers)))));
  }

  @Test
  void creditsAndQuotasMustMakeSense() {
    assertRefused(credits(new Credit("c", "acme", BigDecimal.ZERO, null)), "above 0");
    assertRefused(quotas(quota("acme", null, "0", 50)), "above 0");
    assertRefused(quotas(quota("acme", null, "1", 80, 50)), "thresholds");
    CatalogueBook granted =
        decide(loaded(), credits(new Credit("c", "acme", BigDecimal.ONE, null))).after();
    assertThat(
            decide(granted, credits(new Credit("c", "acme", BigDecimal.ONE, NOW)))
                .result()
                .problems())
        .singleElement()
        .asString()
        .contains("expiry");
    assertThat(
            decide(granted, credits(new Credit("c", "globex", BigDecimal.ONE, null)))
                .result()
                .accepted())
        .isFalse();
  }

  @Test
  void idsAreFitForUrls() {
    assertRefused(accounts(account("Not An Id")), "Not An Id");
    assertRefused(accounts(account("unattributed:x")), "unattributed:x");
  }
}
