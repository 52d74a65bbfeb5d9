package dev.taximeter.standalone.supervisor;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The system cannot start. The message is one sentence for the operator. */
public final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  /** The log of the process that failed. */
  private final transient @Nullable Path log;

  public LaunchException(String message) {
    this(message, null);
  }

  /**
   * @param log the log of the process that failed; null: none did, the input or the machine is at
   *     fault
   */
  public LaunchException(String message, @Nullable Path log) {
    super(message);
    this.log = log;
  }

  /**
   * @param cause whose message is a sentence for the operator
   */
  static LaunchException of(Exception cause) {
    String message = cause.getMessage();
    return new LaunchException(message == null ? cause.toString() : message);
  }

  public @Nullable Path log() {
    return log;
  }

  /**
   * @param most number of lines
   * @return the last lines of that log, oldest first; none if no process failed
   */
  public List<String> lastLogLines(int most) {
    return log == null ? List.of() : RotatingLog.tail(log, most);
  }
}
