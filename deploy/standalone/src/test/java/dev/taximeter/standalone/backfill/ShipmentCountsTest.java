package dev.taximeter.standalone.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShipmentCountsTest {
  private static final Instant HOUR = Instant.parse("2026-11-23T08:00:00Z");

  private final ShipmentCounts counts = new ShipmentCounts("s1");

  @Test
  void aLaterCounterReplacesTheEarlierOfItsKeyAndDifferentKeysAddUp() {
    counts.accept(read("s1", HOUR, 10));
    counts.accept(read("s1", HOUR, 25));
    counts.accept(read("s1", HOUR.plusSeconds(3_600), 5));
    counts.accept(fates("intake-0", Map.of(Fate.BILLED, 12L, Fate.DUPLICATE, 3L)));
    counts.accept(fates("intake-1", Map.of(Fate.BILLED, 9L, Fate.UNATTRIBUTED, 2L)));

    ShipmentCounts.Totals totals = counts.totals();

    assertThat(totals.read()).isEqualTo(30);
    assertThat(totals.of(Fate.BILLED)).isEqualTo(21);
    assertThat(totals.of(Fate.SUSPENSE)).isZero();
    assertThat(totals.residual()).isEqualTo(4);
  }

  @Test
  void otherShipmentsDoNotCount() {
    counts.accept(read("s2", HOUR, 10));

    assertThat(counts.totals().read()).isZero();
  }

  @Test
  void isSettledOnlyWhenEveryLineHasAFateAndAllUsageIsRated() {
    counts.accept(read("s1", HOUR, 5));
    assertThat(counts.totals().isSettled(5)).isFalse();

    counts.accept(fates("intake-0", Map.of(Fate.BILLED, 3L, Fate.UNATTRIBUTED, 1L)));
    assertThat(counts.totals().isSettled(5)).isFalse();

    counts.accept(fates("intake-1", Map.of(Fate.QUARANTINED, 1L)));
    assertThat(counts.totals().isSettled(5)).isFalse();

    counts.accept(new LineCount("account-0", "s1", source(), HOUR, 0, 4, Map.of()));
    assertThat(counts.totals().isSettled(5)).isTrue();
    assertThat(counts.totals().isSettled(6)).isFalse();
  }

  @Test
  void aLineOnItsWayToTheAccountThatClaimsItIsNotSettled() {
    counts.accept(read("s1", HOUR, 2));
    counts.accept(fates("intake-0", Map.of(Fate.UNATTRIBUTED, 2L)));
    Map<Fate, Long> moved = Map.of(Fate.UNATTRIBUTED, -1L, Fate.BILLED, 1L);
    counts.accept(new LineCount("account-0", "s1", source(), HOUR, 0, 1, moved));
    assertThat(counts.totals().isSettled(2)).isFalse();

    counts.accept(new LineCount("account-1", "s1", source(), HOUR, 0, 1, Map.of()));
    assertThat(counts.totals().isSettled(2)).isTrue();
    assertThat(counts.totals().of(Fate.BILLED)).isEqualTo(1);
    assertThat(counts.totals().of(Fate.UNATTRIBUTED)).isEqualTo(1);
  }

  private static LineCount read(String shipment, Instant hour, long lines) {
    return new LineCount("shipper", shipment, source(), hour, lines, 0, Map.of());
  }

  private static LineCount fates(String writer, Map<Fate, Long> fates) {
    return new LineCount(writer, "s1", source(), HOUR, 0, 0, fates);
  }

  private static LineSource source() {
    return new LineSource("gateway-1", "/var/log/access.log");
  }
}
