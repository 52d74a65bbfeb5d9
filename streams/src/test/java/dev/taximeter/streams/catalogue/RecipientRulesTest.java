package dev.taximeter.streams.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.catalog.Recipient.Status;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipientRulesTest {
  private static final Instant NOW = Instant.parse("2026-11-20T00:00:00Z");

  private CatalogueBook book =
      changed(
          CatalogueBook.EMPTY,
          new Catalog(
              List.of(new Account("acme", "Acme", "USD", ZoneId.of("UTC"), "pay")),
              List.of(),
              List.of(new PriceBook("list", "USD", List.of())),
              List.of(new Plan("pay", "list", BigDecimal.ZERO, 0)),
              List.of(),
              List.of()));

  private static CatalogueBook changed(CatalogueBook book, Catalog upsert) {
    return book.with(book.changesBy(upsert, NOW));
  }

  private static Recipient recipient(int number, String account) {
    return new Recipient(
        "rcp_%016x".formatted(number),
        "on-call",
        account,
        Channel.WEBHOOK,
        "sealed",
        "https://hooks.example.com/…",
        null,
        "a",
        null,
        null,
        "",
        List.of(),
        Status.ENABLED,
        "",
        NOW,
        "admin");
  }

  /** Makes the change if it is in order. */
  private List<String> decide(Recipient recipient) {
    CatalogueBook after = changed(book, Catalog.of(recipient));
    List<String> problems = CatalogueRules.problems(book, Catalog.of(recipient), after, NOW);
    if (problems.isEmpty()) {
      book = after;
    }
    return problems;
  }

  @Test
  void anAccountHasTwentyAndRemovedOnesDoNotCount() {
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < RecipientRules.MOST_OF_AN_ACCOUNT; i++) {
      problems.addAll(decide(recipient(i, "acme")));
    }
    assertThat(problems).isEmpty();
    assertThat(decide(recipient(99, "acme")))
        .containsExactly("account acme may have at most 20 recipients of alerts; remove some");
    assertThat(decide(recipient(100, null))).isEmpty();
    assertThat(decide(recipient(0, "acme").removed())).isEmpty();
    assertThat(decide(recipient(99, "acme"))).isEmpty();
  }

  @Test
  void whoWasRemovedStaysSo() {
    decide(recipient(1, "acme"));
    decide(recipient(1, "acme").removed());

    assertThat(decide(recipient(1, "acme")))
        .containsExactly("recipient on-call was removed; make another one");
  }

  @Test
  void nobodyMovesToAnotherAccount() {
    decide(recipient(1, "acme"));

    assertThat(decide(recipient(1, null)))
        .containsExactly("recipient on-call keeps its channel and its account; make another one");
    assertThat(decide(recipient(2, "nowhere")))
        .containsExactly("recipient on-call names the account nowhere, which does not exist");
  }
}
