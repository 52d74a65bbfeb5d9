package dev.taximeter.api.catalog;

import dev.taximeter.api.signin.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Reads what every change of the catalogue comes with. */
public final class ChangeResolver implements HandlerMethodArgumentResolver {
  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == Change.class;
  }

  @Override
  public Change resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    if (!(request.getAttribute(Caller.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST)
        instanceof Caller caller)) {
      throw new IllegalStateException("a change was asked for by nobody");
    }
    String reason = request.getParameter(Change.REASON);
    return new Change(
        caller,
        Revisions.reason(reason == null ? "" : reason),
        header(request, HttpHeaders.IF_MATCH),
        header(request, "Idempotency-Key"));
  }

  /** One that is sent twice is put together, and so refused where one value is expected. */
  private static @Nullable String header(NativeWebRequest request, String name) {
    String[] values = request.getHeaderValues(name);
    return values == null ? null : String.join(",", values);
  }
}
