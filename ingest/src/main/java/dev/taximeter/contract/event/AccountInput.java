package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.taximeter.contract.catalog.AccountTerms;

/** What an account's single writer decides on, in the order it arrives. Key: account id. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AccountInput.UsageInput.class, name = "usage"),
  @JsonSubTypes.Type(value = AccountInput.TermsInput.class, name = "terms")
})
public sealed interface AccountInput {
  /** A request to be rated. */
  record UsageInput(Usage usage) implements AccountInput {}

  /** Currency, zone, prices and credits from now on. */
  record TermsInput(AccountTerms terms) implements AccountInput {}
}
