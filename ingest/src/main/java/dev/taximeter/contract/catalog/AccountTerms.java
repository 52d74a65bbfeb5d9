package dev.taximeter.contract.catalog;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that decides an account's money, as one message to its writer.
 *
 * @param catalogVersion catalogue version it was made from
 * @param plan the first terms of the account's first plan
 * @param prices all entries of its price book
 * @param credits all grants of the account
 * @param quotas all quotas of the account
 * @param laterPlans plans and terms of plans that follow, by instant, ascending
 * @param otherBooks price books of later plans, and the cost books of all of them; each once
 * @param teams ids of teams that have a quota, by the names of their keys
 */
public record AccountTerms(
    Account account,
    long catalogVersion,
    Plan plan,
    List<PriceEntry> prices,
    List<Credit> credits,
    List<Quota> quotas,
    List<LaterPlan> laterPlans,
    List<PriceBook> otherBooks,
    Map<String, String> teams) {
  public AccountTerms {
    prices = List.copyOf(prices);
    credits = List.copyOf(credits);
    quotas = List.copyOf(quotas);
    // Absent in records from before plans could change.
    laterPlans = laterPlans == null ? List.of() : List.copyOf(laterPlans);
    otherBooks = otherBooks == null ? List.of() : List.copyOf(otherBooks);
    // Absent in records from before teams had quotas.
    teams = teams == null ? Map.of() : Map.copyOf(teams);
  }

  /** Terms without quotas of teams. */
  public AccountTerms(
      Account account,
      long catalogVersion,
      Plan plan,
      List<PriceEntry> prices,
      List<Credit> credits,
      List<Quota> quotas,
      List<LaterPlan> laterPlans,
      List<PriceBook> otherBooks) {
    this(account, catalogVersion, plan, prices, credits, quotas, laterPlans, otherBooks, Map.of());
  }

  /** Terms with one plan for ever, and without cost books. */
  public AccountTerms(
      Account account,
      long catalogVersion,
      Plan plan,
      List<PriceEntry> prices,
      List<Credit> credits,
      List<Quota> quotas) {
    this(account, catalogVersion, plan, prices, credits, quotas, List.of(), List.of());
  }

  /**
   * Puts the terms of an account together.
   *
   * @param catalogVersion catalogue version that they are made from
   * @param plans finds a plan by id
   * @param books every book of the catalogue
   * @param credits all grants of the account
   * @param quotas all quotas of the account
   * @throws IllegalStateException if the catalogue lacks a plan or book that the account refers to
   */
  public static AccountTerms of(
      Account account,
      long catalogVersion,
      Function<String, @Nullable Plan> plans,
      Collection<PriceBook> books,
      List<Credit> credits,
      List<Quota> quotas) {
    Plan first = found(plans.apply(account.plan())).withLater(List.of());
    PriceBook prices =
        found(
            books.stream()
                .filter(book -> book.id().equals(first.priceBook()))
                .findFirst()
                .orElse(null));
    List<PriceBook> others =
        TermsSources.of(account, plans, books).books().stream()
            .filter(id -> !id.equals(prices.id()))
            .flatMap(id -> books.stream().filter(book -> book.id().equals(id)))
            .toList();
    return new AccountTerms(
        account,
        catalogVersion,
        first,
        prices.prices(),
        credits,
        quotas,
        laterPlans(account, plans),
        others);
  }

  /** Each plan as long as the account has it, and of that, each of its terms. */
  private static List<LaterPlan> laterPlans(
      Account account, Function<String, @Nullable Plan> plans) {
    List<PlanChange> changes = account.details().planChanges();
    List<LaterPlan> later = new ArrayList<>();
    add(later, found(plans.apply(account.plan())), Instant.MIN, end(changes, 0));
    for (int i = 0; i < changes.size(); i++) {
      Plan plan = found(plans.apply(changes.get(i).plan()));
      Instant from = changes.get(i).from();
      later.add(new LaterPlan(from, plan.at(from)));
      add(later, plan, from, end(changes, i + 1));
    }
    return later;
  }

  private static Instant end(List<PlanChange> changes, int next) {
    return next < changes.size() ? changes.get(next).from() : Instant.MAX;
  }

  /** Terms of a plan that begin while the account has it. */
  private static void add(List<LaterPlan> later, Plan plan, Instant after, Instant end) {
    for (Plan terms : plan.later()) {
      Instant from = terms.effectiveFrom();
      if (from != null && from.isAfter(after) && from.isBefore(end)) {
        later.add(new LaterPlan(from, terms));
      }
    }
  }

  private static <T> T found(@Nullable T resource) {
    if (resource == null) {
      throw new IllegalStateException("references were checked before");
    }
    return resource;
  }

  /**
   * The same with the teams that its quotas name.
   *
   * @param keys keys of any account; where a name has several, those in use decide
   */
  public AccountTerms withTeamsOf(Collection<ApiKey> keys) {
    Set<String> named =
        quotas.stream().map(Quota::team).filter(Objects::nonNull).collect(Collectors.toSet());
    if (named.isEmpty()) {
      return this;
    }
    Map<String, String> found = new TreeMap<>();
    for (ApiKey key : keys) {
      String team = key.team();
      boolean inUse = key.replacedBy() == null;
      if (inUse && team != null && named.contains(team) && key.account().equals(account.id())) {
        found.put(key.name(), team);
      }
    }
    return new AccountTerms(
        account, catalogVersion, plan, prices, credits, quotas, laterPlans, otherBooks, found);
  }

  /**
   * @param from first instant that the plan applies to
   */
  public record LaterPlan(Instant from, Plan plan) {}
}
