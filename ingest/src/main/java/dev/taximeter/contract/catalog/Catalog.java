package dev.taximeter.contract.catalog;

import java.util.List;

/** A set of catalogue resources: all of them, or those that a command creates or replaces. */
public record Catalog(
    List<Account> accounts,
    List<ApiKey> keys,
    List<PriceBook> priceBooks,
    List<Plan> plans,
    List<Quota> quotas,
    List<Credit> credits,
    List<Team> teams,
    List<AccessToken> tokens,
    List<Recipient> recipients) {
  public static final Catalog EMPTY =
      new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public Catalog {
    accounts = List.copyOf(accounts);
    keys = List.copyOf(keys);
    priceBooks = List.copyOf(priceBooks);
    plans = List.copyOf(plans);
    quotas = List.copyOf(quotas);
    credits = List.copyOf(credits);
    // Absent in commands from before there were teams.
    teams = teams == null ? List.of() : List.copyOf(teams);
    // Absent in commands from before there were tokens.
    tokens = tokens == null ? List.of() : List.copyOf(tokens);
    // Absent in commands from before there were recipients of alerts.
    recipients = recipients == null ? List.of() : List.copyOf(recipients);
  }

  /** Resources without recipients. */
  public Catalog(
      List<Account> accounts,
      List<ApiKey> keys,
      List<PriceBook> priceBooks,
      List<Plan> plans,
      List<Quota> quotas,
      List<Credit> credits,
      List<Team> teams,
      List<AccessToken> tokens) {
    this(accounts, keys, priceBooks, plans, quotas, credits, teams, tokens, List.of());
  }

  /** Resources without tokens. */
  public Catalog(
      List<Account> accounts,
      List<ApiKey> keys,
      List<PriceBook> priceBooks,
      List<Plan> plans,
      List<Quota> quotas,
      List<Credit> credits,
      List<Team> teams) {
    this(accounts, keys, priceBooks, plans, quotas, credits, teams, List.of());
  }

  /** Resources without teams. */
  public Catalog(
      List<Account> accounts,
      List<ApiKey> keys,
      List<PriceBook> priceBooks,
      List<Plan> plans,
      List<Quota> quotas,
      List<Credit> credits) {
    this(accounts, keys, priceBooks, plans, quotas, credits, List.of());
  }

  public static Catalog of(Account account) {
    return new Catalog(
        List.of(account), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  public static Catalog of(ApiKey... keys) {
    return new Catalog(
        List.of(), List.of(keys), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  public static Catalog of(Team team) {
    return new Catalog(
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(team));
  }

  public static Catalog of(AccessToken token) {
    return new Catalog(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(token));
  }

  public static Catalog of(Recipient recipient) {
    return new Catalog(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(recipient));
  }

  public static Catalog of(PriceBook book) {
    return new Catalog(
        List.of(), List.of(), List.of(book), List.of(), List.of(), List.of(), List.of());
  }
}
