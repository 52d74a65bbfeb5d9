package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets nobody pass who has not proved who they are. What is open to all is a closed list of exact
 * paths; a path that is not on it, known or unknown, asks for a proof first.
 */
public final class AuthenticationFilter extends OncePerRequestFilter {
  private static final Set<String> OPEN =
      Set.of("/livez", "/readyz", "/sign-in", "/assets/sign-in.css", "/assets/taximeter.svg");

  /** A cookie travels by itself, so it may only read. */
  private static final Set<String> READING = Set.of("GET", "HEAD");

  private final List<Authenticator> authenticators;

  public AuthenticationFilter(AdminToken token, Sessions sessions) {
    this.authenticators = List.of(token, sessions);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (OPEN.contains(request.getRequestURI())) {
      chain.doFilter(request, response);
      return;
    }
    Caller caller = callerOf(request);
    if (caller == null) {
      refuse(request, response);
    } else if (caller.means() == Caller.Means.SESSION && !READING.contains(request.getMethod())) {
      Problems.write(
          response,
          Problem.of(
              ProblemType.FORBIDDEN,
              "A browser session can only read; send changes with Authorization: Bearer and a"
                  + " token.",
              List.of()));
    } else {
      request.setAttribute(Caller.ATTRIBUTE, caller);
      chain.doFilter(request, response);
    }
  }

  /** The first kind of proof that is there decides: a wrong token is not saved by a cookie. */
  private @Nullable Caller callerOf(HttpServletRequest request) {
    for (Authenticator authenticator : authenticators) {
      if (authenticator.concerns(request)) {
        return authenticator.authenticate(request);
      }
    }
    return null;
  }

  private static void refuse(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("WWW-Authenticate", "Bearer realm=\"taximeter\"");
    String accept = request.getHeader("Accept");
    boolean person =
        READING.contains(request.getMethod()) && accept != null && accept.contains("text/html");
    if (person) {
      SignInPage.write(request, response, ProblemType.UNAUTHENTICATED.status());
    } else {
      Problems.write(
          response,
          Problem.of(
              ProblemType.UNAUTHENTICATED,
              request.getHeader("Authorization") == null
                  ? "Send the header Authorization: Bearer with the token from the file admin-token"
                      + " in the data directory."
                  : "This token is not valid; the valid one is in the file admin-token in the data"
                      + " directory.",
              List.of()));
    }
  }
}
