package dev.taximeter.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests that name another host. A web page could otherwise point a name of its own at
 * this machine and talk to a server that listens on loopback only (DNS rebinding).
 */
public final class HostFilter extends OncePerRequestFilter {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final Set<String> names;

  /**
   * @param configured further names of this server, lower case
   */
  public HostFilter(Collection<String> configured) {
    Set<String> all = new TreeSet<>(LOOPBACK);
    all.addAll(configured);
    this.names = all;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (names.contains(hostOf(request.getHeader("Host")))) {
      chain.doFilter(request, response);
    } else {
      Problems.write(
          response,
          Problem.of(
              ProblemType.UNKNOWN_HOST,
              "Use one of these names for this server: %s; TAXIMETER_HOST_NAMES adds others."
                  .formatted(String.join(", ", names)),
              List.of()));
    }
  }

  private static String hostOf(@org.jspecify.annotations.Nullable String header) {
    if (header == null) {
      return "";
    }
    int portAt = header.lastIndexOf(':');
    boolean hasPort = portAt > header.lastIndexOf(']');
    return (hasPort ? header.substring(0, portAt) : header).toLowerCase(Locale.ROOT);
  }
}
