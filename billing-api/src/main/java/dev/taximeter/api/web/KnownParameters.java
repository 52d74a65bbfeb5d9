package dev.taximeter.api.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses query parameters that the handler does not know, and ones given twice: a misspelt filter
 * must not silently widen an answer.
 */
public final class KnownParameters implements HandlerInterceptor {
  private final Map<HandlerMethod, Set<String>> known = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method
        && method.getBeanType().getName().startsWith("dev.taximeter.")) {
      if (readsABody(method)) {
        refuseWildcards(request);
      }
      if (isFormWhereABodyIsRead(request, method)) {
        return true;
      }
      Set<String> names = known.computeIfAbsent(method, KnownParameters::namesOf);
      request
          .getParameterMap()
          .forEach(
              (name, values) -> {
                if (!names.contains(name)) {
                  throw ProblemException.parameter(
                      shortened(name),
                      names.isEmpty()
                          ? "is not known; this address takes no parameters"
                          : "is not known; this address takes " + String.join(", ", names));
                }
                if (values.length > 1) {
                  throw ProblemException.parameter(name, "is given more than once");
                }
              });
    }
    return true;
  }

  /** A body has one type; what says otherwise would fail where bodies are read. */
  private static void refuseWildcards(HttpServletRequest request) {
    String type = request.getContentType();
    if (type != null && type.contains("*")) {
      throw ProblemException.of(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "Say what the body is with the header Content-Type, without *.");
    }
  }

  /** What curl -d sends unless told otherwise is no parameters, but a body of the wrong type. */
  private static boolean isFormWhereABodyIsRead(HttpServletRequest request, HandlerMethod method) {
    String type = request.getContentType();
    return type != null
        && type.toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)
        && readsABody(method);
  }

  private static boolean readsABody(HandlerMethod method) {
    return Arrays.stream(method.getMethodParameters())
        .anyMatch(parameter -> parameter.hasParameterAnnotation(RequestBody.class));
  }

  private static Set<String> namesOf(HandlerMethod method) {
    Set<String> names = new TreeSet<>();
    for (MethodParameter parameter : method.getMethodParameters()) {
      RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
      if (annotation != null) {
        names.add(annotation.name());
      }
      SharedInputs shared = parameter.getParameterType().getAnnotation(SharedInputs.class);
      if (shared != null) {
        names.addAll(List.of(shared.parameters()));
      }
    }
    return names;
  }

  private static String shortened(String name) {
    int most = 40;
    return name.length() <= most ? name : name.substring(0, most) + "…";
  }
}
