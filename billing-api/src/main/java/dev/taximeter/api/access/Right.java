package dev.taximeter.api.access;

import dev.taximeter.contract.catalog.AccessToken.Role;

/** What a route asks of its caller. */
enum Right {
  /** Pages and documents that show nobody's data, and signing in. */
  SIGNED_IN(Role.VIEWER, Scope.ANYTHING),
  /** Reads what belongs to the account that the path names. */
  READ_ACCOUNT(Role.VIEWER, Scope.ACCOUNT_OF_PATH),
  /** Reads what its parameter {@code account} narrows; for a token of one account, to that. */
  READ_FILTERED(Role.VIEWER, Scope.ACCOUNT_OF_PARAMETER),
  /** Reads a list of which the handler shows a token of one account only its own. */
  READ_OWN(Role.VIEWER, Scope.ANYTHING),
  /** Reads what belongs to the installation, or to all accounts together. */
  READ(Role.VIEWER, Scope.ALL_ACCOUNTS),
  /** Changes the keys of the account that the path names: all that a customer may write. */
  WRITE_KEYS(Role.BILLING, Scope.ACCOUNT_OF_PATH),
  /** Changes prices, accounts and money. */
  WRITE(Role.BILLING, Scope.ALL_ACCOUNTS),
  /** All else: tokens, the audit log, decisions about lines and sources. */
  ADMINISTER(Role.ADMINISTRATOR, Scope.ALL_ACCOUNTS),
  /** A gateway's API key asks about itself; no token may. */
  API_KEY(Role.VIEWER, Scope.ITSELF);

  /** What a token of one account may reach. */
  enum Scope {
    /** As any other. */
    ANYTHING,
    /** Its account, as the path names it. */
    ACCOUNT_OF_PATH,
    /** Its account, whatever the parameter names. */
    ACCOUNT_OF_PARAMETER,
    /** Nothing. */
    ALL_ACCOUNTS,
    /** Nothing; a key reaches itself. */
    ITSELF
  }

  private final Role least;
  private final Scope scope;

  Right(Role least, Scope scope) {
    this.least = least;
    this.scope = scope;
  }

  Role least() {
    return least;
  }

  Scope scope() {
    return scope;
  }
}
