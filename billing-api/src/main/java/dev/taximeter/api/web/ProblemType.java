package dev.taximeter.api.web;

import java.util.Locale;

/** Every kind of problem this API answers with. Codes never change their meaning. */
public enum ProblemType {
  /** A parameter of the request is missing, unknown or wrong. */
  INVALID_PARAMETER(400, "A parameter is wrong"),
  /** The body cannot be read, or a field of it is wrong. */
  INVALID_BODY(400, "The body is wrong"),
  /** The request itself cannot be understood. */
  INVALID_REQUEST(400, "The request cannot be understood"),
  /** Neither a valid token nor a session. */
  UNAUTHENTICATED(401, "Sign in first"),
  /** Signed in, but without the right to this. */
  FORBIDDEN(403, "Not allowed"),
  /** The gate does not accept a key. */
  KEY_REFUSED(403, "The key is not accepted"),
  /** The account of a key does no business. */
  ACCOUNT_REFUSED(403, "The account does no business"),
  /** A prepaid account has used up what it had. */
  BALANCE_EXHAUSTED(403, "The balance is used up"),
  /** No such route. */
  UNKNOWN_ROUTE(404, "No such address"),
  /** No such thing in the catalogue. */
  NOT_FOUND(404, "Not found"),
  /** The route exists, but not with this method. */
  METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
  /** None of the types in {@code Accept} can be served. */
  NOT_ACCEPTABLE(406, "No such representation"),
  /** It exists already and differs. */
  CONFLICT(409, "In conflict with what there is already"),
  /** The request needs an {@code Idempotency-Key}, or the one it has is none. */
  INVALID_IDEMPOTENCY_KEY(400, "The idempotency key is missing or wrong"),
  /** The same {@code Idempotency-Key} is being worked on. */
  IN_FLIGHT(409, "The same request is being worked on"),
  /** A prepaid account has too little left. */
  INSUFFICIENT_BALANCE(409, "The balance is too low"),
  /** The month goes on. */
  PERIOD_NOT_ENDED(409, "The month has not ended"),
  /** Bills become final in order. */
  EARLIER_PERIOD_OPEN(409, "An earlier bill is open"),
  /** What is asked for does not fit what there is. */
  NOT_POSSIBLE(409, "Not possible as things are"),
  /** It was changed since it was read: {@code If-Match} names another version. */
  OUTDATED(412, "It was changed meanwhile"),
  /** The body is larger than allowed. */
  BODY_TOO_LARGE(413, "The body is too large"),
  /** The body's type is not understood. */
  UNSUPPORTED_MEDIA_TYPE(415, "The body's type is not understood"),
  /** The {@code Host} header names a server that this is not. */
  UNKNOWN_HOST(421, "Not this server's name"),
  /** The same {@code Idempotency-Key} was used for something else. */
  IDEMPOTENCY_KEY_REUSED(422, "The idempotency key was used for something else"),
  /** The catalogue's writer refused the change. */
  REFUSED(422, "The change was refused"),
  /** The catalogue file is wrong. */
  INVALID_CATALOG(422, "The catalogue is wrong"),
  /** The answer would be larger than allowed. */
  TOO_MANY_ROWS(422, "The answer would be too large"),
  /** More requests than this asker may send. */
  RATE_LIMITED(429, "Too many requests"),
  /** A hard quota is reached; its window goes on. */
  QUOTA_REACHED(429, "A quota is reached"),
  /** The gate does not know enough yet. */
  GATE_NOT_READY(429, "Not ready yet"),
  /** A defect of this program. */
  INTERNAL_ERROR(500, "Something went wrong here"),
  /** The history store does not answer. */
  HISTORY_UNAVAILABLE(503, "History is not available"),
  /** What is needed has not arrived here yet. */
  NOT_READY(503, "Not ready yet"),
  /** More work at once than allowed. */
  TOO_BUSY(503, "Too busy"),
  /** What {@code minAsOf} asks for was not reached in time. */
  NOT_REACHED(504, "Not as fresh in time"),
  /** Metering did not confirm a change in time. */
  NOT_ACKNOWLEDGED(504, "Not confirmed in time");

  private static final String PREFIX = "urn:taximeter:problem:";

  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** HTTP status. */
  public int status() {
    return status;
  }

  /** A few words, the same for every problem of the type. */
  public String title() {
    return title;
  }

  /** Stable URI of the type. */
  public String uri() {
    return PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
