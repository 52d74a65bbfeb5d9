package dev.taximeter.api.web;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ProblemType type;
  private final transient Problem problem;
  private final @Nullable Duration retryAfter;

  private ProblemException(
      ProblemType type,
      String detail,
      List<Problem.Mistake> errors,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(detail, cause);
    this.type = type;
    this.problem = Problem.of(type, detail, errors);
    this.retryAfter = retryAfter;
  }

  public static ProblemException of(ProblemType type, String detail) {
    return new ProblemException(type, detail, List.of(), null, null);
  }

  public static ProblemException of(ProblemType type, String detail, List<Problem.Mistake> errors) {
    return new ProblemException(type, detail, errors, null, null);
  }

  /** A condition that passes: the answer says when to try again. */
  public static ProblemException passing(
      ProblemType type, String detail, Duration retryAfter, @Nullable Throwable cause) {
    return new ProblemException(type, detail, List.of(), retryAfter, cause);
  }

  /**
   * A parameter is wrong.
   *
   * @param name the parameter
   * @param mistake continues a sentence that begins with the name
   */
  public static ProblemException parameter(String name, String mistake) {
    return of(
        ProblemType.INVALID_PARAMETER,
        name + " " + mistake + ".",
        List.of(new Problem.Mistake(name, mistake)));
  }

  /**
   * A field of the body is wrong.
   *
   * @param field the body's field; empty if the body itself is wrong
   * @param mistake continues a sentence that begins with the name
   */
  public static ProblemException field(String field, String mistake) {
    return of(
        ProblemType.INVALID_BODY,
        (field.isEmpty() ? "The body" : field) + " " + mistake + ".",
        List.of(new Problem.Mistake(field.isEmpty() ? "" : "/" + field, mistake)));
  }

  public ProblemType type() {
    return type;
  }

  public Problem problem() {
    return problem;
  }

  /** When to try again; null if trying again does not help. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
