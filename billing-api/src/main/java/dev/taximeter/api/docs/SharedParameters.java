package dev.taximeter.api.docs;

import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.web.Listing;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.QueryParameter;
import java.util.ArrayList;
import java.util.List;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.core.MethodParameter;
import org.springframework.web.method.HandlerMethod;

/** Documents what lists and changes take alike. */
public final class SharedParameters implements OperationCustomizer {
  @Override
  public Operation customize(Operation operation, HandlerMethod method) {
    List<Parameter> parameters =
        new ArrayList<>(operation.getParameters() == null ? List.of() : operation.getParameters());
    int before = parameters.size();
    for (MethodParameter parameter : method.getMethodParameters()) {
      Listing.By by = parameter.getParameterAnnotation(Listing.By.class);
      if (by != null) {
        addList(parameters, by);
      } else if (parameter.getParameterType() == Change.class) {
        addChange(parameters, parameter.hasParameterAnnotation(Change.MakesASecret.class));
      }
    }
    if (parameters.size() > before) {
      operation.setParameters(parameters);
    }
    return operation;
  }

  private static void addList(List<Parameter> parameters, Listing.By by) {
    parameters.add(
        query(
            Listing.ORDER,
            "By %s, ascending or descending; %s if absent."
                .formatted(by.value(), by.descending() ? "desc" : "asc"),
            new StringSchema().addEnumItem("asc").addEnumItem("desc")));
    parameters.add(
        query(Listing.LIMIT, "Page size, 1 to 1,000; 100 if absent.", new StringSchema())
            .example(100));
    parameters.add(query(Listing.CURSOR, "The previous page's next.", new StringSchema()));
  }

  private static void addChange(List<Parameter> parameters, boolean makesASecret) {
    StringSchema reason = new StringSchema();
    reason.setDefault("");
    parameters.add(query(Change.REASON, "Why; kept in its history.", reason));
    parameters.add(header("If-Match", "The ETag that was read; any version without it."));
    parameters.add(
        header(
            "Idempotency-Key",
            makesASecret
                ? "The same when the request is sent again: for a day it gives the same key and"
                    + " secret. Without it each request makes another key."
                : "Not needed: the same again is harmless."));
  }

  private static Parameter query(String name, String description, StringSchema schema) {
    return new QueryParameter().name(name).description(description).required(false).schema(schema);
  }

  private static Parameter header(String name, String description) {
    return new HeaderParameter()
        .name(name)
        .description(description)
        .required(false)
        .schema(new StringSchema());
  }
}
