package dev.taximeter.api.bills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of landed usage must do. */
public abstract class LandedUsageContract {
  private static final Instant OCTOBER = Instant.parse("2026-09-30T22:00:00Z");
  private static final Instant CHANGE = Instant.parse("2026-10-15T00:00:00Z");
  private static final Instant NOVEMBER = Instant.parse("2026-10-31T23:00:00Z");
  private static final Instant SETTLED = Instant.parse("2026-11-02T00:00:00Z");

  protected abstract void land(UsageEvent event) throws Exception;

  protected abstract LandedUsage store();

  private static UsageEvent event(
      String account, long sequence, String model, Instant completion, long input, long cached) {
    Usage usage =
        new Usage(
            "%032x".formatted(sequence),
            Fate.BILLED,
            "k",
            null,
            null,
            model,
            new TokenCounts(input, cached, 0, 7, 0),
            completion,
            completion,
            completion,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    return new UsageEvent(
        account,
        sequence,
        usage,
        "USD",
        BigDecimal.ONE,
        input == 0,
        List.of(
            new Charge(TokenClass.INPUT, "m*", "v1", input + cached, new BigDecimal("0.5")),
            new Charge(TokenClass.REQUEST, "*", "plan:p:v1", 1, new BigDecimal("0.000000000001"))),
        null,
        SETTLED.plusSeconds(sequence));
  }

  @BeforeEach
  void landSome() throws Exception {
    land(event("acme", 1, "a", OCTOBER.minusMillis(1), 1, 0));
    land(event("acme", 2, "a", OCTOBER, 100, 0));
    land(event("acme", 3, "a", CHANGE.minusMillis(1), 60, 40));
    land(event("acme", 4, "a", CHANGE, 100, 1));
    land(event("acme", 5, "b", CHANGE.plusMillis(1), 0, 0));
    land(event("acme", 6, "a", NOVEMBER.minusMillis(1), 1_000, 500));
    land(event("acme", 7, "a", NOVEMBER, 1, 0));
    land(event("globex", 1, "a", CHANGE, 5, 0));
    land(event("globex", 3, "a", CHANGE, 5, 0));
  }

  private static LandedUsage.Slice october(long sequence) {
    return new LandedUsage.Slice("acme", OCTOBER, NOVEMBER, sequence);
  }

  @Test
  void isCompleteOnlyWithoutGaps() {
    assertThat(store().isComplete("acme", 7)).isTrue();
    assertThat(store().isComplete("acme", 5)).isTrue();
    assertThat(store().isComplete("acme", 8)).isFalse();
    assertThat(store().isComplete("globex", 1)).isTrue();
    assertThat(store().isComplete("globex", 3)).isFalse();
    assertThat(store().isComplete("nobody", 0)).isTrue();
  }

  @Test
  void groupsWhatStandsOnTheSameLines() {
    assertThat(store().groups(october(7), List.of(CHANGE), List.of(100L, 1_000L), 100))
        .containsExactlyInAnyOrder(
            new TotalPrice.Group("a", OCTOBER, 0, new TokenCounts(160, 40, 0, 14, 0), 2),
            new TotalPrice.Group("a", CHANGE, 101, new TokenCounts(100, 1, 0, 7, 0), 1),
            new TotalPrice.Group("a", CHANGE, 1_001, new TokenCounts(1_000, 500, 0, 7, 0), 1),
            new TotalPrice.Group("b", CHANGE, 0, new TokenCounts(0, 0, 0, 7, 0), 1));
    assertThat(store().groups(october(3), List.of(), List.of(), 100))
        .containsExactly(
            new TotalPrice.Group("a", OCTOBER, 0, new TokenCounts(160, 40, 0, 14, 0), 2));
    assertThat(store().groups(october(7), List.of(CHANGE), List.of(100L), 2)).hasSize(2);
    assertThat(store().groups(october(1), List.of(CHANGE), List.of(100L), 2)).isEmpty();
  }

  @Test
  void sumsChargesByLine() {
    assertThat(store().charged(october(7), 100))
        .containsExactlyInAnyOrder(
            new BillLine("m*", TokenClass.INPUT, "v1", 1_801, new BigDecimal("2.5")),
            new BillLine(
                "*", TokenClass.REQUEST, "plan:p:v1", 5, new BigDecimal("0.000000000005")));
    assertThat(store().charged(october(7), 1)).hasSize(1);
  }

  @Test
  void tellsWhatWasKnownAtAnInstant() {
    assertThat(store().settledBy("acme", SETTLED.plusSeconds(5))).isEqualTo(5);
    assertThat(store().settledBy("acme", SETTLED.plusMillis(1_999))).isEqualTo(1);
    assertThat(store().settledBy("acme", SETTLED)).isZero();
    assertThat(store().counts(october(5))).isEqualTo(new LandedUsage.Counts(4, 1));
    assertThat(store().counts(october(1))).isEqualTo(new LandedUsage.Counts(0, 0));
  }
}
