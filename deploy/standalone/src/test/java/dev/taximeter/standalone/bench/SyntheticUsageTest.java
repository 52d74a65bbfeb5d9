package dev.taximeter.standalone.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import org.junit.jupiter.api.Test;

class SyntheticUsageTest {
  @Test
  void itsCatalogueCanBeLoaded() throws Exception {
    Catalog catalog =
        CatalogFile.read(
            SyntheticUsage.catalogue(), "bench", new Fingerprinter(RootSecret.of(new byte[32])));

    assertThat(catalog.accounts()).hasSize(SyntheticUsage.ACCOUNTS);
    assertThat(catalog.keys()).hasSize(SyntheticUsage.ACCOUNTS * SyntheticUsage.KEYS);
    assertThat(catalog.plans()).hasSize(1);
  }
}
