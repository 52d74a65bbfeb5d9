package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCatalogTest {
  @Test
  void knowsEveryKeyOfTheSimulatedGateway() throws IOException {
    String catalog = DemoCatalog.text(LocalDate.parse("2026-11-23"));

    for (DemoKey key : DemoKey.ALL) {
      assertThat(catalog)
          .contains("  - id: " + key.account() + "\n")
          .contains("{ name: " + key.name() + ", secret: " + key.secret() + " }");
    }
    assertThat(catalog.split("secret:", -1)).hasSize(DemoKey.ALL.size() + 1);
  }

  @Test
  void isACatalogueThatLoads() throws IOException, CatalogFileException {
    Catalog catalog =
        CatalogFile.read(
            DemoCatalog.text(LocalDate.parse("2026-11-23")), "catalog.yaml", fingerprinter());

    assertThat(catalog.keys()).hasSize(DemoKey.ALL.size());
    assertThat(catalog.accounts()).extracting(Account::currency).contains("CNY", "EUR", "USD");
    assertThat(catalog.quotas()).isNotEmpty();
    assertThat(catalog.credits()).isNotEmpty();
  }

  private static Fingerprinter fingerprinter() {
    return new Fingerprinter(RootSecret.of(new byte[32]));
  }

  @Test
  void datesItsPriceChangeInTheMiddleOfLastMonth() throws IOException {
    assertThat(DemoCatalog.text(LocalDate.parse("2027-01-07")))
        .contains("effectiveFrom: 2026-12-15T00:00:00Z")
        .contains("expiresAt: 2028-01-01T00:00:00Z")
        .contains("expiresAt: 2026-12-08T00:00:00Z");
  }

  @Test
  void keepsTheDatesOfTheFirstStart(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("demo/catalog.yaml");
    DemoCatalog.writeOnce(file, LocalDate.parse("2026-11-23"));
    String first = Files.readString(file);

    DemoCatalog.writeOnce(file, LocalDate.parse("2026-12-23"));

    assertThat(Files.readString(file)).isEqualTo(first);
  }
}
