package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.catalog.AccountTerms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an account's single writer decides on, in the order it arrives. Key: account id, or a holder
 * of {@link Holders}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountInput.UsageInput.class, name = "usage"),
  @JsonSubTypes.Type(value = AccountInput.TermsInput.class, name = "terms"),
  @JsonSubTypes.Type(value = AccountInput.SuspenseInput.class, name = "suspense"),
  @JsonSubTypes.Type(value = AccountInput.DeskInput.class, name = "desk"),
  @JsonSubTypes.Type(value = AccountInput.OrderInput.class, name = "order")
})
public sealed interface AccountInput {
  /**
   * Requests to be rated, in this order.
   *
   * @param usages one or more
   */
  record UsageInput(List<Usage> usages) implements AccountInput {
    public UsageInput {
      usages = List.copyOf(usages);
    }

    public UsageInput(Usage usage) {
      this(List.of(usage));
    }
  }

  /** Currency, zone, prices and credits from now on. */
  record TermsInput(AccountTerms terms) implements AccountInput {}

  /** Usage for a person to decide on. Key: {@link Holders#ofLine}. */
  record SuspenseInput(SuspendedUsage suspended) implements AccountInput {}

  /**
   * Usage that came for a person to decide on before. Somebody asks for it to be put on the desk,
   * which may have had no room for it then. Key: {@link Holders#ofLine}.
   *
   * @param suspended as it is counted today
   * @param received tokens as they were counted when it came; null if that is not known
   */
  record DeskInput(SuspendedUsage suspended, @Nullable TokenCounts received)
      implements AccountInput {}

  /**
   * What to do with usage that waits for its payer. Key: {@link Holders#ofKey} or {@link
   * Holders#ofLine}.
   */
  record OrderInput(Instruction instruction) implements AccountInput {}
}
