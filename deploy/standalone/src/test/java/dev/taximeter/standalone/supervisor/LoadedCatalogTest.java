package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that may not be in the catalogue is loaded again, whatever is remembered. */
class LoadedCatalogTest {
  @TempDir private Path directory;

  private final LoadedCatalog last = LoadedCatalog.of("plans: []", "own", 7);

  @Test
  void aRestartLoadsNothing() {
    assertThat(last.holds(LoadedCatalog.of("plans: []", "own", 7))).isTrue();
    assertThat(last.holds(LoadedCatalog.of("plans: []", "own", 9))).as("changed since").isTrue();
  }

  @Test
  void anotherFileOrKafkaIsLoaded() {
    assertThat(last.holds(LoadedCatalog.of("plans: [ ]", "own", 7))).isFalse();
    assertThat(last.holds(LoadedCatalog.of("plans: []", "aB3", 7))).isFalse();
    assertThat(last.holds(LoadedCatalog.of("plans: []", "own", 6))).as("wiped").isFalse();
  }

  @Test
  void whatIsRememberedOutlivesTheProcessAndDamageIsNoMemory() throws Exception {
    Path file = directory.resolve("catalogue.json");
    assertThat(LoadedCatalog.read(file)).isEmpty();
    last.write(file);
    assertThat(LoadedCatalog.read(file)).contains(last);
    for (String damaged : new String[] {"", "{", "null", "abc 12", "{\"sha256\":1}"}) {
      Files.writeString(file, damaged);
      assertThat(LoadedCatalog.read(file).filter(it -> it.holds(last))).isEmpty();
    }
  }
}
