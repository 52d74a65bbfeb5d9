package dev.taximeter.api.access;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.OwnPages;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Asks the table of rights for the handler that runs. Somebody else's account is answered as one
 * that does not exist, and what a token may not do at all is refused before it is looked at whom it
 * would concern: so no answer tells a customer which other accounts there are.
 */
public final class RightsInterceptor implements HandlerInterceptor {
  static final String ONE_ACCOUNT_ONLY =
      "This token sees one account only; ask the operator for what concerns all.";

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && request.getAttribute(Caller.ATTRIBUTE) instanceof Caller caller) {
      check(caller, rightOf(request, handler), request);
    }
    // Without a caller it is one of the few paths that are open to all: the filter has seen to it.
    return true;
  }

  private static Right rightOf(HttpServletRequest request, Object handler) {
    if (!(handler instanceof HandlerMethod)) {
      // Pages, scripts and images: the same for all.
      return Right.SIGNED_IN;
    }
    return request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
            instanceof String pattern
        ? Rights.of(request.getMethod(), pattern)
        : Right.ADMINISTER;
  }

  private static void check(Caller caller, Right right, HttpServletRequest request) {
    if ((caller.means() == Caller.Means.API_KEY) != (right == Right.API_KEY)) {
      throw forbidden(
          right == Right.API_KEY
              ? "Ask this with an API key of the gateway as bearer token."
              : "An API key of the gateway may only ask about itself: GET /v1/key.");
    }
    if (caller.means() == Caller.Means.SESSION
        && !READING.contains(request.getMethod())
        && !OwnPages.sent(request)) {
      throw forbidden(
          "A browser's session changes something only from this server's own pages; elsewhere send"
              + " changes with Authorization: Bearer and a token.");
    }
    if (!caller.role().includes(right.least())) {
      throw forbidden(
          "This needs a token with the role %s; yours is %s."
              .formatted(right.least().code(), caller.role().code()));
    }
    String own = caller.account();
    if (own != null) {
      checkScope(own, right, request);
    }
  }

  private static void checkScope(String own, Right right, HttpServletRequest request) {
    switch (right.scope()) {
      case ANYTHING, ITSELF -> {
        // Nobody's data, or the handler sees to it.
      }
      case ALL_ACCOUNTS -> throw forbidden(ONE_ACCOUNT_ONLY);
      case ACCOUNT_OF_PATH -> checkAccount(own, pathVariable(request));
      case ACCOUNT_OF_PARAMETER -> {
        String[] asked = request.getParameterValues(OneAccount.PARAMETER);
        if (asked != null) {
          for (String account : asked) {
            checkAccount(own, account.isBlank() ? own : account);
          }
        }
        OneAccount.narrow(request, own);
      }
    }
  }

  private static void checkAccount(String own, @Nullable String asked) {
    if (!own.equals(asked)) {
      throw AccountDirectory.missing(asked == null ? "" : asked, own);
    }
  }

  private static @Nullable String pathVariable(HttpServletRequest request) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> variables
            && variables.get(OneAccount.PARAMETER) instanceof String account
        ? account
        : null;
  }

  private static ProblemException forbidden(String detail) {
    return ProblemException.of(ProblemType.FORBIDDEN, detail);
  }
}
