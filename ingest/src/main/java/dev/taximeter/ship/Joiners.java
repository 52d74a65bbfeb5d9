package dev.taximeter.ship;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Gives files, in the order of {@link InputOrder}, what joins their lines. */
final class Joiners {
  private InputOrder.@Nullable Placed before;
  private @Nullable LineJoiner joiner;

  /**
   * @return the one of the file before, if this one goes on where that ends; else a new one
   */
  LineJoiner next(InputOrder.Placed input) {
    LineJoiner current = joiner;
    if (current == null || !continues(input, current)) {
      current = InputLines.joiner(input.format());
    }
    joiner = current;
    before = input;
    return current;
  }

  private boolean continues(InputOrder.Placed input, LineJoiner current) {
    Instant first = input.first();
    return before != null
        && first != null
        && input.mayContinue(before)
        && (current.isEmpty() || current.isContinuedAt(first));
  }
}
