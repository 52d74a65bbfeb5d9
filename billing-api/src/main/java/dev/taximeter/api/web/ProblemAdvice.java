package dev.taximeter.api.web;

import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Turns every exception into a problem. No answer ever carries a stack trace or a class name. */
@RestControllerAdvice
public final class ProblemAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

  private static final Duration HISTORY_RETRY_AFTER = Duration.ofSeconds(5);

  @ExceptionHandler
  ResponseEntity<Problem> problem(ProblemException e) {
    HttpHeaders headers = new HttpHeaders();
    if (e.retryAfter() != null) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, e.retryAfter().toSeconds())));
    }
    if (e.getCause() != null) {
      LOG.warn("{} ({})", e.getMessage(), rootMessage(e));
    }
    return answer(e.problem(), headers);
  }

  @ExceptionHandler
  ResponseEntity<Problem> historyUnavailable(HistoryUnavailableException e) {
    return problem(
        ProblemException.passing(
            ProblemType.HISTORY_UNAVAILABLE,
            "The history store does not answer; balances and bills still work.",
            HISTORY_RETRY_AFTER,
            e));
  }

  @ExceptionHandler
  ResponseEntity<Problem> unknownRoute(NoResourceFoundException e) {
    return answer(
        ProblemType.UNKNOWN_ROUTE,
        "There is nothing at /%s; /docs lists what there is.".formatted(e.getResourcePath()));
  }

  @ExceptionHandler
  ResponseEntity<Problem> wrongMethod(HttpRequestMethodNotSupportedException e) {
    String[] supported = e.getSupportedMethods();
    String allowed = supported == null ? "" : String.join(", ", supported);
    HttpHeaders headers = new HttpHeaders();
    headers.set(HttpHeaders.ALLOW, allowed);
    return answer(
        Problem.of(
            ProblemType.METHOD_NOT_ALLOWED,
            "This address takes %s, not %s.".formatted(allowed, e.getMethod()),
            List.of()),
        headers);
  }

  @ExceptionHandler
  ResponseEntity<Problem> wrongMediaType(HttpMediaTypeNotSupportedException e) {
    return answer(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        "Say what the body is with the header Content-Type: %s%s."
            .formatted(
                e.getSupportedMediaTypes().stream()
                    .filter(type -> !type.getSubtype().contains("*"))
                    .map(MediaType::toString)
                    .distinct()
                    .collect(Collectors.joining(" or ")),
                e.getContentType() == null ? "" : ", not " + e.getContentType()));
  }

  @ExceptionHandler
  ResponseEntity<Problem> notAcceptable(HttpMediaTypeNotAcceptableException e) {
    return answer(
        ProblemType.NOT_ACCEPTABLE,
        "Accept must allow "
            + e.getSupportedMediaTypes().stream()
                .map(MediaType::toString)
                .collect(Collectors.joining(" or "))
            + ".");
  }

  @ExceptionHandler
  ResponseEntity<Problem> missing(MissingServletRequestParameterException e) {
    return problem(ProblemException.parameter(e.getParameterName(), "is missing"));
  }

  @ExceptionHandler
  ResponseEntity<Problem> mistyped(MethodArgumentTypeMismatchException e) {
    return problem(ProblemException.parameter(e.getName(), mustBe(e.getRequiredType())));
  }

  @ExceptionHandler
  ResponseEntity<Problem> unreadable(HttpMessageNotReadableException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BodyLimitFilter.TooLargeException tooLarge) {
        return answer(ProblemType.BODY_TOO_LARGE, tooLarge.detail());
      }
      if (cause instanceof UnrecognizedPropertyException unknown) {
        return problem(
            ProblemException.field(
                pointer(unknown), "is no field of this; known are " + known(unknown)));
      }
      if (cause instanceof DatabindException bind) {
        return problem(ProblemException.field(pointer(bind), mustBe(bind)));
      }
      if (cause instanceof StreamReadException) {
        return answer(ProblemType.INVALID_BODY, "The body is no JSON" + place(cause) + ".");
      }
    }
    return answer(ProblemType.INVALID_BODY, "The body is missing or cannot be read.");
  }

  /** The client has gone; nobody reads an answer. */
  @ExceptionHandler
  void gone(AsyncRequestNotUsableException e) {
    LOG.debug("client gone: {}", e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Problem> other(Exception e) {
    if (e instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
      HttpStatusCode status = known.getStatusCode();
      ProblemType type =
          status.value() == ProblemType.UNKNOWN_ROUTE.status()
              ? ProblemType.UNKNOWN_ROUTE
              : ProblemType.INVALID_REQUEST;
      return answer(type, "The request cannot be understood; /docs shows how to ask.");
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BodyLimitFilter.TooLargeException tooLarge) {
        return answer(ProblemType.BODY_TOO_LARGE, tooLarge.detail());
      }
    }
    LOG.error("a request failed", e);
    return answer(ProblemType.INTERNAL_ERROR, "This is a defect of Taximeter; its log says more.");
  }

  private static ResponseEntity<Problem> answer(ProblemType type, String detail) {
    return answer(Problem.of(type, detail, List.of()), new HttpHeaders());
  }

  private static ResponseEntity<Problem> answer(Problem problem, HttpHeaders headers) {
    return ResponseEntity.status(problem.status())
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  private static String mustBe(DatabindException e) {
    return mustBe(e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null);
  }

  /** What is valid where something else stands. */
  private static String mustBe(@Nullable Class<?> type) {
    if (type == null) {
      return "has no valid value; /docs shows what is";
    }
    if (type.isEnum()) {
      return "must be one of "
          + Arrays.stream(type.getEnumConstants())
              // As JSON has them.
              .map(value -> Json.MAPPER.writeValueAsString(value).replace("\"", ""))
              .collect(Collectors.joining(", "));
    }
    if (type == BigDecimal.class) {
      return "must be a decimal without exponent, such as \"12.50\"";
    }
    if (type == Instant.class) {
      return "must be an RFC 3339 time with a zone, such as 2026-11-01T00:00:00Z";
    }
    if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
      return "must be a whole number";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "must be true or false";
    }
    if (type == String.class) {
      return "must be text";
    }
    return Collection.class.isAssignableFrom(type) ? "must be a list" : "must be an object";
  }

  private static String pointer(DatabindException e) {
    return e.getPath().stream()
        .map(at -> at.getPropertyName() != null ? at.getPropertyName() : "" + at.getIndex())
        .collect(Collectors.joining("/"));
  }

  private static String known(UnrecognizedPropertyException e) {
    var names = e.getKnownPropertyIds();
    return names == null
        ? "none"
        : names.stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
  }

  private static String place(Throwable e) {
    if (e instanceof JacksonException json && json.getLocation() != null) {
      return String.format(
          Locale.ROOT,
          ": see line %d, column %d",
          json.getLocation().getLineNr(),
          json.getLocation().getColumnNr());
    }
    return "";
  }

  private static @Nullable String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
