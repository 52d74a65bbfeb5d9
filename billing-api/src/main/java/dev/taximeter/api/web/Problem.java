package dev.taximeter.api.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * An RFC 9457 problem.
 *
 * @param errors each single mistake, if there can be several; else empty
 */
@Schema(description = "What went wrong, where, and how to put it right (RFC 9457).")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
    @Schema(
            description = "Stable URI of the kind of problem.",
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "urn:taximeter:problem:invalid-parameter")
        String type,
    @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "A parameter is wrong")
        String title,
    @Schema(description = "HTTP status.", example = "400") int status,
    @Schema(
            requiredMode = Schema.RequiredMode.REQUIRED,
            example = "granularity must be one of minute, hour, day, month, not week.")
        String detail,
    @Schema(description = "Each single mistake.") List<Mistake> errors) {
  public Problem {
    errors = List.copyOf(errors);
  }

  public static Problem of(ProblemType type, String detail, List<Mistake> errors) {
    return new Problem(type.uri(), type.title(), type.status(), detail, errors);
  }

  /**
   * One mistake.
   *
   * @param where the parameter, the body's field as a JSON pointer, or empty
   * @param detail what is wrong and how to put it right
   */
  @Schema(description = "One mistake.")
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Mistake(
      @Schema(description = "Parameter, or JSON pointer into the body.", example = "granularity")
          String where,
      @Schema(example = "must be one of minute, hour, day, month, not week") String detail) {}
}
