package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an account need not say.
 *
 * @param planChanges plans after the account's first, by instant, ascending
 * @param costBook id of the cost book that says what the provider charges; null for the plan's, or
 *     those that hold for everybody
 * @param status whether it does business
 * @param contacts whom to write to
 * @param tags for the operator, by name
 * @param billingStart in its month bills begin to become final by themselves; those of earlier
 *     months wait for a person. Null for the account's creation
 * @param closing last instant of its business; null if it goes on. What is used later is billed all
 *     the same, but months without anything get no bill any more
 */
public record AccountDetails(
    List<PlanChange> planChanges,
    @Nullable String costBook,
    Status status,
    List<String> contacts,
    Map<String, String> tags,
    @Nullable Instant billingStart,
    @Nullable Instant closing) {
  public static final AccountDetails NONE =
      new AccountDetails(List.of(), null, Status.ACTIVE, List.of(), Map.of(), null, null);

  public AccountDetails {
    planChanges = List.copyOf(planChanges);
    contacts = List.copyOf(contacts);
    tags = Map.copyOf(tags);
  }

  public AccountDetails withPlanChanges(List<PlanChange> changes) {
    return new AccountDetails(changes, costBook, status, contacts, tags, billingStart, closing);
  }

  /** Whether an account does business. Usage of its keys counts whatever it is. */
  public enum Status {
    ACTIVE,
    /** Its keys should be refused for the time being. */
    SUSPENDED,
    /** For good: it can be opened again only by another account. */
    CLOSED;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
