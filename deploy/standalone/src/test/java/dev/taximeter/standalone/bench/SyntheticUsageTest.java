package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import org.junit.jupiter.api.Test;

class SyntheticUsageTest {
  private static final int ACCOUNTS = SyntheticUsage.MOST_ACCOUNTS;

  @Test
  void itsCatalogueCanBeLoaded() throws Exception {
    Catalog catalog =
        CatalogFile.read(
            SyntheticUsage.catalogue(ACCOUNTS),
            "bench",
            new Fingerprinter(RootSecret.of(new byte[32])));

    assertThat(catalog.accounts()).hasSize(ACCOUNTS);
    assertThat(catalog.keys()).hasSize(ACCOUNTS * SyntheticUsage.KEYS);
    assertThat(catalog.plans()).hasSize(1);
  }
}
