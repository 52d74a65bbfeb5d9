package dev.taximeter.api.audit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the audit in the background has found so far. */
public interface AuditProgress {
  /** {@return how far it has come, and what differs} */
  State state();

  /**
   * One moment of it.
   *
   * @param on whether there is such an audit
   * @param roundStartedAt when it began with the first account of the round under way; null before
   * @param roundCompletedAt when it was last through with everything; null before
   * @param accounts how many there are in the round under way
   * @param audited how many of them it is through with
   * @param drift differences that stand, all of them
   * @param differences some of them, each found again a while later
   * @param failure why the last look at something failed; null if it did not
   * @param trouble what people have to look at; null if all is well
   */
  record State(
      boolean on,
      @Nullable Instant roundStartedAt,
      @Nullable Instant roundCompletedAt,
      long accounts,
      long audited,
      long drift,
      List<Difference> differences,
      @Nullable String failure,
      @Nullable AuditTrouble trouble) {
    public State {
      differences = List.copyOf(differences);
    }
  }
}
