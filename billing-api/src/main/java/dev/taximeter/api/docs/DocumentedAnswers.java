package dev.taximeter.api.docs;

import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.MinimumAsOf;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Problems;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Tagged;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;

/**
 * Documents every status that an operation can answer with, and the types of problems behind it:
 * what follows from the operation's shape, and what {@link Refuses} adds.
 */
public final class DocumentedAnswers implements OperationCustomizer {
  /** Name of the list of problem types that a status stands for. */
  public static final String PROBLEM_TYPES = "x-problem-types";

  /** The order in which people expect statuses: successes before problems. */
  private static final int FIRST_PROBLEM = 400;

  /** What any request can meet before its operation runs. */
  private static final Set<ProblemType> ALWAYS =
      EnumSet.of(
          ProblemType.INVALID_PARAMETER,
          ProblemType.INVALID_REQUEST,
          ProblemType.UNAUTHENTICATED,
          ProblemType.NOT_ACCEPTABLE,
          ProblemType.RATE_LIMITED,
          ProblemType.UNKNOWN_HOST,
          ProblemType.INTERNAL_ERROR,
          ProblemType.NOT_READY);

  private static final Set<ProblemType> WITH_BODY =
      EnumSet.of(
          ProblemType.INVALID_BODY, ProblemType.BODY_TOO_LARGE, ProblemType.UNSUPPORTED_MEDIA_TYPE);

  /** What the single writers answer, or fail to. */
  private static final Set<ProblemType> WITH_AUTHOR =
      EnumSet.of(
          ProblemType.FORBIDDEN,
          ProblemType.REFUSED,
          ProblemType.TOO_BUSY,
          ProblemType.NOT_ACKNOWLEDGED);

  private static final Set<ProblemType> WITH_IDEMPOTENCY_KEY =
      EnumSet.of(
          ProblemType.INVALID_IDEMPOTENCY_KEY,
          ProblemType.IN_FLIGHT,
          ProblemType.IDEMPOTENCY_KEY_REUSED);

  @Override
  public Operation customize(Operation operation, HandlerMethod method) {
    if (method.hasMethodAnnotation(Tagged.class)) {
      tag(operation, method);
    }
    describe(operation, problems(method));
    if (isRead(method)) {
      ApiResponse unauthenticated =
          Objects.requireNonNull(
              operation.getResponses().get(Integer.toString(ProblemType.UNAUTHENTICATED.status())));
      unauthenticated
          .getContent()
          .addMediaType(
              org.springframework.http.MediaType.TEXT_HTML_VALUE,
              new MediaType()
                  .schema(new StringSchema().description("For people: how to sign in.")));
    }
    return operation;
  }

  private static Set<ProblemType> problems(HandlerMethod method) {
    Set<ProblemType> problems = EnumSet.copyOf(ALWAYS);
    for (MethodParameter parameter : method.getMethodParameters()) {
      if (parameter.hasParameterAnnotation(RequestBody.class)) {
        problems.addAll(WITH_BODY);
      }
      if (parameter.hasParameterAnnotation(PathVariable.class)) {
        problems.add(ProblemType.NOT_FOUND);
        problems.add(ProblemType.UNKNOWN_ROUTE);
      }
      if (parameter.hasParameterAnnotation(RequestAttribute.class)
          && parameter.getParameterType() == Caller.class) {
        problems.addAll(WITH_AUTHOR);
      }
      if (parameter.getParameterType() == Change.class) {
        problems.addAll(WITH_AUTHOR);
        problems.addAll(WITH_IDEMPOTENCY_KEY);
        problems.add(ProblemType.OUTDATED);
      }
      RequestParam query = parameter.getParameterAnnotation(RequestParam.class);
      if (query != null && query.name().equals(MinimumAsOf.NAME)) {
        problems.add(ProblemType.NOT_REACHED);
      }
      RequestHeader header = parameter.getParameterAnnotation(RequestHeader.class);
      if (header != null && header.name().equals("Idempotency-Key")) {
        problems.addAll(WITH_IDEMPOTENCY_KEY);
      }
      if (header != null && header.name().equals("If-Match")) {
        problems.add(ProblemType.OUTDATED);
      }
    }
    Refuses more = method.getMethodAnnotation(Refuses.class);
    if (more != null) {
      problems.addAll(Arrays.asList(more.value()));
    }
    return problems;
  }

  private static void describe(Operation operation, Set<ProblemType> problems) {
    Map<Integer, Set<ProblemType>> byStatus = new TreeMap<>();
    problems.forEach(
        type -> byStatus.computeIfAbsent(type.status(), status -> new TreeSet<>()).add(type));
    ApiResponses described = new ApiResponses();
    new TreeMap<>(operation.getResponses())
        .forEach(
            (status, response) -> {
              if (Integer.parseInt(status) < FIRST_PROBLEM) {
                described.addApiResponse(status, response);
              }
            });
    byStatus.forEach(
        (status, types) -> described.addApiResponse(Integer.toString(status), problem(types)));
    operation.setResponses(described);
  }

  private static ApiResponse problem(Set<ProblemType> types) {
    ApiResponse response =
        new ApiResponse()
            .description(
                types.stream().map(ProblemType::title).collect(Collectors.joining(", or: ")))
            .content(
                new Content()
                    .addMediaType(
                        Problems.MEDIA_TYPE,
                        new MediaType()
                            .schema(new Schema<>().$ref("#/components/schemas/Problem"))));
    response.addExtension(PROBLEM_TYPES, types.stream().map(ProblemType::uri).toList());
    return response;
  }

  private static boolean isRead(HandlerMethod method) {
    return method.hasMethodAnnotation(GetMapping.class);
  }

  private static void tag(Operation operation, HandlerMethod method) {
    Header etag =
        new Header()
            .description("Version of what is shown; for If-Match and If-None-Match.")
            .schema(new StringSchema().example("\"7\""));
    operation.getResponses().values().forEach(response -> response.addHeaderObject("ETag", etag));
    if (isRead(method)) {
      operation
          .getResponses()
          .addApiResponse(
              "304",
              new ApiResponse()
                  .description("Not changed since If-None-Match.")
                  .headers(Map.of("ETag", etag)));
      List<io.swagger.v3.oas.models.parameters.Parameter> parameters =
          new ArrayList<>(
              operation.getParameters() == null ? List.of() : operation.getParameters());
      parameters.add(
          new HeaderParameter()
              .name("If-None-Match")
              .description("An ETag that was read: the answer is 304 if it is still the same.")
              .schema(new StringSchema()));
      operation.setParameters(parameters);
    }
  }
}
