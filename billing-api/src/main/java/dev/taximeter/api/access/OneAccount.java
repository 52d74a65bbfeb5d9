package dev.taximeter.api.access;

import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets the requests of tokens of one account be narrowed: the parameter {@code account} can be set
 * once it is known that the route's answer depends on it.
 */
public final class OneAccount extends OncePerRequestFilter {
  static final String PARAMETER = "account";

  /** Request attribute with the account that the parameter is set to. */
  private static final String NARROWED = OneAccount.class.getName();

  /** What no controller of ours answers: the health of the installation. */
  private static final String ACTUATOR = "/actuator";

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean narrow =
        request.getAttribute(Caller.ATTRIBUTE) instanceof Caller caller && caller.account() != null;
    if (!narrow) {
      chain.doFilter(request, response);
    } else if (request.getRequestURI().startsWith(ACTUATOR)) {
      Problems.write(
          response,
          Problem.of(ProblemType.FORBIDDEN, RightsInterceptor.ONE_ACCOUNT_ONLY, List.of()));
    } else {
      chain.doFilter(new Narrowed(request), response);
    }
  }

  /** Sets the parameter of a request that this filter has seen. */
  static void narrow(HttpServletRequest request, String account) {
    request.setAttribute(NARROWED, account);
    if (!account.equals(request.getParameter(PARAMETER))) {
      throw new IllegalStateException("a request of one account's token was not narrowed");
    }
  }

  private static final class Narrowed extends HttpServletRequestWrapper {
    Narrowed(HttpServletRequest request) {
      super(request);
    }

    private @Nullable String account() {
      return getAttribute(NARROWED) instanceof String account ? account : null;
    }

    @Override
    public @Nullable String getParameter(String name) {
      String account = account();
      return account != null && name.equals(PARAMETER) ? account : super.getParameter(name);
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      String account = account();
      return account != null && name.equals(PARAMETER)
          ? new String[] {account}
          : super.getParameterValues(name);
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      String account = account();
      if (account == null) {
        return super.getParameterMap();
      }
      Map<String, String[]> parameters = new LinkedHashMap<>(super.getParameterMap());
      parameters.put(PARAMETER, new String[] {account});
      return parameters;
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(getParameterMap().keySet());
    }
  }
}
