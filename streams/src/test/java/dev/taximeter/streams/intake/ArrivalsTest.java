package dev.taximeter.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.RawLine;
import dev.taximeter.streams.intake.Arrivals.Status;
import dev.taximeter.streams.topology.parts.InMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final Duration HORIZON = Duration.ofHours(24);
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = 24 * HOUR;
  private static final long NOW = Instant.parse("2026-11-20T10:00:00Z").toEpochMilli();
  private static final Bytes ID = Bytes.wrap(new byte[16]);

  private KeyValueStore<Bytes, byte[]> store;

  @BeforeEach
  void open() {
    store =
        InMemory.store(
            new MockProcessorContext<>(), Arrivals.STORE, Serdes.Bytes(), Serdes.ByteArray());
  }

  private Arrivals arrivals() {
    return new Arrivals(store, HORIZON, false);
  }

  private Arrivals firstArrivals() {
    return new Arrivals(store, HORIZON, true);
  }

  private static Instant at(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  @Test
  void whatCompletedWithinTheHorizonCannotHaveBeenForgotten() {
    Arrivals arrivals = arrivals();
    assertThat(arrivals.mayHaveForgotten(at(NOW - DAY), NOW)).isFalse();
    assertThat(arrivals.mayHaveForgotten(at(NOW - DAY - 1), NOW)).isTrue();
    assertThat(arrivals.mayHaveForgotten(null, NOW)).isTrue();
    assertThat(arrivals.forgottenBefore(NOW)).isEqualTo(NOW - 36 * HOUR);
  }

  @Test
  void anIdentityStaysForOneAndAHalfHorizons() {
    Arrivals arrivals = arrivals();
    arrivals.remember(ID, Status.QUARANTINED, NOW);
    arrivals.sweep(NOW + 36 * HOUR);
    assertThat(arrivals.statusOf(ID)).isEqualTo(Status.QUARANTINED);
    arrivals.sweep(NOW + 36 * HOUR + 1);
    assertThat(arrivals.statusOf(ID)).isNull();
  }

  @Test
  void aClockThatWasAheadAndIsSetBackMakesNothingNew() {
    Arrivals arrivals = arrivals();
    arrivals.remember(ID, Status.SETTLED, NOW);
    arrivals.sweep(NOW + 10 * DAY);
    assertThat(arrivals.statusOf(ID)).isNull();
    // Also after a restart.
    for (Arrivals after : new Arrivals[] {arrivals, arrivals()}) {
      assertThat(after.mayHaveForgotten(at(NOW), NOW)).isTrue();
      assertThat(after.forgottenBefore(NOW)).isEqualTo(NOW + 10 * DAY - 36 * HOUR);
      assertThat(after.mayHaveForgotten(at(NOW + 9 * DAY), NOW + 9 * DAY)).isFalse();
    }
    // What comes after the correction is not swept before its time.
    arrivals.remember(ID, Status.SETTLED, NOW);
    arrivals.sweep(NOW + DAY);
    assertThat(arrivals.statusOf(ID)).isEqualTo(Status.SETTLED);
  }

  @Test
  void aStoreThatBeganBeforeAnythingWasMeteredMissesOnlyWhatItSwept() {
    Arrivals arrivals = firstArrivals();
    assertThat(arrivals.mayHaveForgotten(at(NOW - 300 * DAY), NOW)).isFalse();
    assertThat(arrivals.mayHaveForgotten(null, NOW)).isFalse();
    assertThat(arrivals.forgottenBefore(NOW)).isZero();
    arrivals.markIfComplete();
    arrivals.remember(ID, Status.SETTLED, NOW);
    arrivals.sweep(NOW + 36 * HOUR);

    // The mark outlives the process, and nothing need be known about the beginning any more.
    Arrivals later = arrivals();
    assertThat(later.statusOf(ID)).isEqualTo(Status.SETTLED);
    assertThat(later.mayHaveForgotten(at(NOW - 300 * DAY), NOW + DAY)).isFalse();

    later.sweep(NOW + 36 * HOUR + 1);
    assertThat(later.statusOf(ID)).isNull();
    assertThat(later.forgottenBefore(NOW + 2 * DAY)).isEqualTo(NOW + 1);
    assertThat(later.mayHaveForgotten(null, NOW + 2 * DAY)).isTrue();
    assertThat(later.mayHaveForgotten(at(NOW + 12 * HOUR), NOW + 2 * DAY)).isTrue();
    assertThat(later.mayHaveForgotten(at(NOW + 12 * HOUR + 1), NOW + 2 * DAY)).isFalse();
  }

  @Test
  void aStoreThatHasBegunEarlierIsNotTakenForComplete() {
    arrivals().remember(ID, Status.SETTLED, NOW);
    Arrivals arrivals = firstArrivals();
    arrivals.markIfComplete();
    assertThat(arrivals.mayHaveForgotten(at(NOW - 2 * DAY), NOW)).isTrue();
    assertThat(arrivals().mayHaveForgotten(at(NOW - 2 * DAY), NOW)).isTrue();
  }

  @Test
  void entriesWithoutAStatusAreKnownToBeSeen() {
    store.put(ID, ByteBuffer.allocate(Long.BYTES).putLong(NOW).array());
    assertThat(arrivals().statusOf(ID)).isEqualTo(Status.UNKNOWN);
    arrivals().sweep(NOW + 2 * DAY);
    assertThat(arrivals().statusOf(ID)).isNull();
  }

  /** As the producers' default partitioner does, in Java and in librdkafka. */
  @Test
  void aLineIsAtHomeInOnePartitionOnly() {
    Set<Integer> homes = new HashSet<>();
    for (int number = 0; number < 100; number++) {
      byte[] key = RawLine.checksum(("line " + number).getBytes(StandardCharsets.UTF_8));
      int home = BuiltInPartitioner.partitionForKey(key, 4);
      homes.add(home);
      for (int partition = 0; partition < 4; partition++) {
        assertThat(IntakeProcessor.isAtHome(key, key, partition, 4)).isEqualTo(partition == home);
      }
      assertThat(IntakeProcessor.isAtHome(key, null, home, 4)).isFalse();
      assertThat(IntakeProcessor.isAtHome(key, new byte[] {1}, home, 4)).isFalse();
    }
    assertThat(homes).containsExactlyInAnyOrder(0, 1, 2, 3);
  }
}
