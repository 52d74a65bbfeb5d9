package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a catalogue must fulfil. Pure: reads the catalogue before and after, writes sentences. */
final class CatalogueRules {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
  private static final int MOST_NAME_CHARACTERS = 200;
  private static final int MOST_CONTACTS = 20;
  private static final int MOST_TAGS = 50;

  /** Quotas of one account. */
  private static final int MOST_QUOTAS = 100;

  private static final int DAYS_OF_WEEK = 7;
  private static final int MOST_DAYS_OF_MONTH = 31;
  private static final int HOURS_OF_DAY = 24;

  private static final int LOWEST_THRESHOLD = 1;
  private static final int HIGHEST_THRESHOLD = 1_000;
  private static final BigDecimal LOWEST_ADJUSTMENT = BigDecimal.valueOf(-100);
  private static final BigDecimal HIGHEST_ADJUSTMENT = BigDecimal.valueOf(10_000);

  /** One each month for twenty years; all of them travel with the account's terms. */
  private static final int MOST_PLAN_CHANGES = 240;

  /** As in the catalogue's file. History tells no instants apart that are closer together. */
  private static final Instant END = Instant.parse("2200-01-01T00:00:00Z");

  private static final int NANOS_PER_MILLI = 1_000_000;

  /** Digits after the point of a discount or markup. */
  private static final int PERCENT_SCALE = 4;

  /** Every month since the billing start gets a bill, also one without usage. */
  private static final Duration EARLIEST_BILLING_START = Duration.ofDays(400);

  private final CatalogueBook before;
  private final CatalogueBook after;
  private final Instant at;
  private final List<String> problems = new ArrayList<>();

  private CatalogueRules(CatalogueBook before, CatalogueBook after, Instant at) {
    this.before = before;
    this.after = after;
    this.at = at;
  }

  /**
   * @param before the catalogue that holds
   * @param upsert what is asked for
   * @param after the catalogue as it would be
   * @param at when it would take effect
   * @return one sentence per problem; empty if the change is in order
   */
  static List<String> problems(
      CatalogueBook before, Catalog upsert, CatalogueBook after, Instant at) {
    CatalogueRules rules = new CatalogueRules(before, after, at);
    rules.checkOnce(upsert);
    upsert.accounts().forEach(rules::checkAccount);
    upsert.teams().forEach(rules::checkTeam);
    upsert.keys().forEach(rules::checkKey);
    upsert.priceBooks().forEach(rules::checkPriceBook);
    upsert.plans().forEach(rules::checkPlan);
    upsert.quotas().forEach(rules::checkQuota);
    upsert.credits().forEach(rules::checkCredit);
    TokenRules rulesOfTokens = new TokenRules(before, after, at);
    rules.problems.addAll(rulesOfTokens.problems(upsert.tokens()));
    rules.problems.addAll(RecipientRules.problems(before, after, upsert.recipients()));
    rules.checkReferences();
    rules.checkKeyNames();
    return List.copyOf(rules.problems);
  }

  private void require(boolean condition, String problem, @Nullable Object... values) {
    if (!condition) {
      problems.add(problem.formatted(values));
    }
  }

  private void checkOnce(Catalog upsert) {
    Set<String> seen = new HashSet<>();
    Set<String> reported = new HashSet<>();
    for (Resource resource : CatalogueBook.resourcesOf(upsert)) {
      String id = CatalogueBook.idOf(resource);
      if (!seen.add(id) && reported.add(id)) {
        problems.add(
            resource instanceof Resource.OfKey of
                ? "the key %s of account %s is named twice"
                    .formatted(of.key().name(), of.key().account())
                : id + " is named twice");
      }
    }
  }

  private void checkAccount(Account account) {
    checkId("account", account.id());
    checkName("the name of account " + account.id(), account.name());
    checkCurrency("account " + account.id(), account.currency());
    Account was = before.account(account.id());
    if (was != null) {
      require(
          was.currency().equals(account.currency()),
          "account %s keeps its books in %s; open another account for %s",
          account.id(),
          was.currency(),
          account.currency());
      require(
          was.timezone().equals(account.timezone()),
          "account %s has its months in %s; usage already counted in them would move with %s",
          account.id(),
          was.timezone(),
          account.timezone());
    }
    checkDetails(was, account);
    Account next = after.account(account.id());
    if (next != null) {
      checkPlanChanges(was, next);
    }
  }

  private void checkDetails(@Nullable Account was, Account account) {
    AccountDetails details = account.details();
    boolean wasClosed = was != null && was.details().status() == AccountDetails.Status.CLOSED;
    require(
        !wasClosed || details.status() == AccountDetails.Status.CLOSED,
        "account %s is closed for good; open another account",
        account.id());
    require(
        details.status() != AccountDetails.Status.CLOSED || details.closing() != null,
        "account %s is closed at an instant: give it closing, too",
        account.id());
    Instant start = details.billingStart();
    Instant closing = details.closing();
    boolean keepsStart = was != null && Objects.equals(was.details().billingStart(), start);
    require(
        start == null || keepsStart || !start.isBefore(at.minus(EARLIEST_BILLING_START)),
        "billing of account %s cannot start at %s, more than %d days ago: bills of earlier months are"
            + " finalised by hand",
        account.id(),
        start,
        EARLIEST_BILLING_START.toDays());
    require(
        start == null || closing == null || start.isBefore(closing),
        "account %s cannot close at %s, before its billing starts at %s",
        account.id(),
        closing,
        start);
    require(
        details.contacts().size() <= MOST_CONTACTS && details.tags().size() <= MOST_TAGS,
        "account %s may have %d contacts and %d tags at most",
        account.id(),
        MOST_CONTACTS,
        MOST_TAGS);
    details.contacts().forEach(contact -> checkName("a contact of " + account.id(), contact));
    details
        .tags()
        .forEach(
            (name, value) -> {
              checkName("the name of a tag of " + account.id(), name);
              checkName("the tag %s of %s".formatted(name, account.id()), value);
            });
  }

  /**
   * Usage is rated once, by the plan of its instant. What has begun to apply therefore stays: a
   * change that reaches into the past would leave usage at prices of another plan.
   */
  private void checkPlanChanges(@Nullable Account was, Account next) {
    List<PlanChange> changes = next.details().planChanges();
    require(
        changes.size() <= MOST_PLAN_CHANGES,
        "account %s has %d changes of plan, more than %d",
        next.id(),
        changes.size(),
        MOST_PLAN_CHANGES);
    Instant reached = Instant.MIN;
    for (PlanChange change : changes) {
      require(
          change.from().isAfter(reached),
          "the plan changes of account %s must ascend: %s does not follow %s",
          next.id(),
          change.from(),
          reached);
      require(
          isOfMillis(change.from()) || was != null && was.details().planChanges().contains(change),
          "the plan of account %s changes at an instant with at most milliseconds, not %s",
          next.id(),
          change.from());
      reached = change.from();
    }
    if (was == null) {
      return;
    }
    require(
        was.plan().equals(next.plan()),
        "the first plan of account %s is %s and prices what it has used; give it %s from an instant"
            + " on, with planChanges",
        next.id(),
        was.plan(),
        next.plan());
    checkPastPlans(was, next);
  }

  private void checkPastPlans(Account was, Account next) {
    List<PlanChange> kept = past(was);
    List<PlanChange> wanted = past(next);
    if (kept.equals(wanted)) {
      return;
    }
    List<PlanChange> moved = new ArrayList<>(wanted);
    moved.removeAll(kept);
    for (PlanChange change : moved) {
      problems.add(
          "account %s cannot have the plan %s from %s on: usage since then is rated already. Let it begin now (%s) or later, and post the difference for the past as an adjustment"
              .formatted(next.id(), change.plan(), change.from(), at));
    }
    if (moved.isEmpty()) {
      problems.add(
          "account %s has had plan changes that are left out now; what has begun to apply stays: %s"
              .formatted(next.id(), kept));
    }
  }

  private List<PlanChange> past(Account account) {
    return account.details().planChanges().stream()
        .filter(change -> change.from().isBefore(at))
        .toList();
  }

  private void checkKey(ApiKey key) {
    checkName("the name of a key of account " + key.account(), key.name());
    require(
        FINGERPRINT.matcher(key.fingerprint()).matches(),
        "the fingerprint of key %s must be 64 hex digits",
        key.name());
    ApiKey was = before.key(key.fingerprint());
    require(
        was == null || was.account().equals(key.account()),
        "key %s of account %s is already a key of another account",
        key.name(),
        key.account());
    require(
        was == null || was.replacedBy() == null || was.replacedBy().equals(key.replacedBy()),
        "key %s of account %s was replaced for good; its successor has the name",
        key.name(),
        key.account());
    Instant ended = was == null ? null : was.expiresAt();
    require(
        ended == null || ended.isAfter(at) || ended.equals(key.expiresAt()),
        "key %s of account %s has ended for good; register or rotate to another key",
        key.name(),
        key.account());
    String next = key.replacedBy();
    ApiKey successor = next == null ? null : after.key(next);
    require(
        next == null
            || (successor != null
                && successor.account().equals(key.account())
                && successor.name().equals(key.name())),
        "key %s of account %s is replaced by a key that is not there under its name",
        key.name(),
        key.account());
    Team team = key.team() == null ? null : after.team(key.team());
    require(
        key.team() == null || (team != null && team.account().equals(key.account())),
        "key %s of account %s names the team %s, which the account does not have",
        key.name(),
        key.account(),
        key.team());
  }

  private void checkTeam(Team team) {
    checkId("team", team.id());
    checkName("the name of team " + team.id(), team.name());
    checkAccountExists("team " + team.id(), team.account());
    Team was = before.team(team.id());
    require(
        was == null || was.account().equals(team.account()),
        "team %s belongs to another account; give the other team an id of its own",
        team.id());
  }

  private void checkPriceBook(PriceBook book) {
    checkId("price book", book.id());
    checkCurrency("price book " + book.id(), book.currency());
    PriceBook was = before.priceBook(book.id());
    require(
        was == null || was.isCost() == book.isCost(),
        "%s is a %s already; give the other book an id of its own",
        book.id(),
        was != null && was.isCost() ? "cost book" : "price book");
    for (PriceEntry entry : book.prices()) {
      checkName("the model of a price in " + book.id(), entry.model());
    }
    problems.addAll(PriceRules.problems(book, was));
  }

  private void checkPlan(Plan plan) {
    checkId("plan", plan.id());
    require(
        plan.perRequest().signum() >= 0, "perRequest of plan %s must not be negative", plan.id());
    require(
        Decimals.isExact(plan.perRequest()),
        "perRequest of plan %s must have at most %d digits after the point",
        plan.id(),
        Decimals.SCALE);
    checkAdjustment(plan);
    Plan next = after.plan(plan.id());
    if (next != null) {
      checkTerms(plan, next);
    }
  }

  /** Usage is rated once, by the terms of its instant. */
  private void checkTerms(Plan asked, Plan next) {
    Instant from = asked.effectiveFrom();
    require(
        next.later().size() <= MOST_PLAN_CHANGES,
        "plan %s has %d changes, more than %d; make another plan",
        next.id(),
        next.later().size(),
        MOST_PLAN_CHANGES);
    require(
        from == null || isUsual(from),
        "plan %s changes at an instant from 1970 to 2199 with at most milliseconds",
        next.id());
    Plan was = before.plan(next.id());
    if (from == null || was == null || !from.isBefore(at) || was.equals(next)) {
      return;
    }
    before.accounts().stream()
        .filter(account -> has(account, next.id(), from))
        .findFirst()
        .ifPresent(
            account ->
                problems.add(
                    "plan %s cannot change from %s on: account %s has it since then, and its usage is rated already. Let it begin now (%s) or later; correct prices of the past in the price book and re-rate the months, or post an adjustment"
                        .formatted(next.id(), from, account.id(), at)));
  }

  private static boolean isUsual(Instant instant) {
    return !instant.isBefore(Instant.EPOCH) && instant.isBefore(END) && isOfMillis(instant);
  }

  /** History knows completions to the millisecond: of a finer instant nobody could tell sides. */
  static boolean isOfMillis(Instant instant) {
    return instant.getNano() % NANOS_PER_MILLI == 0;
  }

  /** Whether the account has had the plan at an instant or after it, until now. */
  private boolean has(Account account, String plan, Instant from) {
    return account.planAt(from).equals(plan)
        || account.details().planChanges().stream()
            .anyMatch(
                change ->
                    change.plan().equals(plan)
                        && change.from().isAfter(from)
                        && change.from().isBefore(at));
  }

  private void checkQuota(Quota quota) {
    checkId("quota", quota.id());
    require(quota.limit().signum() > 0, "the limit of quota %s must be above 0", quota.id());
    require(
        Decimals.isExact(quota.limit()),
        "the limit of quota %s must have at most %d digits after the point",
        quota.id(),
        Decimals.SCALE);
    int previous = LOWEST_THRESHOLD - 1;
    for (int threshold : quota.thresholds()) {
      require(
          threshold > previous && threshold <= HIGHEST_THRESHOLD,
          "the thresholds of quota %s must ascend from %d to at most %d percent",
          quota.id(),
          LOWEST_THRESHOLD,
          HIGHEST_THRESHOLD);
      previous = threshold;
    }
    long ofAccount =
        after.quotas().stream().filter(each -> each.account().equals(quota.account())).count();
    require(
        ofAccount <= MOST_QUOTAS,
        "account %s would have %d quotas, more than %d: each line is counted against all of them",
        quota.account(),
        ofAccount,
        MOST_QUOTAS);
    checkAnchor(quota);
    Quota was = before.quota(quota.id());
    // What has been counted in the open window, and which alerts it gave, is of what it counted.
    require(
        was == null || was.countsSameAs(quota),
        "what quota %s counts (account, key, team, model, metric, window, kind, anchor) does not"
            + " change; give the new quota another id, and raise the limit of this one if it is no"
            + " longer wanted",
        quota.id());
  }

  private void checkAnchor(Quota quota) {
    Quota.Anchor anchor = quota.anchor();
    if (anchor == null) {
      return;
    }
    int days =
        switch (quota.window()) {
          case MINUTE, HOUR -> 0;
          case DAY -> 1;
          case WEEK -> DAYS_OF_WEEK;
          case MONTH -> MOST_DAYS_OF_MONTH;
        };
    require(
        days > 0 && quota.kind() == Quota.Kind.CALENDAR,
        "quota %s may have an anchor only if its window is the calendar's day, week or month",
        quota.id());
    require(
        days == 0 || (anchor.day() >= 1 && anchor.day() <= days),
        "the anchor's day of quota %s must be 1 to %d",
        quota.id(),
        days);
    require(
        anchor.hour() >= 0 && anchor.hour() < HOURS_OF_DAY,
        "the anchor's hour of quota %s must be 0 to %d",
        quota.id(),
        HOURS_OF_DAY - 1);
  }

  private void checkCredit(Credit credit) {
    checkId("credit", credit.id());
    require(credit.amount().signum() > 0, "credit %s must be above 0", credit.id());
    require(
        Decimals.isExact(credit.amount()),
        "credit %s must have at most %d digits after the point",
        credit.id(),
        Decimals.SCALE);
    Credit was = before.credit(credit.id());
    if (was != null) {
      require(
          was.account().equals(credit.account()),
          "credit %s was granted to another account",
          credit.id());
      require(
          Objects.equals(was.expiresAt(), credit.expiresAt()),
          "credit %s was granted with another expiry; grant another credit instead",
          credit.id());
    }
  }

  private void checkAdjustment(Plan plan) {
    BigDecimal percent = plan.adjustPercent();
    require(
        percent.compareTo(LOWEST_ADJUSTMENT) >= 0 && percent.compareTo(HIGHEST_ADJUSTMENT) <= 0,
        "the discount or markup of plan %s must lie between %s and %s percent",
        plan.id(),
        LOWEST_ADJUSTMENT,
        HIGHEST_ADJUSTMENT);
    require(
        percent.scale() <= PERCENT_SCALE,
        "the percentage of plan %s must have at most %d digits after the point",
        plan.id(),
        PERCENT_SCALE);
  }

  /**
   * Over the whole catalogue: a change of a plan or a price book concerns accounts it names not.
   */
  private void checkReferences() {
    for (Plan plan : after.plans()) {
      plan.versions().forEach(terms -> checkBooks(terms, changed(plan)));
    }
    for (Account account : after.accounts()) {
      checkPlan(account, account.plan());
      for (PlanChange change : account.details().planChanges()) {
        checkPlan(account, change.plan());
      }
      checkCostBook("account " + account.id(), account.details().costBook());
    }
    for (ApiKey key : after.keys()) {
      checkAccountExists("key " + key.name(), key.account());
    }
    for (Credit credit : after.credits()) {
      checkAccountExists("credit " + credit.id(), credit.account());
    }
    for (Quota quota : after.quotas()) {
      checkAccountExists("quota " + quota.id(), quota.account());
      String keyName = quota.key();
      require(
          keyName == null
              || after.keys().stream()
                  .anyMatch(
                      key -> key.account().equals(quota.account()) && key.name().equals(keyName)),
          "quota %s names the key %s, which account %s does not have",
          quota.id(),
          keyName,
          quota.account());
      Team team = quota.team() == null ? null : after.team(quota.team());
      require(
          quota.team() == null || (team != null && team.account().equals(quota.account())),
          "quota %s names the team %s, which account %s does not have",
          quota.id(),
          quota.team(),
          quota.account());
    }
  }

  private void checkBooks(Plan terms, boolean changed) {
    PriceBook prices = after.priceBook(terms.priceBook());
    require(
        prices != null && !prices.isCost(),
        "plan %s names the price book %s, which does not exist",
        terms.id(),
        terms.priceBook());
    if (prices != null && (changed || changed(prices))) {
      problems.addAll(PriceRules.problems(terms, prices));
    }
    checkCostBook("plan " + terms.id(), terms.costBook());
  }

  private void checkPlan(Account account, String id) {
    Plan plan = after.plan(id);
    require(plan != null, "account %s names the plan %s, which does not exist", account.id(), id);
    for (Plan terms : plan == null ? List.<Plan>of() : plan.versions()) {
      PriceBook book = after.priceBook(terms.priceBook());
      require(
          book == null || book.currency().equals(account.currency()),
          "account %s is in %s, its price book %s in %s",
          account.id(),
          account.currency(),
          book == null ? null : book.id(),
          book == null ? null : book.currency());
    }
  }

  private boolean changed(Plan plan) {
    return !plan.equals(before.plan(plan.id()));
  }

  private boolean changed(PriceBook book) {
    return !book.equals(before.priceBook(book.id()));
  }

  private void checkCostBook(String what, @Nullable String id) {
    PriceBook book = id == null ? null : after.priceBook(id);
    require(
        id == null || (book != null && book.isCost()),
        "%s names the cost book %s, which does not exist",
        what,
        id);
  }

  private void checkKeyNames() {
    Map<String, String> owners = new HashMap<>();
    for (ApiKey key : after.keys()) {
      if (key.replacedBy() != null) {
        continue;
      }
      String other = owners.put(key.account() + "\0" + key.name(), key.fingerprint());
      require(
          other == null || other.equals(key.fingerprint()),
          "account %s already has a key %s with another secret; rotate it, or give the new key a name of its own",
          key.account(),
          key.name());
    }
  }

  private void checkAccountExists(String what, String account) {
    require(
        after.account(account) != null,
        "%s names the account %s, which does not exist",
        what,
        account);
  }

  private void checkId(String kind, String id) {
    require(
        ID.matcher(id).matches(),
        "the %s id %s must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit",
        kind,
        id);
  }

  private void checkName(String what, String name) {
    require(
        !name.isBlank()
            && name.length() <= MOST_NAME_CHARACTERS
            && name.chars().noneMatch(Character::isISOControl),
        "%s must be 1 to %d printable characters",
        what,
        MOST_NAME_CHARACTERS);
  }

  private void checkCurrency(String what, String code) {
    boolean known =
        Currency.getAvailableCurrencies().stream().anyMatch(c -> c.getCurrencyCode().equals(code));
    require(known, "the currency of %s must be an ISO 4217 code such as USD, not %s", what, code);
  }
}
