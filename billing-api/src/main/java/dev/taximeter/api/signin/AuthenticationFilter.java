package dev.taximeter.api.signin;

import dev.taximeter.api.limits.AtOnce;
import dev.taximeter.api.limits.ClientAddress;
import dev.taximeter.api.limits.RateLimit;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets nobody pass who has not proved who they are. What is open to all is a closed list of exact
 * paths; a path that is not on it, known or unknown, asks for a proof first. What the caller may do
 * is decided later, where it is known which handler runs.
 */
public final class AuthenticationFilter extends OncePerRequestFilter {
  private static final Set<String> OPEN =
      Set.of(
          "/livez",
          "/readyz",
          "/sign-in",
          "/assets/sign-in.css",
          "/assets/sign-in.js",
          "/assets/taximeter.svg");

  /** Where a gateway's API key asks about itself. */
  private static final Set<String> FOR_KEYS =
      Set.of(
          "/v1/key",
          "/v1/dashboard/billing/subscription",
          "/v1/dashboard/billing/usage",
          "/dashboard/billing/subscription",
          "/dashboard/billing/usage");

  /** How pages are asked for. */
  private static final Set<String> READING = Set.of("GET", "HEAD");

  private static final long NOT_READY_RETRY_SECONDS = 1;

  /** What passes by itself: a client would take 401 for final. */
  private static final Set<Integer> PASSING =
      Set.of(ProblemType.NOT_READY.status(), ProblemType.RATE_LIMITED.status());

  /** A quarter of the server's threads. A browser asks for six things at once. */
  private static final int MOST_OF_ACCOUNT = 10;

  private final AtOnce ofAccount = new AtOnce(MOST_OF_ACCOUNT);
  private final List<Authenticator> authenticators;
  private final List<Authenticator> keyAuthenticators;
  private final Limits limits;

  /**
   * How often somebody may ask.
   *
   * @param token each token and its sessions
   * @param failures each address without a valid proof
   * @param key each API key that asks about itself
   * @param keyAddress each address that API keys ask from
   */
  public record Limits(RateLimit token, RateLimit failures, RateLimit key, RateLimit keyAddress) {}

  public AuthenticationFilter(
      BearerTokens tokens, Sessions sessions, KeyHolders keyHolders, Limits limits) {
    this.authenticators = List.of(tokens, sessions);
    this.keyAuthenticators = List.of(new ApiKeys(keyHolders));
    this.limits = limits;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    if (OPEN.contains(path)) {
      chain.doFilter(request, response);
      return;
    }
    boolean forKeys = FOR_KEYS.contains(path);
    if (forKeys && !mayAsk(limits.keyAddress(), ClientAddress.of(request), response)) {
      return;
    }
    Authenticator authenticator = authenticatorOf(request, forKeys);
    Caller caller = authenticator == null ? null : authenticator.authenticate(request);
    if (caller == null) {
      refuse(request, response, authenticator);
    } else if (mayAsk(forKeys ? limits.key() : limits.token(), caller.id(), response)) {
      request.setAttribute(Caller.ATTRIBUTE, caller);
      String account = caller.account();
      if (account == null) {
        chain.doFilter(request, response);
      } else {
        withOthersOf(account, request, response, chain);
      }
    }
  }

  /**
   * One customer's requests may wait for something, or for history, or bring much to read; all of
   * them together must leave room for the other customers'.
   */
  private void withOthersOf(
      String account, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!ofAccount.begin(account)) {
      Problems.write(
          response,
          Problem.of(
              ProblemType.RATE_LIMITED,
              "%d requests of this account are being worked on already; wait for one of them."
                  .formatted(MOST_OF_ACCOUNT),
              List.of()),
          1L);
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      ofAccount.end(account);
    }
  }

  /** The first kind of proof that is there decides: a wrong token is not saved by a cookie. */
  private @Nullable Authenticator authenticatorOf(HttpServletRequest request, boolean forKeys) {
    for (Authenticator authenticator : forKeys ? keyAuthenticators : authenticators) {
      if (authenticator.concerns(request)) {
        return authenticator;
      }
    }
    return null;
  }

  /** Answers 429 if not. */
  private static boolean mayAsk(RateLimit limit, String asker, HttpServletResponse response)
      throws IOException {
    RateLimit.Verdict verdict = limit.take(asker);
    verdict.tell(response);
    if (!verdict.allowed()) {
      Problems.write(
          response,
          Problem.of(
              ProblemType.RATE_LIMITED,
              "Too many requests; wait as Retry-After says. RateLimit-Policy shows how many are"
                  + " allowed.",
              List.of()),
          verdict.retryAfterSeconds());
    }
    return verdict.allowed();
  }

  private void refuse(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Authenticator authenticator)
      throws IOException {
    if (authenticator != null && !authenticator.complete()) {
      // A client would take 401 for final.
      Problems.write(
          response,
          Problem.of(
              ProblemType.NOT_READY,
              "This process has just started and does not know all tokens and keys yet; send the"
                  + " request again in a moment.",
              List.of()),
          NOT_READY_RETRY_SECONDS);
      return;
    }
    if (!mayAsk(limits.failures(), ClientAddress.of(request), response)) {
      return;
    }
    Problem problem = authenticator == null ? null : authenticator.refusal(request);
    if (authenticator != null && problem != null && PASSING.contains(problem.status())) {
      Duration wait = authenticator.retryAfter(request);
      // Rounded up: whoever waits as told is not refused again.
      Problems.write(response, problem, wait.plusSeconds(1).minusNanos(1).toSeconds());
      return;
    }
    response.setHeader("WWW-Authenticate", "Bearer realm=\"taximeter\"");
    String accept = request.getHeader("Accept");
    boolean person =
        READING.contains(request.getMethod()) && accept != null && accept.contains("text/html");
    if (person) {
      SignInPage.write(request, response, ProblemType.UNAUTHENTICATED.status());
    } else {
      Problems.write(
          response,
          problem != null
              ? problem
              : Problem.of(
                  ProblemType.UNAUTHENTICATED,
                  "Send the header Authorization: Bearer with a token, such as the one in the file"
                      + " admin-token in the data directory.",
                  List.of()));
    }
  }
}
