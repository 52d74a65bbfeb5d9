package dev.taximeter.api.auditlog;

import dev.taximeter.api.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Remembers, with the request, the problem that it was answered with. */
@ControllerAdvice
public final class AuditedProblems implements ResponseBodyAdvice<Object> {
  private static final String ATTRIBUTE = AuditedProblems.class.getName();

  static @Nullable Problem of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Problem problem ? problem : null;
  }

  @Override
  public boolean supports(
      MethodParameter returned, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public @Nullable Object beforeBodyWrite(
      @Nullable Object body,
      MethodParameter returned,
      MediaType type,
      Class<? extends HttpMessageConverter<?>> converter,
      ServerHttpRequest request,
      ServerHttpResponse response) {
    if (body instanceof Problem && request instanceof ServletServerHttpRequest servlet) {
      servlet.getServletRequest().setAttribute(ATTRIBUTE, body);
    }
    return body;
  }
}
