package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.Usage;

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

  /** No usage, and why. */
  record Rejected(LineFate lineFate) implements Decision {
    @Override
    public Fate fate() {
      return lineFate.fate();
    }

    /** Whether somebody may want to look at the line again. */
    boolean isDeadLetter() {
      return fate() == Fate.SUSPENSE || fate() == Fate.QUARANTINED;
    }
  }

  /** Usage that a person has to decide on. */
  record Suspended(Rejected rejected, SuspendedUsage suspended) implements Decision {
    @Override
    public Fate fate() {
      return Fate.SUSPENSE;
    }
  }
}
