package dev.taximeter.standalone.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The engine refused a request. The message is the engine's own, with its code. */
final class EngineException extends Exception {
  private static final long serialVersionUID = 1;

  static final int BAD_ARGUMENTS = 36;
  static final int CANNOT_READ = 33;
  static final int READONLY = 164;
  static final int TOO_MANY_BYTES = 307;
  static final int TOO_MANY_SIMULTANEOUS_QUERIES = 202;
  static final int AUTHENTICATION_FAILED = 516;
  static final int UNKNOWN_EXCEPTION = 1002;

  private static final Pattern CODE = Pattern.compile("Code: (\\d{1,6})\\.");

  private final int code;

  private EngineException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** An error in the engine's words: {@code Code: 60. DB::Exception: …}. */
  static EngineException reported(String message) {
    Matcher matcher = CODE.matcher(message);
    int code = matcher.find() ? Integer.parseInt(matcher.group(1)) : UNKNOWN_EXCEPTION;
    return new EngineException(code, message);
  }

  /** An error that is decided here, in the form the engine's own have. */
  static EngineException of(int code, String sentence) {
    return new EngineException(code, "Code: " + code + ". DB::Exception: " + sentence);
  }

  static EngineException tooLarge(long mostBytes) {
    return of(
        TOO_MANY_BYTES,
        "the request is larger than " + mostBytes + " bytes; send it in several parts");
  }

  /** ClickHouse's error code. */
  int code() {
    return code;
  }
}
