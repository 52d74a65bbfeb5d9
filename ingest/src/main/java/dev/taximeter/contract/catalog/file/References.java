package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.yaml.Nearest;
import dev.taximeter.contract.yaml.Value;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What resources say about each other, in the file and in the installation. A resource that is
 * wrong itself still counts as present: one mistake gives one problem.
 */
final class References {
  /** What has an id. */
  enum Kind {
    ACCOUNT("account"),
    PRICE_BOOK("price book"),
    COST_BOOK("cost book"),
    PLAN("plan"),
    TEAM("team"),
    QUOTA("quota"),
    CREDIT("credit");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private record Paying(@Nullable Value at, String currency, String plan) {}

  private record Using(@Nullable Value at, String book) {}

  private record Charging(@Nullable Value at, String currency) {}

  private final Map<Kind, Map<String, String>> declared = new EnumMap<>(Kind.class);
  private final Map<Kind, Set<String>> known = new EnumMap<>(Kind.class);
  private final Map<String, Map<String, String>> declaredKeys = new HashMap<>();
  private final Map<String, Set<String>> knownKeys = new HashMap<>();
  private final Map<String, String> owners = new HashMap<>();
  private final Map<String, Paying> accounts = new TreeMap<>();
  private final Map<String, Using> plans = new HashMap<>();
  private final Map<String, Charging> books = new HashMap<>();
  private final List<Runnable> checks = new ArrayList<>();

  References(Catalog existing) {
    for (Kind kind : Kind.values()) {
      declared.put(kind, new HashMap<>());
      known.put(kind, new HashSet<>());
    }
    for (Account account : existing.accounts()) {
      known(Kind.ACCOUNT).add(account.id());
      accounts.put(account.id(), new Paying(null, account.currency(), account.plan()));
    }
    for (Plan plan : existing.plans()) {
      known(Kind.PLAN).add(plan.id());
      plans.put(plan.id(), new Using(null, plan.priceBook()));
    }
    for (PriceBook book : existing.priceBooks()) {
      known(book.isCost() ? Kind.COST_BOOK : Kind.PRICE_BOOK).add(book.id());
      if (!book.isCost()) {
        books.put(book.id(), new Charging(null, book.currency()));
      }
    }
    existing.teams().forEach(team -> known(Kind.TEAM).add(team.id()));
    for (ApiKey key : existing.keys()) {
      knownKeys.computeIfAbsent(key.account(), a -> new HashSet<>()).add(key.name());
      owners.put(key.fingerprint(), key.account());
    }
  }

  private Set<String> known(Kind kind) {
    return known.computeIfAbsent(kind, k -> new HashSet<>());
  }

  void declare(Value at, Kind kind, String id) {
    String earlier =
        declared.computeIfAbsent(kind, k -> new HashMap<>()).putIfAbsent(id, at.path());
    if (earlier != null) {
      at.problem("is the same as " + earlier + "; each id is used once");
    }
    known(kind).add(id);
  }

  void mean(Value at, Kind kind, String id) {
    checks.add(
        () -> {
          if (!known(kind).contains(id)) {
            at.problem(
                "names no such %s: %s%s"
                    .formatted(kind.words, Value.shown(id), Nearest.hint(id, known(kind))));
          }
        });
  }

  void keyNamed(Value at, String account, String name) {
    String earlier =
        declaredKeys.computeIfAbsent(account, a -> new HashMap<>()).putIfAbsent(name, at.path());
    if (earlier != null) {
      at.problem("is the same as " + earlier + "; each key of an account has a name of its own");
    }
    knownKeys.computeIfAbsent(account, a -> new HashSet<>()).add(name);
  }

  /** The name is not shown when it is wrong: it may be the raw key. */
  void keyMeant(Value at, String account, String name) {
    checks.add(
        () -> {
          Set<String> names = knownKeys.getOrDefault(account, Set.of());
          if (known(Kind.ACCOUNT).contains(account) && !names.contains(name)) {
            at.problem("names no key of the account " + account + Nearest.hint(name, names));
          }
        });
  }

  /** The account that has the key already, or null. */
  @Nullable String ownerOf(String fingerprint) {
    return owners.get(fingerprint);
  }

  void accountPays(Value at, String id, String currency, String plan) {
    accounts.put(id, new Paying(at, currency, plan));
  }

  void planUses(Value at, String id, String book) {
    plans.put(id, new Using(at, book));
  }

  void bookCharges(Value at, String id, String currency) {
    books.put(id, new Charging(at, currency));
  }

  void check() {
    checks.forEach(Runnable::run);
    accounts.forEach(this::checkCurrency);
  }

  /** Reported at the account, or else at the change in the file that broke an existing account. */
  private void checkCurrency(String id, Paying account) {
    Using plan = plans.get(account.plan);
    Charging book = plan == null ? null : books.get(plan.book);
    if (plan == null || book == null || book.currency.equals(account.currency)) {
      return;
    }
    Value at = account.at != null ? account.at : plan.at != null ? plan.at : book.at;
    if (at != null) {
      at.problem(
          "makes the account %s pay in %s what the price book %s charges in %s"
              .formatted(id, account.currency, plan.book, book.currency));
    }
  }
}
