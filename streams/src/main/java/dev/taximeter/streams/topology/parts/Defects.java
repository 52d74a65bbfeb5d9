package dev.taximeter.streams.topology.parts;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes exceptions without their messages: a message may quote what could not be read, and that
 * may be an API key or a prompt.
 */
public final class Defects {
  private static final int MOST_FRAMES = 20;
  private static final int MOST_CAUSES = 5;

  private Defects() {}

  /**
   * @return class names and stack frames
   */
  public static String describe(Throwable defect) {
    StringBuilder description = new StringBuilder();
    @Nullable Throwable cause = defect;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
      description
          .append(depth == 0 ? "" : " caused by ")
          .append(cause.getClass().getName())
          .append(
              Arrays.stream(cause.getStackTrace())
                  .limit(MOST_FRAMES)
                  .map(frame -> " at " + frame)
                  .collect(Collectors.joining()));
      cause = cause.getCause();
    }
    return description.toString();
  }
}
