package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;

/**
 * One version of one resource. Key in the topic: {@code id@version}, so that history is kept.
 * Readers take the highest version of each id.
 *
 * @param id kind and id, such as {@code account/acme}, {@code key/<fingerprint>}
 * @param version the catalogue's version that this change made; one command makes one version
 * @param commandId the command that asked for it
 * @param author who asked
 * @param reason why
 * @param at when it took effect
 * @param last whether this is the version's last record: readers have seen all of it then
 */
public record CatalogRecord(
    String id,
    long version,
    String commandId,
    String author,
    String reason,
    Instant at,
    boolean last,
    Resource resource) {
  public String recordKey() {
    return id + "@" + version;
  }

  /** What a record holds. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Resource.OfAccount.class, name = "account"),
    @JsonSubTypes.Type(value = Resource.OfKey.class, name = "key"),
    @JsonSubTypes.Type(value = Resource.OfPriceBook.class, name = "priceBook"),
    @JsonSubTypes.Type(value = Resource.OfPlan.class, name = "plan"),
    @JsonSubTypes.Type(value = Resource.OfQuota.class, name = "quota"),
    @JsonSubTypes.Type(value = Resource.OfCredit.class, name = "credit"),
    @JsonSubTypes.Type(value = Resource.OfTeam.class, name = "team"),
    @JsonSubTypes.Type(value = Resource.OfToken.class, name = "token"),
    @JsonSubTypes.Type(value = Resource.OfRecipient.class, name = "recipient")
  })
  public sealed interface Resource {
    record OfAccount(Account account) implements Resource {}

    record OfKey(ApiKey key) implements Resource {}

    record OfPriceBook(PriceBook priceBook) implements Resource {}

    record OfPlan(Plan plan) implements Resource {}

    record OfQuota(Quota quota) implements Resource {}

    record OfCredit(Credit credit) implements Resource {}

    record OfTeam(Team team) implements Resource {}

    record OfToken(AccessToken token) implements Resource {}

    record OfRecipient(Recipient recipient) implements Resource {}
  }
}
