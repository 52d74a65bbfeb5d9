package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
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
  private static final int LOWEST_THRESHOLD = 1;
  private static final int HIGHEST_THRESHOLD = 1_000;

  private final CatalogueBook before;
  private final CatalogueBook after;
  private final List<String> problems = new ArrayList<>();

  private CatalogueRules(CatalogueBook before, CatalogueBook after) {
    this.before = before;
    this.after = after;
  }

  /**
   * @param before the catalogue that holds
   * @param upsert what is asked for
   * @param after the catalogue as it would be
   * @return one sentence per problem; empty if the change is in order
   */
  static List<String> problems(CatalogueBook before, Catalog upsert, CatalogueBook after) {
    CatalogueRules rules = new CatalogueRules(before, after);
    rules.checkOnce(upsert);
    upsert.accounts().forEach(rules::checkAccount);
    upsert.keys().forEach(rules::checkKey);
    upsert.priceBooks().forEach(rules::checkPriceBook);
    upsert.plans().forEach(rules::checkPlan);
    upsert.quotas().forEach(rules::checkQuota);
    upsert.credits().forEach(rules::checkCredit);
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
  }

  private void checkPriceBook(PriceBook book) {
    checkId("price book", book.id());
    checkCurrency("price book " + book.id(), book.currency());
    Set<String> seen = new HashSet<>();
    for (PriceEntry entry : book.prices()) {
      String where =
          "price of %s from %s in %s".formatted(entry.model(), entry.effectiveFrom(), book.id());
      checkName("the model of a price in " + book.id(), entry.model());
      require(
          book.id().equals(entry.book()), "the %s names the price book %s", where, entry.book());
      require(seen.add(entry.model() + "\0" + entry.effectiveFrom()), "the %s stands twice", where);
      require(!entry.prices().isEmpty(), "the %s has no price of any token class", where);
      entry
          .prices()
          .forEach(
              (tokenClass, schedule) ->
                  checkSchedule(
                      "the %s for %s".formatted(where, tokenClass.code()), tokenClass, schedule));
    }
  }

  private void checkSchedule(String where, TokenClass tokenClass, PriceSchedule schedule) {
    require(
        tokenClass != TokenClass.REQUEST,
        "%s must stand in the plan as perRequest, not among the token prices",
        where);
    if (schedule instanceof PriceSchedule.Flat flat) {
      checkPerMillion(where, flat.perMillion());
    } else if (schedule instanceof PriceSchedule.Graduated graduated) {
      checkTiers(where, graduated.tiers());
    }
  }

  private void checkTiers(String where, List<PriceSchedule.Tier> tiers) {
    require(!tiers.isEmpty(), "%s has no tiers", where);
    long start = 0;
    for (int i = 0; i < tiers.size(); i++) {
      PriceSchedule.Tier tier = tiers.get(i);
      checkPerMillion(where, tier.perMillion());
      boolean last = i == tiers.size() - 1;
      Long end = tier.upTo();
      if (last) {
        require(end == null, "%s: the last tier must have no upTo", where);
      } else {
        require(
            end != null && end > start,
            "%s: tier %d must end above %d tokens",
            where,
            i + 1,
            start);
        start = end == null ? start : end;
      }
    }
  }

  private void checkPerMillion(String where, BigDecimal price) {
    require(price.signum() >= 0, "%s must not be negative", where);
    require(
        price.scale() <= Decimals.PER_MILLION_SCALE && price.compareTo(Decimals.LIMIT) < 0,
        "%s must have at most %d digits after the point, so that every cost is exact",
        where,
        Decimals.PER_MILLION_SCALE);
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

  /**
   * Over the whole catalogue: a change of a plan or a price book concerns accounts it names not.
   */
  private void checkReferences() {
    for (Plan plan : after.plans()) {
      require(
          after.priceBook(plan.priceBook()) != null,
          "plan %s names the price book %s, which does not exist",
          plan.id(),
          plan.priceBook());
    }
    for (Account account : after.accounts()) {
      Plan plan = after.plan(account.plan());
      require(
          plan != null,
          "account %s names the plan %s, which does not exist",
          account.id(),
          account.plan());
      PriceBook book = plan == null ? null : after.priceBook(plan.priceBook());
      require(
          book == null || book.currency().equals(account.currency()),
          "account %s is in %s, its price book %s in %s",
          account.id(),
          account.currency(),
          book == null ? null : book.id(),
          book == null ? null : book.currency());
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
    }
  }

  private void checkKeyNames() {
    Map<String, String> owners = new HashMap<>();
    for (ApiKey key : after.keys()) {
      String other = owners.put(key.account() + "\0" + key.name(), key.fingerprint());
      require(
          other == null || other.equals(key.fingerprint()),
          "account %s already has a key %s with another secret; give the new key a name of its own",
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
