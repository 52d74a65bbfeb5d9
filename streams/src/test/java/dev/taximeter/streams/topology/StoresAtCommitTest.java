package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.streams.account.Accounts;
import dev.taximeter.streams.account.BillingSettings;
import dev.taximeter.streams.intake.Intake;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.junit.jupiter.api.Test;

/**
 * What is written while a commit is prepared must not land in a cache: caches are flushed in the
 * order of a hash set, and one whose turn is over keeps it until the next commit. A process that is
 * killed in between then has committed lines and forgotten that it counted them.
 */
class StoresAtCommitTest {
  @Test
  void onlySightingsOfIntakeAreCached() {
    Intake intake =
        new Intake(null, null, Duration.ofHours(24), Duration.ofDays(400), 2, true, null);

    assertThat(cached(intake.stores())).containsOnly("intake-sightings");
  }

  @Test
  void nothingOfAccountsIsCached() {
    Accounts accounts = new Accounts(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3)));

    assertThat(cached(accounts.stores())).isEmpty();
  }

  private static Set<String> cached(Set<StoreBuilder<?>> stores) {
    return stores.stream()
        .map(builder -> (StateStore) builder.build())
        .filter(StoresAtCommitTest::isCached)
        .map(StateStore::name)
        .collect(Collectors.toSet());
  }

  /** Only a cache takes a listener for what leaves it. */
  @SuppressWarnings("unchecked")
  private static boolean isCached(StateStore store) {
    return store instanceof CachedStateStore<?, ?> known
        && ((CachedStateStore<Object, Object>) known).setFlushListener(change -> {}, false);
  }
}
