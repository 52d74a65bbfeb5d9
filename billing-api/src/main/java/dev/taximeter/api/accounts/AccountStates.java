package dev.taximeter.api.accounts;

import dev.taximeter.contract.event.AccountState;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The latest state of every account, as its single writer said it. */
public interface AccountStates {
  /**
   * Finds an account's state.
   *
   * @return null if the account has no state yet
   */
  @Nullable AccountState find(String account);

  /** Whether all states are here; else those of some unknown keys are left out. */
  boolean complete();

  /** A view of all states, unattributed ones included; may change while it is read. */
  Collection<AccountState> all();
}
