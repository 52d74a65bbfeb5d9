package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.SpendHistory.Piece;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.InMemory;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class SpendHistoryTest {
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final String FLAT = Wallet.Spending.FLAT;

  private final KeyValueStore<String, byte[]> store =
      InMemory.store(
          new MockProcessorContext<Void, Void>(), "s", Serdes.String(), Serdes.ByteArray());
  private SpendHistory history = new SpendHistory(store);

  private void add(String line, Instant completion, Instant cut, long amount) {
    history.add("acme", NOVEMBER, 0, line, completion, cut, BigDecimal.valueOf(amount, 3));
  }

  private void restart() {
    history.writeBack();
    history = new SpendHistory(store);
  }

  private long bytes() {
    long bytes = 0;
    try (KeyValueIterator<String, byte[]> entries = store.all()) {
      while (entries.hasNext()) {
        var entry = entries.next();
        bytes += entry.key.length() + entry.value.length;
      }
    }
    return bytes;
  }

  @Test
  void quartersAndCutsAreReadAgain() {
    Instant cut = START.plusSeconds(1_000).plusNanos(7);
    add(FLAT, START.plusSeconds(899), Instant.EPOCH, 1);
    add(FLAT, START.plusSeconds(900), Instant.EPOCH, 2);
    restart();
    add(FLAT, START.plusSeconds(1_001), cut, 4);
    add(FLAT, START.plusSeconds(901), Instant.EPOCH, 8);
    // Days before 1970 are days, too.
    add("a\nb\0c", Instant.parse("1969-12-31T23:59:59Z"), Instant.MIN, -16);
    restart();
    assertThat(history.read("acme", NOVEMBER, 0))
        .containsOnly(
            Map.entry(new Piece(FLAT, START), new BigDecimal("0.001")),
            Map.entry(new Piece(FLAT, START.plusSeconds(900)), new BigDecimal("0.010")),
            Map.entry(new Piece(FLAT, cut), new BigDecimal("0.004")),
            Map.entry(
                new Piece("a\nb\0c", Instant.parse("1969-12-31T23:45:00Z")),
                new BigDecimal("-0.016")));
    Wallet.Spending look = history.of("acme");
    assertThat(look.between(NOVEMBER, 0, FLAT, cut, START.plusSeconds(9_000)))
        .isEqualByComparingTo("0.004");
    assertThat(look.isBlurred(NOVEMBER, START.plusSeconds(1))).isTrue();
    assertThat(look.isBlurred(NOVEMBER, START.plusSeconds(900))).isFalse();
  }

  @Test
  void revisionsAreMergedAndDropped() {
    add(FLAT, START, Instant.EPOCH, 1);
    history.add("acme", NOVEMBER, 1, FLAT, START, Instant.EPOCH, BigDecimal.ONE);
    history.merge("acme", NOVEMBER, 0, 1, 2);
    assertThat(history.read("acme", NOVEMBER, 0)).isEmpty();
    assertThat(history.read("acme", NOVEMBER, 2).values()).containsExactly(new BigDecimal("1.001"));
    history.add("acme", NOVEMBER, 2, FLAT, START, Instant.EPOCH, BigDecimal.ONE);
    history.drop("acme", NOVEMBER, 2);
    history.writeBack();
    assertThat(history.read("acme", NOVEMBER, 2)).isEmpty();
    assertThat(bytes()).isZero();
  }

  /** Each quarter was a value of its own. */
  @Test
  void whatAnEarlierVersionWroteCounts() {
    byte[] earlier =
        new PackedWriter().number(AccountBooks.LAYOUT).decimal(BigDecimal.ONE).toBytes();
    String prefix = StoreKeys.of("acme", "2026-11", "0", FLAT);
    store.put(prefix + START, earlier);
    store.put(prefix + START.plusSeconds(900), earlier);
    add(FLAT, START.plusSeconds(1), Instant.EPOCH, 1);
    add(FLAT, START.plusSeconds(901), Instant.EPOCH, 2);
    restart();
    assertThat(history.read("acme", NOVEMBER, 0))
        .containsOnly(
            Map.entry(new Piece(FLAT, START), new BigDecimal("1.001")),
            Map.entry(new Piece(FLAT, START.plusSeconds(900)), new BigDecimal("1.002")));
    assertThat(history.of("acme").between(NOVEMBER, 0, FLAT, START, START.plusSeconds(901)))
        .isEqualByComparingTo("2.003");
  }

  /** 80 tiered lines, used in every quarter of an hour: the figures of RATIONALE.md. */
  @Test
  void aMonthOfTieredUsageIsSmall() {
    int lines = 80;
    int quarters = 30 * 24 * 4;
    long before = 0;
    for (int i = 0; i < lines; i++) {
      String line = "qwen-%02d-*\ninput\nlist:qwen-%02d-*:2026-01-01T00:00:00Z:v1".formatted(i, i);
      for (int quarter = 0; quarter < quarters; quarter++) {
        Instant from = START.plus(Duration.ofMinutes(15L * quarter));
        BigDecimal quantity = BigDecimal.valueOf(100_000 + quarter);
        history.add("acme", NOVEMBER, 0, line, from, Instant.EPOCH, quantity);
        before +=
            (StoreKeys.of("acme", "2026-11", "0", line) + from).length()
                + new PackedWriter().number(2).decimal(quantity).toBytes().length;
      }
    }
    history.writeBack();
    System.out.printf("A month of 80 tiered lines: %,d bytes, were %,d%n", bytes(), before);
    assertThat(bytes()).isLessThan(2_000_000).isLessThan(before / 10);
  }
}
