package dev.taximeter.api.accounts;

import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.MinimumAsOf;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.event.AccountState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Finds accounts and their states, or says why there are none. */
public final class AccountDirectory {
  /** Beginning of the ids under which usage of unknown keys is held. */
  public static final String UNATTRIBUTED = "unattributed:";

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int MOST_SHOWN = 64;

  private final CatalogView catalog;
  private final AccountStates states;

  public AccountDirectory(CatalogView catalog, AccountStates states) {
    this.catalog = catalog;
    this.states = states;
  }

  /**
   * Finds an account of the catalogue.
   *
   * @throws ProblemException if the catalogue has no such account
   */
  public Account account(String id) {
    Account account = catalog.snapshot().account(id);
    if (account == null) {
      throw missing(id);
    }
    return account;
  }

  /** What is answered where there is no such account, or none that the caller may see. */
  public static ProblemException missing(String id) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        id.startsWith(UNATTRIBUTED)
            ? "Nobody has claimed the usage under %s yet, so it has no money; GET /v1/usage shows its tokens."
                .formatted(shown(id))
            : "There is no account %s; GET /v1/accounts lists all.".formatted(shown(id)));
  }

  /**
   * The same for a caller who sees one account only: whether there is another, it does not learn.
   */
  public static ProblemException missing(String id, String own) {
    return ProblemException.of(
        ProblemType.NOT_FOUND,
        "There is no account %s for this token, which sees %s only.".formatted(shown(id), own));
  }

  /**
   * Finds an account's live state.
   *
   * @throws ProblemException if there is no such account, or its state has not arrived here
   */
  public AccountState state(String id) {
    Account account = account(id);
    AccountState state = states.find(account.id());
    if (state == null) {
      throw ProblemException.passing(
          ProblemType.NOT_READY,
          "Account %s is in the catalogue, but metering has not opened it yet.".formatted(id),
          RETRY_AFTER,
          null);
    }
    return state;
  }

  /**
   * Finds an account's live state, once it has reached a sequence number.
   *
   * @param minAsOf the parameter; null if any will do
   * @throws ProblemException if there is no such account, or it is not as far in time
   */
  public AccountState state(String id, @Nullable String minAsOf) {
    long wanted = MinimumAsOf.read(minAsOf);
    AccountState first = state(id);
    if (first.sequence() >= wanted) {
      return first;
    }
    MinimumAsOf.await(wanted, () -> state(id).sequence());
    return state(id);
  }

  private static String shown(String id) {
    return id.length() <= MOST_SHOWN ? id : id.substring(0, MOST_SHOWN) + "…";
  }
}
