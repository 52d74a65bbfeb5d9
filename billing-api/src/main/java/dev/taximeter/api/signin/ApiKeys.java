package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The gateway's API keys, on the few addresses where a key asks about itself. */
final class ApiKeys implements Authenticator {
  private final KeyHolders holders;

  ApiKeys(KeyHolders holders) {
    this.holders = holders;
  }

  /** Nothing else is a proof there: neither a token nor a cookie. */
  @Override
  public boolean concerns(HttpServletRequest request) {
    return true;
  }

  @Override
  public @Nullable Caller authenticate(HttpServletRequest request) {
    String rawKey = Bearer.of(request);
    return rawKey == null ? null : holders.holderOf(rawKey);
  }

  @Override
  public boolean complete() {
    return holders.complete();
  }

  @Override
  public Problem refusal(HttpServletRequest request) {
    return Problem.of(
        ProblemType.UNAUTHENTICATED,
        "Send the header Authorization: Bearer with an API key of the gateway that is registered and"
            + " in use.",
        List.of());
  }
}
