package dev.taximeter.api.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.auditlog.AuditTrail;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogWriterTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Catalog BOOK =
      new Catalog(
          List.of(),
          List.of(),
          List.of(new PriceBook("list", "USD", List.of())),
          List.of(),
          List.of(),
          List.of());
  private static final Catalog ALL =
      new Catalog(
          List.of(
              new Account("acme", "Acme", "USD", ZoneId.of("UTC"), "plan"),
              new Account("other", "Other", "USD", ZoneId.of("UTC"), "second")),
          List.of(),
          List.of(new PriceBook("list", "USD", List.of())),
          List.of(
              new Plan("plan", "list", BigDecimal.ZERO, 0),
              new Plan("second", "unused", BigDecimal.ZERO, 0)),
          List.of(),
          List.of(new Credit("welcome", "acme", BigDecimal.TEN, null)));

  private final InMemoryCatalog catalog = new InMemoryCatalog();

  private CatalogWriter writer(Duration patience) {
    return new CatalogWriter(
        catalog, catalog, catalog, Clock.systemUTC(), patience, new AuditTrail());
  }

  @Test
  void answersWhenAllOfMeteringWorksByIt() {
    assertThat(writer(LONG).write(ALL, "admin", "why").catalogVersion()).isEqualTo(1);
    assertThat(catalog.commands().get(0).reason()).isEqualTo("why");
  }

  @Test
  void theSameAgainChangesNothingAndStillWaits() {
    writer(LONG).write(ALL, "admin", "");
    assertThat(writer(LONG).write(ALL, "admin", "").changed()).isEmpty();

    catalog.setSlowIntake(true);
    assertThatThrownBy(() -> writer(SHORT).write(ALL, "admin", ""))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void waitsForIntake() {
    catalog.setSlowIntake(true);

    assertThatThrownBy(() -> writer(SHORT).write(ALL, "admin", ""))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.NOT_ACKNOWLEDGED);
              assertThat(e.getMessage()).contains("catalogue version 1").contains("safe");
            });
  }

  @Test
  void waitsForEachAccountConcerned() {
    catalog.setSlowTerms(true);

    assertThatThrownBy(() -> writer(SHORT).write(ALL, "admin", ""))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.NOT_ACKNOWLEDGED));
    // A price book that no account uses concerns none.
    catalog.clear();
    catalog.setSlowTerms(true);
    assertThat(writer(LONG).write(BOOK, "admin", "").accepted()).isTrue();
  }

  @Test
  void aPriceBookConcernsTheAccountsOnIt() {
    writer(LONG).write(ALL, "admin", "");

    CatalogSnapshot snapshot = catalog.snapshot();
    assertThat(snapshot.accountsDependingOn(BOOK)).containsExactly("acme");
    assertThat(
            snapshot.accountsDependingOn(
                new Catalog(
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(new Credit("x", "other", BigDecimal.ONE, null)))))
        .containsExactly("other");
  }

  @Test
  void termsAreAsNewAsTheirNewestPart() {
    writer(LONG).write(ALL, "admin", "");
    writer(LONG)
        .write(
            new Catalog(
                List.of(),
                List.of(),
                List.of(new PriceBook("list", "EUR", List.of())),
                List.of(),
                List.of(),
                List.of()),
            "admin",
            "");

    assertThat(catalog.snapshot().termsVersion("acme")).isEqualTo(2);
    assertThat(catalog.snapshot().termsVersion("other")).isEqualTo(1);
    assertThat(catalog.snapshot().termsVersion("nobody")).isZero();
  }

  @Test
  void whoeverIsSlowerThanSomebodyElseIsToldSo() {
    writer(LONG).write(ALL, "admin", "");
    writer(LONG).write(BOOK, "admin", "");

    assertThatThrownBy(
            () -> writer(LONG).write(BOOK, "admin", "", java.util.Map.of("priceBook/list", 7L)))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.OUTDATED));
    catalog.refuse("for another reason");
    assertThatThrownBy(
            () -> writer(LONG).write(BOOK, "admin", "", java.util.Map.of("priceBook/list", 1L)))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.REFUSED));
  }
}
