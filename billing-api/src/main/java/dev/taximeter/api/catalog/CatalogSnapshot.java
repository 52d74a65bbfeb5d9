package dev.taximeter.api.catalog;

import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.catalog.TermsSources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One version of the whole catalogue. Immutable. */
public final class CatalogSnapshot {
  /** Before the first change. */
  public static final CatalogSnapshot EMPTY = new CatalogSnapshot(0, List.of());

  private final long version;
  private final Catalog catalog;
  private final NavigableMap<String, Account> accounts = new TreeMap<>();
  private final Map<String, List<ApiKey>> keys = new HashMap<>();
  private final Map<String, Plan> plans = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, Resource> resources = new HashMap<>();
  private final NavigableMap<String, AccessToken> tokens = new TreeMap<>();
  private final Map<String, AccessToken> tokensByHash = new HashMap<>();
  private final NavigableMap<String, Recipient> recipients = new TreeMap<>();

  /** By account id: catalogue version of the last change that its money depends on. */
  private final Map<String, Long> termsVersions = new HashMap<>();

  /**
   * @param version the catalogue's
   * @param records the latest record of each resource
   */
  public CatalogSnapshot(long version, Collection<CatalogRecord> records) {
    this.version = version;
    List<ApiKey> allKeys = new ArrayList<>();
    Map<String, PriceBook> books = new LinkedHashMap<>();
    List<Quota> quotas = new ArrayList<>();
    List<Team> teams = new ArrayList<>();
    List<Credit> credits = new ArrayList<>();
    Map<String, Long> planVersions = new HashMap<>();
    Map<String, Long> bookVersions = new HashMap<>();
    for (CatalogRecord record : records) {
      Resource resource = record.resource();
      versions.put(record.id(), record.version());
      resources.put(record.id(), resource);
      if (resource instanceof Resource.OfAccount of) {
        accounts.put(of.account().id(), of.account());
        termsVersions.merge(of.account().id(), record.version(), Math::max);
      } else if (resource instanceof Resource.OfKey of) {
        allKeys.add(of.key());
      } else if (resource instanceof Resource.OfPlan of) {
        plans.put(of.plan().id(), of.plan());
        planVersions.put(of.plan().id(), record.version());
      } else if (resource instanceof Resource.OfPriceBook of) {
        books.put(of.priceBook().id(), of.priceBook());
        bookVersions.put(of.priceBook().id(), record.version());
      } else if (resource instanceof Resource.OfTeam of) {
        teams.add(of.team());
      } else if (resource instanceof Resource.OfToken of) {
        tokens.put(of.token().id(), of.token());
        tokensByHash.put(of.token().hash(), of.token());
      } else if (resource instanceof Resource.OfRecipient of) {
        recipients.put(of.recipient().id(), of.recipient());
      } else if (resource instanceof Resource.OfQuota of) {
        quotas.add(of.quota());
        termsVersions.merge(of.quota().account(), record.version(), Math::max);
      } else if (resource instanceof Resource.OfCredit of) {
        credits.add(of.credit());
        termsVersions.merge(of.credit().account(), record.version(), Math::max);
      }
    }
    for (Account account : accounts.values()) {
      TermsSources sources = TermsSources.of(account, plans::get, books.values());
      sources.plans().forEach(id -> termsChanged(account.id(), planVersions.getOrDefault(id, 0L)));
      sources.books().forEach(id -> termsChanged(account.id(), bookVersions.getOrDefault(id, 0L)));
    }
    allKeys.sort(Comparator.comparing(ApiKey::account).thenComparing(ApiKey::name));
    for (ApiKey key : allKeys) {
      keys.computeIfAbsent(key.account(), account -> new ArrayList<>()).add(key);
    }
    this.catalog =
        new Catalog(
            List.copyOf(accounts.values()),
            allKeys,
            List.copyOf(books.values()),
            List.copyOf(plans.values()),
            quotas,
            credits,
            teams,
            List.copyOf(tokens.values()),
            List.copyOf(recipients.values()));
  }

  private void termsChanged(String account, long changed) {
    termsVersions.merge(account, changed, Math::max);
  }

  public long version() {
    return version;
  }

  /** All of it. */
  public Catalog catalog() {
    return catalog;
  }

  /**
   * Catalogue version that changed a resource last.
   *
   * @param recordId such as {@code account/acme}
   * @return 0 if there is none
   */
  public long versionOf(String recordId) {
    return versions.getOrDefault(recordId, 0L);
  }

  /**
   * A resource as it is.
   *
   * @param recordId such as {@code account/acme}
   * @return null if there is none
   */
  public @Nullable Resource resource(String recordId) {
    return resources.get(recordId);
  }

  /**
   * Finds a key.
   *
   * @param fingerprint all of it, 64 hex digits
   * @return null if there is none
   */
  public @Nullable ApiKey key(String fingerprint) {
    return resources.get("key/" + fingerprint) instanceof Resource.OfKey of ? of.key() : null;
  }

  /** Tokens of the API by id, with those that are worth nothing any more. */
  public NavigableMap<String, AccessToken> tokens() {
    return Collections.unmodifiableNavigableMap(tokens);
  }

  /**
   * Finds a token by the hash of its secret.
   *
   * @param hash 64 hex digits, all of them
   * @return null if there is none
   */
  public @Nullable AccessToken tokenByHash(String hash) {
    return tokensByHash.get(hash);
  }

  /** The account's teams, by id. */
  public List<Team> teams(String account) {
    return catalog.teams().stream()
        .filter(team -> team.account().equals(account))
        .sorted(Comparator.comparing(Team::id))
        .toList();
  }

  public @Nullable PriceBook priceBook(String id) {
    return catalog.priceBooks().stream()
        .filter(book -> book.id().equals(id))
        .findFirst()
        .orElse(null);
  }

  public @Nullable Account account(String id) {
    return accounts.get(id);
  }

  /** All accounts, by id, ascending. */
  public NavigableMap<String, Account> accounts() {
    return Collections.unmodifiableNavigableMap(accounts);
  }

  /** Who gets alerts, by id; with those that were removed. */
  public NavigableMap<String, Recipient> recipients() {
    return Collections.unmodifiableNavigableMap(recipients);
  }

  /** The account's keys, by name. */
  public List<ApiKey> keys(String account) {
    return List.copyOf(keys.getOrDefault(account, List.of()));
  }

  /**
   * Catalogue version of the last change that the account's money depends on; 0 if there is none.
   */
  public long termsVersion(String account) {
    return termsVersions.getOrDefault(account, 0L);
  }

  /**
   * What the account pays by, without its credits and quotas.
   *
   * @throws IllegalStateException if its plan or price book is not there
   */
  public AccountTerms terms(Account account) {
    return AccountTerms.of(
        account,
        termsVersion(account.id()),
        plans::get,
        catalog.priceBooks(),
        List.of(),
        List.of());
  }

  /** Accounts whose money depends on any of these resources. */
  public Set<String> accountsDependingOn(Catalog resources) {
    Set<String> dependent = new TreeSet<>();
    resources.accounts().forEach(account -> dependent.add(account.id()));
    resources.quotas().forEach(quota -> dependent.add(quota.account()));
    resources.credits().forEach(credit -> dependent.add(credit.account()));
    Set<String> books = new HashSet<>();
    resources.priceBooks().forEach(book -> books.add(book.id()));
    Set<String> namedPlans = new HashSet<>();
    resources.plans().forEach(plan -> namedPlans.add(plan.id()));
    for (Account account : accounts.values()) {
      TermsSources sources = TermsSources.of(account, plans::get, catalog.priceBooks());
      if (!Collections.disjoint(namedPlans, sources.plans())
          || !Collections.disjoint(books, sources.books())) {
        dependent.add(account.id());
      }
    }
    dependent.retainAll(accounts.keySet());
    return dependent;
  }
}
