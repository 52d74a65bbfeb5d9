package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.catalog.TermsSources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The whole catalogue at one version. Immutable: a command makes a new one, or nothing.
 *
 * @param version 0 before the first change
 * @param resources by record id
 * @param changedIn catalogue version that changed a resource last, by record id
 */
record CatalogueBook(long version, Map<String, Resource> resources, Map<String, Long> changedIn) {
  static final CatalogueBook EMPTY = new CatalogueBook(0, Map.of(), Map.of());

  /** Ids of records: kind, slash, id. */
  static String idOf(Resource resource) {
    if (resource instanceof Resource.OfAccount of) {
      return "account/" + of.account().id();
    } else if (resource instanceof Resource.OfKey of) {
      return "key/" + of.key().fingerprint();
    } else if (resource instanceof Resource.OfPriceBook of) {
      return "priceBook/" + of.priceBook().id();
    } else if (resource instanceof Resource.OfPlan of) {
      return "plan/" + of.plan().id();
    } else if (resource instanceof Resource.OfQuota of) {
      return "quota/" + of.quota().id();
    } else if (resource instanceof Resource.OfCredit of) {
      return "credit/" + of.credit().id();
    } else if (resource instanceof Resource.OfTeam of) {
      return "team/" + of.team().id();
    } else if (resource instanceof Resource.OfToken of) {
      return "token/" + of.token().id();
    } else if (resource instanceof Resource.OfRecipient of) {
      return "recipient/" + of.recipient().id();
    }
    throw new IllegalArgumentException("unknown kind of resource");
  }

  /**
   * @return the resources of a command, what is referred to before what refers to it
   */
  static List<Resource> resourcesOf(Catalog upsert) {
    List<Resource> resources = new ArrayList<>();
    upsert.priceBooks().forEach(priceBook -> resources.add(new Resource.OfPriceBook(priceBook)));
    upsert.plans().forEach(plan -> resources.add(new Resource.OfPlan(plan)));
    upsert.accounts().forEach(account -> resources.add(new Resource.OfAccount(account)));
    upsert.teams().forEach(team -> resources.add(new Resource.OfTeam(team)));
    upsert.keys().forEach(key -> resources.add(new Resource.OfKey(key)));
    upsert.quotas().forEach(quota -> resources.add(new Resource.OfQuota(quota)));
    upsert.credits().forEach(credit -> resources.add(new Resource.OfCredit(credit)));
    upsert.tokens().forEach(token -> resources.add(new Resource.OfToken(token)));
    upsert.recipients().forEach(it -> resources.add(new Resource.OfRecipient(it)));
    return resources;
  }

  /**
   * What a command would change, with the version in which it would be known. Prices and plans that
   * stay as they are keep the version that brought them.
   *
   * <p>An account that names another plan than its first, and is not there for the first time, has
   * that plan from now on: what it used before keeps its prices. So do other terms of a plan that
   * is there, unless they name an instant.
   *
   * @param at when it would take effect
   * @return by record id, in the command's order; empty if all is as it was
   */
  Map<String, Resource> changesBy(Catalog upsert, Instant at) {
    Map<String, Resource> changes = new LinkedHashMap<>();
    for (Resource asked : resourcesOf(upsert)) {
      String id = idOf(asked);
      Resource current = resources.get(id);
      Resource next = stamped(asked, current, at);
      if (!next.equals(current)) {
        changes.put(id, next);
      }
    }
    return changes;
  }

  /**
   * @param changes at least one
   */
  CatalogueBook with(Map<String, Resource> changes) {
    Map<String, Resource> next = new TreeMap<>(resources);
    next.putAll(changes);
    Map<String, Long> nextChangedIn = new TreeMap<>(changedIn);
    changes.keySet().forEach(id -> nextChangedIn.put(id, version + 1));
    return new CatalogueBook(version + 1, next, nextChangedIn);
  }

  private Resource stamped(Resource asked, @Nullable Resource current, Instant at) {
    if (asked instanceof Resource.OfPlan of) {
      Plan terms = of.plan().withLater(List.of()).withKnownSince(version + 1);
      return new Resource.OfPlan(
          current instanceof Resource.OfPlan was
              ? withTerms(was.plan(), terms, at)
              : terms.withEffectiveFrom(null));
    }
    if (asked instanceof Resource.OfPriceBook of) {
      List<PriceEntry> known =
          current instanceof Resource.OfPriceBook was ? was.priceBook().prices() : List.of();
      List<PriceEntry> prices =
          of.priceBook().prices().stream()
              .map(entry -> entry.withKnownSince(knownSince(entry, known)))
              .toList();
      return new Resource.OfPriceBook(of.priceBook().withPrices(prices));
    }
    if (asked instanceof Resource.OfAccount of && current instanceof Resource.OfAccount was) {
      return new Resource.OfAccount(withPlanFromNow(of.account(), was.account(), at));
    }
    return asked;
  }

  /** What the plan's terms were before stays for what completed before. */
  private static Plan withTerms(Plan current, Plan asked, Instant at) {
    Instant from = asked.effectiveFrom() == null ? at : asked.effectiveFrom();
    boolean planned = from.isAfter(at);
    boolean begins = current.later().stream().anyMatch(known -> from.equals(known.effectiveFrom()));
    if (asked.hasTermsOf(current.at(from)) && (begins || !planned)) {
      return current;
    }
    // What is planned stays planned even where it changes nothing now: an edit before it may come.
    List<Plan> terms = new ArrayList<>(current.later());
    terms.removeIf(known -> from.equals(known.effectiveFrom()));
    terms.add(asked.withEffectiveFrom(from));
    terms.sort(Comparator.comparing(CatalogueBook::start));
    return current.withLater(terms);
  }

  private static Instant start(Plan later) {
    Instant from = later.effectiveFrom();
    return from == null ? Instant.MIN : from;
  }

  private static Account withPlanFromNow(Account asked, Account current, Instant at) {
    AccountDetails details = asked.details();
    List<PlanChange> changes = current.details().planChanges();
    if (asked.plan().equals(current.plan()) || !details.planChanges().equals(changes)) {
      return asked;
    }
    List<PlanChange> next = new ArrayList<>(changes);
    if (!asked.plan().equals(current.planAt(at))) {
      next.add(new PlanChange(at, asked.plan()));
      next.sort(Comparator.comparing(PlanChange::from));
    }
    return new Account(
        asked.id(),
        asked.name(),
        asked.currency(),
        asked.timezone(),
        current.plan(),
        asked.billing(),
        details.withPlanChanges(next));
  }

  private long knownSince(PriceEntry entry, List<PriceEntry> known) {
    PriceEntry unstamped = entry.withKnownSince(0);
    return known.stream()
        .filter(earlier -> earlier.withKnownSince(0).equals(unstamped))
        .mapToLong(PriceEntry::knownSince)
        .findFirst()
        .orElse(version + 1);
  }

  /**
   * The terms of every account whose money the changes can touch.
   *
   * @param changed record ids that this version changed
   */
  List<AccountTerms> termsAffectedBy(Set<String> changed) {
    Set<String> affected = new TreeSet<>();
    for (String id : changed) {
      Resource resource = resources.get(id);
      if (resource instanceof Resource.OfAccount of) {
        affected.add(of.account().id());
      } else if (resource instanceof Resource.OfCredit of) {
        affected.add(of.credit().account());
      } else if (resource instanceof Resource.OfQuota of) {
        affected.add(of.quota().account());
      }
    }
    Collection<PriceBook> books = priceBooks();
    for (Account account : accounts()) {
      TermsSources sources = TermsSources.of(account, this::plan, books);
      if (sources.plans().stream().anyMatch(id -> changed.contains("plan/" + id))
          || sources.books().stream().anyMatch(id -> changed.contains("priceBook/" + id))) {
        affected.add(account.id());
      }
    }
    return affected.stream().map(this::termsOf).toList();
  }

  private AccountTerms termsOf(String accountId) {
    Account account = account(accountId);
    if (account == null) {
      throw new IllegalStateException("references were checked before");
    }
    return AccountTerms.of(
        account,
        version,
        this::plan,
        priceBooks(),
        credits().stream().filter(credit -> credit.account().equals(accountId)).toList(),
        quotas().stream().filter(quota -> quota.account().equals(accountId)).toList());
  }

  @Nullable Account account(String id) {
    return resources.get("account/" + id) instanceof Resource.OfAccount of ? of.account() : null;
  }

  @Nullable Plan plan(String id) {
    return resources.get("plan/" + id) instanceof Resource.OfPlan of ? of.plan() : null;
  }

  @Nullable PriceBook priceBook(String id) {
    return resources.get("priceBook/" + id) instanceof Resource.OfPriceBook of
        ? of.priceBook()
        : null;
  }

  @Nullable ApiKey key(String fingerprint) {
    return resources.get("key/" + fingerprint) instanceof Resource.OfKey of ? of.key() : null;
  }

  @Nullable Credit credit(String id) {
    return resources.get("credit/" + id) instanceof Resource.OfCredit of ? of.credit() : null;
  }

  @Nullable Quota quota(String id) {
    return resources.get("quota/" + id) instanceof Resource.OfQuota of ? of.quota() : null;
  }

  @Nullable Team team(String id) {
    return resources.get("team/" + id) instanceof Resource.OfTeam of ? of.team() : null;
  }

  @Nullable AccessToken token(String id) {
    return resources.get("token/" + id) instanceof Resource.OfToken of ? of.token() : null;
  }

  List<AccessToken> tokens() {
    return resources.values().stream()
        .filter(Resource.OfToken.class::isInstance)
        .map(resource -> ((Resource.OfToken) resource).token())
        .toList();
  }

  @Nullable Recipient recipient(String id) {
    return resources.get("recipient/" + id) instanceof Resource.OfRecipient of
        ? of.recipient()
        : null;
  }

  List<Recipient> recipients() {
    return resources.values().stream()
        .filter(Resource.OfRecipient.class::isInstance)
        .map(resource -> ((Resource.OfRecipient) resource).recipient())
        .toList();
  }

  List<Account> accounts() {
    return resources.values().stream()
        .filter(Resource.OfAccount.class::isInstance)
        .map(resource -> ((Resource.OfAccount) resource).account())
        .toList();
  }

  List<ApiKey> keys() {
    return resources.values().stream()
        .filter(Resource.OfKey.class::isInstance)
        .map(resource -> ((Resource.OfKey) resource).key())
        .toList();
  }

  List<Plan> plans() {
    return resources.values().stream()
        .filter(Resource.OfPlan.class::isInstance)
        .map(resource -> ((Resource.OfPlan) resource).plan())
        .toList();
  }

  List<PriceBook> priceBooks() {
    return resources.values().stream()
        .filter(Resource.OfPriceBook.class::isInstance)
        .map(resource -> ((Resource.OfPriceBook) resource).priceBook())
        .toList();
  }

  List<Quota> quotas() {
    return resources.values().stream()
        .filter(Resource.OfQuota.class::isInstance)
        .map(resource -> ((Resource.OfQuota) resource).quota())
        .toList();
  }

  List<Credit> credits() {
    return resources.values().stream()
        .filter(Resource.OfCredit.class::isInstance)
        .map(resource -> ((Resource.OfCredit) resource).credit())
        .toList();
  }
}
