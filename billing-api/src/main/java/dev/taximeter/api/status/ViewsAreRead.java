package dev.taximeter.api.status;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Keeps a process that has just started from answering before it has read all live views once: an
 * account that is still to come would be not found, and a balance one of long ago.
 */
public final class ViewsAreRead implements HandlerInterceptor {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final ObjectProvider<ViewPositions> views;

  public ViewsAreRead(ObjectProvider<ViewPositions> views) {
    this.views = views;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    Set<String> waiting = views.getObject().waiting().keySet();
    if (!waiting.isEmpty()) {
      throw ProblemException.passing(
          ProblemType.NOT_READY,
          "This process has just started and still reads %s; send the request again in a moment."
              .formatted(String.join(", ", waiting)),
          RETRY_AFTER,
          null);
    }
    return true;
  }
}
