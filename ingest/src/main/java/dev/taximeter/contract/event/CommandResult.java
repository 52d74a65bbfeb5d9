package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The writer's decision. All or nothing: a refused command changed nothing.
 *
 * @param id the command's
 * @param accepted whether it took effect
 * @param catalogVersion catalogue version after the command
 * @param changed ids of the records that changed, such as {@code account/acme}
 * @param problems one sentence each: what is wrong and where; empty if accepted
 * @param refusal what kind of refusal it is, where senders tell them apart; null otherwise
 * @param posting what the command posted to an account's ledger; null if nothing
 * @param bill number of the bill that the command was about; null if none
 */
public record CommandResult(
    String id,
    boolean accepted,
    long catalogVersion,
    List<String> changed,
    List<String> problems,
    @Nullable Refusal refusal,
    @Nullable LedgerPosting posting,
    @Nullable Long bill) {
  public CommandResult {
    changed = List.copyOf(changed);
    problems = List.copyOf(problems);
  }

  /** A decision about the catalogue, or about usage. */
  public CommandResult(
      String id,
      boolean accepted,
      long catalogVersion,
      List<String> changed,
      List<String> problems) {
    this(id, accepted, catalogVersion, changed, problems, null, null, null);
  }

  /** Why a command about money was refused. */
  public enum Refusal {
    /** The same command id was used for something else. */
    REUSED_KEY,
    /** A debit above what a prepaid account has left. */
    INSUFFICIENT_BALANCE,
    /** The bill of a month that goes on. */
    PERIOD_NOT_ENDED,
    /** A bill before that of an earlier month. */
    EARLIER_PERIOD_OPEN,
    /** The account has no such bill, or no usage in such a month. */
    NO_SUCH_BILL,
    /** Something that the bill's state does not allow. */
    NOT_POSSIBLE;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
