package dev.taximeter.standalone.supervisor;

import java.nio.file.Path;
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

  public @Nullable Path log() {
    return log;
  }
}
