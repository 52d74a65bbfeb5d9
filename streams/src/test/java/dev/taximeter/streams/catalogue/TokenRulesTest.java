package dev.taximeter.streams.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.AccessToken.Role;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.event.Command;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenRulesTest {
  private static final Instant NOW = Instant.parse("2026-11-20T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);

  private static AccessToken token(int number, String name, Role role, String account) {
    return new AccessToken(
        "tok_%016x".formatted(number),
        name,
        "%064x".formatted(number),
        role,
        account,
        NOW,
        "admin",
        null,
        null);
  }

  private static AccessToken viewer(int number, String name) {
    return token(number, name, Role.VIEWER, null);
  }

  private static AccessToken ending(int number, String name, Instant end) {
    AccessToken it = viewer(number, name);
    return new AccessToken(it.id(), name, it.hash(), it.role(), null, NOW, "admin", end, null);
  }

  private static CatalogueDecision decide(CatalogueBook before, Instant at, Catalog upsert) {
    return CatalogueDecision.on(new Command("c", "admin", "", at, upsert, List.of()), before, at);
  }

  private static CatalogueBook with(CatalogueBook before, AccessToken... tokens) {
    CatalogueBook book = before;
    for (AccessToken token : tokens) {
      CatalogueDecision decision = decide(book, NOW, Catalog.of(token));
      assertThat(decision.result().problems()).isEmpty();
      book = decision.after();
    }
    return book;
  }

  private static void assertRefused(CatalogueBook before, AccessToken token, String words) {
    CatalogueDecision decision = decide(before, NOW, Catalog.of(token));
    assertThat(decision.result().accepted()).isFalse();
    assertThat(decision.result().problems()).anySatisfy(it -> assertThat(it).contains(words));
    assertThat(decision.after()).isSameAs(before);
  }

  private static CatalogueBook acme() {
    Catalog catalog =
        new Catalog(
            List.of(new Account("acme", "Acme", "USD", ZoneId.of("UTC"), "pay")),
            List.of(),
            List.of(new PriceBook("list", "USD", List.of())),
            List.of(new Plan("pay", "list", BigDecimal.ZERO, 0)),
            List.of(),
            List.of());
    CatalogueDecision decision = decide(CatalogueBook.EMPTY, NOW, catalog);
    assertThat(decision.result().problems()).isEmpty();
    return decision.after();
  }

  @Test
  void aTokenConcernsNobodysMoney() {
    CatalogueDecision decision = decide(acme(), NOW, Catalog.of(viewer(1, "a")));

    assertThat(decision.result().changed()).containsExactly("token/tok_0000000000000001");
    assertThat(decision.records()).hasSize(1);
    assertThat(decision.terms()).isEmpty();
  }

  @Test
  void aTokenCanOnlyBeRevokedOnce() {
    CatalogueBook book = with(acme(), viewer(1, "a"));

    assertRefused(book, token(1, "a", Role.ADMINISTRATOR, null), "it can only be revoked, once");
    assertRefused(book, token(1, "b", Role.VIEWER, null), "it can only be revoked, once");
    assertRefused(book, ending(1, "a", LATER), "it can only be revoked, once");
    CatalogueBook revoked = with(book, viewer(1, "a").revoked(NOW));
    assertRefused(revoked, viewer(1, "a"), "it can only be revoked, once");
    assertRefused(revoked, viewer(1, "a").revoked(LATER), "it can only be revoked, once");
    assertThat(decide(revoked, NOW, Catalog.of(viewer(1, "a").revoked(NOW))).result().changed())
        .isEmpty();
  }

  @Test
  void namesAreUniqueAmongTokensInForce() {
    CatalogueBook book = with(acme(), viewer(1, "a"), ending(2, "b", LATER));

    assertRefused(book, viewer(3, "a"), "there is a token named a already");
    assertRefused(book, viewer(3, "b"), "there is a token named b already");
    with(with(book, viewer(1, "a").revoked(NOW)), viewer(3, "a"));
    assertThat(decide(book, LATER, Catalog.of(viewer(3, "b"))).result().accepted()).isTrue();
  }

  @Test
  void secretsAreNeverShared() {
    AccessToken other = viewer(2, "b");
    AccessToken same =
        new AccessToken(
            other.id(),
            "b",
            viewer(1, "a").hash(),
            Role.ADMINISTRATOR,
            null,
            NOW,
            "admin",
            null,
            null);

    assertRefused(with(acme(), viewer(1, "a")), same, "two tokens have the same secret");
  }

  @Test
  void aTokenOfAnAccountIsNoAdministrators() {
    assertRefused(acme(), token(1, "a", Role.ADMINISTRATOR, "acme"), "viewer or billing");
    assertRefused(acme(), token(1, "a", Role.VIEWER, "nowhere"), "does not exist");
    with(acme(), token(1, "a", Role.BILLING, "acme"));
  }

  @Test
  void whatLooksLikeTheFilesTokenIsNone() {
    assertRefused(acme(), viewer(1, "admin"), "the name of a token must be");
    assertRefused(acme(), viewer(1, "Admin"), "the name of a token must be");
    AccessToken it = viewer(1, "a");
    assertRefused(
        acme(),
        new AccessToken("admin", "a", it.hash(), it.role(), null, NOW, "admin", null, null),
        "a token's id must be");
    assertRefused(acme(), ending(1, "a", NOW), "would have ended before it was made");
  }

  @Test
  void thereAreOnlySoManyInForce() {
    CatalogueBook book = acme();
    for (int number = 0; number < TokenRules.MOST_TOKENS; number += 500) {
      List<AccessToken> some = new java.util.ArrayList<>();
      for (int i = 0; i < 500; i++) {
        some.add(viewer(number + i, "t" + (number + i)));
      }
      Catalog many =
          new Catalog(
              List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), some);
      CatalogueDecision decision = decide(book, NOW, many);
      assertThat(decision.result().problems()).isEmpty();
      book = decision.after();
    }
    assertRefused(book, viewer(9_999, "one too many"), "at most 2000 tokens");
    with(with(book, viewer(7, "t7").revoked(NOW)), viewer(9_999, "instead"));
  }
}
