package dev.taximeter.api.gate;

import dev.taximeter.contract.event.GateState;
import org.jspecify.annotations.Nullable;

/** What stops accounts' keys, as the accounts' writers have told last. */
public interface GateStates {
  /** {@return null if nothing was ever told of the account, so that nothing stops its keys} */
  @Nullable GateState find(String account);
}
