package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Usage;
import org.jspecify.annotations.Nullable;

/** What becomes of a line. */
sealed interface Decision {
  Fate fate();

  /** Usage, on its way to the writer of an account. */
  record ToAccount(String account, Usage usage) implements Decision {
    @Override
    public Fate fate() {
      return usage.fate();
    }
  }

  /**
   * No usage, and why.
   *
   * @param withheld the usage that somebody may still have to pay for; null if there is none, or
   *     nobody can tell whose it would be
   */
  record Rejected(LineFate lineFate, @Nullable ToAccount withheld) implements Decision {
    Rejected(LineFate lineFate) {
      this(lineFate, null);
    }

    @Override
    public Fate fate() {
      return lineFate.fate();
    }

    /** Whether somebody may want to look at the line again. */
    boolean isDeadLetter() {
      return fate() == Fate.SUSPENSE || fate() == Fate.QUARANTINED;
    }
  }
}
