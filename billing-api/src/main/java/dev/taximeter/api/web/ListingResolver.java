package dev.taximeter.api.web;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Reads what every list takes. */
public final class ListingResolver implements HandlerMethodArgumentResolver {
  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == Listing.class;
  }

  @Override
  public Listing resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    Listing.By by = parameter.getParameterAnnotation(Listing.By.class);
    String order = request.getParameter(Listing.ORDER);
    return new Listing(
        order == null && by != null ? by.descending() : Paging.descending(order),
        Paging.size(request.getParameter(Listing.LIMIT)),
        request.getParameter(Listing.CURSOR));
  }
}
