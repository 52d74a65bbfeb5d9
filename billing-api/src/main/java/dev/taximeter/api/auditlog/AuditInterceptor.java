package dev.taximeter.api.auditlog;

import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.AuditRecord.Outcome;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Writes down every request to change something: before anything is done, and what came of it. What
 * cannot be written down is not done.
 */
public final class AuditInterceptor implements HandlerInterceptor {
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** Characters; the path of a request may be longer. */
  private static final int LONGEST_PATH = 500;

  private static final int LONGEST_DETAIL = 1_000;
  private static final String ATTEMPT = AuditInterceptor.class.getName();
  private static final Logger LOG = LoggerFactory.getLogger(AuditInterceptor.class);

  private final AuditLog log;
  private final Clock clock;

  public AuditInterceptor(AuditLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod
        && request.getDispatcherType() == DispatcherType.REQUEST
        && !READING.contains(request.getMethod())
        && request.getAttribute(Caller.ATTRIBUTE) instanceof Caller caller) {
      AuditRecord attempt = attempt(request, caller);
      if (!log.write(attempt)) {
        throw ProblemException.passing(
            ProblemType.NOT_READY,
            "The audit log cannot be written, so nothing was changed; is Kafka running?",
            RETRY_AFTER,
            null);
      }
      request.setAttribute(ATTEMPT, attempt);
    }
    return true;
  }

  private AuditRecord attempt(HttpServletRequest request, Caller caller) {
    Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    return new AuditRecord(
        UUID.randomUUID().toString(),
        clock.instant(),
        caller.id(),
        caller.name(),
        caller.role().code(),
        caller.account(),
        request.getRemoteAddr(),
        request.getMethod(),
        pattern == null ? "" : pattern.toString(),
        shortened(request.getRequestURI(), LONGEST_PATH),
        Outcome.ATTEMPTED,
        0,
        null,
        null,
        List.of());
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception thrown) {
    if (request.getAttribute(ATTEMPT) instanceof AuditRecord attempt) {
      request.removeAttribute(ATTEMPT);
      int status = thrown == null ? response.getStatus() : HttpStatus.INTERNAL_SERVER_ERROR.value();
      Problem problem = AuditedProblems.of(request);
      AuditTrail.Steps steps = AuditTrail.current();
      AuditRecord ended =
          attempt.ended(
              outcome(status, steps),
              status,
              problem == null ? null : problem.type(),
              problem == null ? null : shortened(problem.detail(), LONGEST_DETAIL),
              steps.asked());
      if (!log.write(ended)) {
        // The attempt is there, and says that the outcome is not known.
        LOG.error("The outcome of {} {} is not in the audit log", attempt.method(), attempt.id());
      }
    }
  }

  private static Outcome outcome(int status, AuditTrail.Steps steps) {
    if (status < HttpStatus.BAD_REQUEST.value()) {
      return Outcome.DONE;
    }
    return steps.changedNothing() ? Outcome.REFUSED : Outcome.UNCERTAIN;
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
