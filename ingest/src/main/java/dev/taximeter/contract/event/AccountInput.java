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
   * Usage that came for a person to decide on before, and was judged again. The desk bills it if
   * its payer is certain by now and nobody has decided; or puts it on the desk, if that had no room
   * for it then. Key: {@link Holders#ofLine}.
   *
   * @param suspended as it is counted today
   * @param received tokens as they were counted when it came; null if that is not known
   * @param payer who pays by the configuration of today; null if that is not certain
   * @param obstacle a sentence for people: why the payer is not certain; null if it is
   */
  record DeskInput(
      SuspendedUsage suspended,
      @Nullable TokenCounts received,
      @Nullable Payer payer,
      @Nullable String obstacle)
      implements AccountInput {
    /** Whoever is to pay is not certain. */
    public DeskInput(SuspendedUsage suspended, @Nullable TokenCounts received) {
      this(suspended, received, null, null);
    }
  }

  /**
   * A registered key that a line names as payer.
   *
   * @param account whose key it is
   * @param keyName its name there
   * @param fingerprint 64 hex digits
   * @param lastFour the raw key's last four characters; null if it has fewer than 12
   */
  record Payer(
      String account, String keyName, @Nullable String fingerprint, @Nullable String lastFour) {}

  /**
   * What to do with usage that waits for its payer. Key: {@link Holders#ofKey} or {@link
   * Holders#ofLine}.
   */
  record OrderInput(Instruction instruction) implements AccountInput {}
}
